import HostTensors

/// Contraction of two tensors.
let dotOp = OpDefinition(
    name: "dot",
    summary: "Sum of products over `contract` axes [of x],[of y]; result axes: `batch`, free axes of x, then of y.",
    formula: "r[b, i, j] = Σₖ x[b, i, k] · y[b, k, j]", operands: .fixed(["x", "y"]), elements: .numbers,
    attributes: [
        AttributeSchema("contract", .intLists), AttributeSchema("batch", .intLists, default: .intLists([[], []])),
    ],
    infer: { input in
        let axes = try DotAxes(input)
        let (x, y) = (input.type(0), input.type(1))
        return [
            TensorType(
                x.dtype,
                axes.batch.0.map { x.shape[$0] } + axes.free.0.map { x.shape[$0] } + axes.free.1.map { y.shape[$0] })
        ]
    },
    meaning: .primitive { [try evaluateDot($0)] }, scalar: .none, gradient: .rule(dotGradient),
    fusion: .contraction, inPlace: [],
    flops: { operands, results, attributes in
        let contracted = attributes.intLists("contract").first ?? []
        return results[0].count * Dim.product(contracted.map { operands[0].shape[$0] }) * 2
    })

/// The axes of a `dot` by role, for each operand.
struct DotAxes {
    let contract: ([Int], [Int])
    let batch: ([Int], [Int])
    let free: ([Int], [Int])

    /// Sorts the axes of checked attributes.
    init(_ attributes: Attributes, ranks: (Int, Int)) {
        let contract = attributes.intLists("contract")
        let batch = attributes.intLists("batch")
        self.contract = (contract[0], contract[1])
        self.batch = (batch[0], batch[1])
        free = (
            (0..<ranks.0).filter { !contract[0].contains($0) && !batch[0].contains($0) },
            (0..<ranks.1).filter { !contract[1].contains($0) && !batch[1].contains($0) }
        )
    }

    /// Checks the attributes against the operands.
    init(_ input: InferenceInput) throws {
        let (x, y) = (input.type(0), input.type(1))
        try input.require(.numbers, of: 0, named: "x")
        try input.requireSameDType((0, "x"), (1, "y"))
        for name in ["contract", "batch"] {
            let lists = input.attributes.intLists(name)
            guard lists.count == 2, lists[0].count == lists[1].count else {
                throw input.failure("'\(name)' must be two lists of equally many axes, one for x and one for y")
            }
            try input.requireAxes(lists[0], rank: x.rank, attribute: name, ascending: false)
            try input.requireAxes(lists[1], rank: y.rank, attribute: name, ascending: false)
            for (one, other) in zip(lists[0], lists[1]) where x.shape[one] != y.shape[other] {
                throw input.failure(
                    "'\(name)' pairs axis \(one) of x \(x), which is \(x.shape[one]), "
                        + "with axis \(other) of y \(y), which is \(y.shape[other])",
                    remedy: "paired axes must have one size")
            }
        }
        self.init(input.attributes, ranks: (x.rank, y.rank))
        guard Set(contract.0).isDisjoint(with: batch.0), Set(contract.1).isDisjoint(with: batch.1) else {
            throw input.failure("an axis cannot be in both 'contract' and 'batch'")
        }
    }
}

/// Each operand's cotangent is the result's, contracted with the other operand over that one's free axes.
@Sendable
private func dotGradient(_ builder: inout FunctionBuilder, _ input: GradientInput) throws -> [ValueID?] {
    let (x, y) = (input.operand(0), input.operand(1))
    let axes = DotAxes(input.op.attributes, ranks: (builder.type(x).rank, builder.type(y).rank))
    let batchCount = axes.batch.0.count
    let batch = Array(0..<batchCount)
    let xFree = Array(batchCount..<batchCount + axes.free.0.count)
    let yFree = Array((batchCount + xFree.count)..<(batchCount + xFree.count + axes.free.1.count))

    var cotangents: [ValueID?] = [nil, nil]
    if input.wanted[0] {
        // Result axes: batch, free axes of x, then x's contracted axes in the order of y's.
        let forX = try builder.dot(input.cotangent, y, contract: (yFree, axes.free.1), batch: (batch, axes.batch.1))
        let contracted = axes.contract.1.indices.sorted { axes.contract.1[$0] < axes.contract.1[$1] }
        let order = axes.batch.0 + axes.free.0 + contracted.map { axes.contract.0[$0] }
        cotangents[0] = try restored(&builder, forX, order: order)
    }
    if input.wanted[1] {
        // Result axes: batch, y's contracted axes in the order of x's, then free axes of y.
        let forY = try builder.dot(x, input.cotangent, contract: (axes.free.0, xFree), batch: (axes.batch.0, batch))
        let contracted = axes.contract.0.indices.sorted { axes.contract.0[$0] < axes.contract.0[$1] }
        let order = axes.batch.1 + contracted.map { axes.contract.1[$0] } + axes.free.1
        cotangents[1] = try restored(&builder, forY, order: order)
    }
    return cotangents
}

/// Transposes a value whose axis i stands for axis `order[i]` to the order 0, 1, …
private func restored(_ builder: inout FunctionBuilder, _ value: ValueID, order: [Int]) throws -> ValueID {
    let permutation = order.indices.sorted { order[$0] < order[$1] }
    return permutation == Array(order.indices) ? value : try builder.transpose(value, permutation)
}
