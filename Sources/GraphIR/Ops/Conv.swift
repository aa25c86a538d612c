import HostTensors

/// Convolution (cross-correlation) over one to three spatial axes.
let convOp = OpDefinition(
    name: "conv",
    summary: "Cross-correlation; spreads the input by `inputDilation`, pads it with zeros, and spreads the kernel.",
    formula: "r[n, p, o] = Σ x[n, p · strides + q · kernelDilation - low, i] · k[q, i, o] over q, i",
    operands: .fixed(["x", "kernel"]), elements: .numbers,
    attributes: [
        AttributeSchema("layout", .string), AttributeSchema("strides", .ints), AttributeSchema("padding", .intLists),
        AttributeSchema("inputDilation", .ints), AttributeSchema("kernelDilation", .ints),
        AttributeSchema("groups", .int, default: .int(1)),
    ],
    infer: { input in
        let geometry = try ConvGeometry(input)
        return [geometry.resultType]
    },
    meaning: .primitive { [try evaluateConv($0)] }, scalar: .none, gradient: .rule(convGradient),
    fusion: .contraction, inPlace: [],
    flops: { operands, results, attributes in
        guard let layout = try? ConvLayout(attributes.keyword("layout")) else { return 0 }
        let kernel = operands[1].shape
        let taps = layout.kernel.indices.filter { layout.kernel[$0] != "O" }.map { kernel[$0] }
        return results[0].count * Dim.product(taps) * 2
    })

/// Sizes and attributes of one convolution, by role.
struct ConvGeometry {
    let layout: ConvLayout
    let inputType: TensorType
    let kernelType: TensorType
    let strides: [Int]
    let padding: [[Int]]
    let inputDilation: [Int]
    let kernelDilation: [Int]
    let groups: Int
    /// Spatial sizes in layout order.
    let inputSizes: [Int]
    let kernelSizes: [Int]
    let resultSizes: [Int]

    /// Checks operands and attributes.
    init(_ input: InferenceInput) throws {
        do { layout = try ConvLayout(input.keyword("layout")) } catch let error as GraphError {
            throw input.failure(error.message, remedy: error.remedy)
        }
        (inputType, kernelType) = (input.type(0), input.type(1))
        let count = layout.spatial.count
        try input.require(.numbers, of: 0, named: "x")
        try input.requireSameDType((0, "x"), (1, "kernel"))
        try input.requireRank(count + 2, of: 0, named: "x of layout \(input.keyword("layout"))")
        try input.requireRank(count + 2, of: 1, named: "kernel of layout \(input.keyword("layout"))")
        let attributes = input.attributes
        (strides, padding) = (attributes.ints("strides"), attributes.intLists("padding"))
        (inputDilation, kernelDilation) = (attributes.ints("inputDilation"), attributes.ints("kernelDilation"))
        for (name, values) in [
            ("strides", strides), ("inputDilation", inputDilation), ("kernelDilation", kernelDilation),
        ] {
            try input.requireCount(count, of: name, got: values.count, per: "spatial axis")
            try input.requireAtLeast(1, values, attribute: name)
        }
        try input.requirePadding(padding, count: count, per: "spatial axis")
        groups = attributes.int("groups")
        (inputSizes, kernelSizes) = try Self.spatialSizes(input, layout)
        resultSizes = try Self.resultSizes(
            input, layout, inputSizes, kernelSizes, strides, padding, inputDilation, kernelDilation)
        try checkChannels(input)
    }

    /// The result's type.
    var resultType: TensorType {
        let shape = layout.result.map { letter -> Dim in
            switch letter {
            case "N": inputType.shape[layout.inputAxis("N")]
            case "C": kernelType.shape[layout.kernelAxis("O")]
            default: Dim(resultSizes[layout.spatial.firstIndex(of: letter) ?? 0])
            }
        }
        return TensorType(inputType.dtype, shape)
    }

    private static func spatialSizes(_ input: InferenceInput, _ layout: ConvLayout) throws -> ([Int], [Int]) {
        let (x, kernel) = (input.type(0), input.type(1))
        let sizes = try layout.spatial.map { letter -> (Int, Int) in
            guard let size = x.shape[layout.inputAxis(letter)].constant,
                let taps = kernel.shape[layout.kernelAxis(letter)].constant
            else {
                throw input.failure(
                    "spatial axis \(letter) of \(x) and \(kernel) must have constant sizes",
                    remedy: "only batch and channels can be symbolic")
            }
            return (size, taps)
        }
        return (sizes.map(\.0), sizes.map(\.1))
    }

    private static func resultSizes(
        _ input: InferenceInput, _ layout: ConvLayout, _ inputs: [Int], _ kernels: [Int], _ strides: [Int],
        _ padding: [[Int]], _ inputDilation: [Int], _ kernelDilation: [Int]
    ) throws -> [Int] {
        try layout.spatial.indices.map { axis in
            let spread = spreadSize(inputs[axis], inputDilation[axis])
            let padded = padding[axis][0] + spread + padding[axis][1]
            let reach = spreadSize(kernels[axis], kernelDilation[axis])
            guard kernels[axis] > 0, padded >= reach else {
                throw input.failure(
                    "axis \(layout.spatial[axis]): a kernel that reaches over \(reach) does not fit into \(padded) "
                        + "(x \(input.type(0)), kernel \(input.type(1)), padding \(padding[axis]))",
                    remedy: "pad more or take a smaller kernel")
            }
            return (padded - reach) / strides[axis] + 1
        }
    }

    private func checkChannels(_ input: InferenceInput) throws {
        let channels = inputType.shape[layout.inputAxis("C")]
        let perGroup = kernelType.shape[layout.kernelAxis("I")]
        let results = kernelType.shape[layout.kernelAxis("O")]
        guard groups >= 1, channels == perGroup * Dim(groups) else {
            throw input.failure(
                "x \(inputType) has \(channels) channels, kernel \(kernelType) takes \(perGroup) in each of "
                    + "\(groups) groups", remedy: "expected a kernel whose I is C divided by groups")
        }
        guard groups == 1 || results.dividedExactly(by: Dim(groups)) != nil && channels.constant != nil else {
            throw input.failure("\(groups) groups must divide the kernel's \(results) result channels")
        }
    }
}

/// The extent of `size` elements with `dilation - 1` gaps between neighbours.
func spreadSize(_ size: Int, _ dilation: Int) -> Int { size == 0 ? 0 : (size - 1) * dilation + 1 }
