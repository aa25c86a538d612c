import HostTensors

private let windowAttributes = [
    AttributeSchema("kind", .keyword(["sum", "max", "min"])), AttributeSchema("window", .ints),
    AttributeSchema("strides", .ints), AttributeSchema("padding", .intLists),
]

/// Operations over sliding windows.
let windowOps: [OpDefinition] = [
    OpDefinition(
        name: "reduceWindow",
        summary: "Every window combined; one entry of each attribute an axis; padding counts as the neutral element.",
        formula: "r[j] = Σ, max or min of x[j · strides + q - low] over q in the window", operands: .fixed(["x"]),
        elements: .numbers,
        attributes: windowAttributes,
        infer: { input in
            try input.require(.numbers, of: 0, named: "x")
            return try windowResult(input)
        },
        meaning: .primitive { [try evaluateReduceWindow($0)] }, scalar: .none,
        gradient: .rule { builder, input in
            let attributes = input.op.attributes
            return [
                try builder.windowScatter(
                    attributes.keyword("kind"), input.operand(0), cotangent: input.cotangent,
                    window: attributes.ints("window"), strides: attributes.ints("strides"),
                    padding: attributes.intLists("padding"))
            ]
        },
        fusion: .reduce, inPlace: [],
        flops: { _, results, attributes in results[0].count * Dim.product(attributes.ints("window").map { Dim($0) }) }),
    OpDefinition(
        name: "windowScatter",
        summary: "The gradient of `reduceWindow`: adds each element of `cotangent` to the first largest or smallest "
            + "element of its window in `x` (NaN counts as both), or to all of them.",
        formula: "r[i] = Σ cotangent[j] over windows j that chose i", operands: .fixed(["x", "cotangent"]),
        elements: .floats,
        attributes: windowAttributes,
        infer: { input in
            try input.require(.floats, of: 0, named: "x")
            try input.require(windowResult(input)[0], of: 1, named: "cotangent")
            return [input.type(0)]
        },
        meaning: .primitive { [try evaluateWindowScatter($0)] }, scalar: .none,
        gradient: .rule(windowScatterGradient), fusion: .opaque, inPlace: [],
        flops: { operands, _, attributes in operands[1].count * Dim.product(attributes.ints("window").map { Dim($0) }) }
    ),
]

extension GraphFunction {
    /// Whether the windows of a `reduceWindow` or `windowScatter` lie side by side and cover all of `x`: each element is in
    /// exactly one.
    public func hasTilingWindows(_ op: GraphOp) -> Bool {
        let attributes = op.attributes
        let shape = type(of: op.operands[0]).shape
        let windows = type(of: op.name == "windowScatter" ? op.operands[1] : op.results[0]).shape
        let sizes = attributes.ints("window")
        return sizes == attributes.ints("strides") && attributes.intLists("padding").joined().allSatisfy { $0 == 0 }
            && shape.indices.allSatisfy { shape[$0] == windows[$0] * Dim(sizes[$0]) }
    }
}

@Sendable
private func windowScatterGradient(_ builder: inout FunctionBuilder, _ input: GradientInput) throws -> [ValueID?] {
    let attributes = input.op.attributes
    guard attributes.keyword("kind") == "sum" else {
        throw GraphError(
            "windowScatter: a second derivative through windows of kind '\(attributes.keyword("kind"))' is not defined",
            remedy: "average pooling has one")
    }
    let gathered = try builder.reduceWindow(
        "sum", input.cotangent, window: attributes.ints("window"), strides: attributes.ints("strides"),
        padding: attributes.intLists("padding"))
    return [nil, gathered]
}

/// The result of a window operation with these attributes.
private func windowResult(_ input: InferenceInput) throws -> [TensorType] {
    try windowResult(
        input, of: input.type(0), window: input.ints("window"), strides: input.ints("strides"),
        padding: input.attributes.intLists("padding"))
}

/// The result of sliding a window over `x`, one entry of each list an axis.
func windowResult(
    _ input: InferenceInput, of x: TensorType, window: [Int], strides: [Int], padding: [[Int]]
) throws -> [TensorType] {
    try input.requireCount(x.rank, of: "window", got: window.count, per: "axis of \(x)")
    try input.requireCount(x.rank, of: "strides", got: strides.count, per: "axis of \(x)")
    try input.requirePadding(padding, count: x.rank, per: "axis of \(x)")
    try input.requireAtLeast(1, window, attribute: "window")
    try input.requireAtLeast(1, strides, attribute: "strides")
    let shape = try x.shape.indices.map { axis -> Dim in
        let around = padding[axis][0] + padding[axis][1]
        if window[axis] == 1 && strides[axis] == 1 { return x.shape[axis] + Dim(around) }
        guard let size = x.shape[axis].constant else {
            throw input.failure(
                "axis \(axis) of \(x) must have a constant size under a window of \(window[axis])",
                remedy: "window 1 and stride 1 leave a symbolic axis as it is")
        }
        guard size + around >= window[axis] else {
            throw input.failure(
                "a window of \(window[axis]) does not fit into axis \(axis) of \(x) with padding \(padding[axis])",
                remedy: "pad more or take a smaller window")
        }
        return Dim((size + around - window[axis]) / strides[axis] + 1)
    }
    return [TensorType(x.dtype, shape)]
}
