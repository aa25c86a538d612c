import HostTensors

/// The comparisons by the word written in graphs.
private let directions: [ScalarOp] = [.equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual]

/// Comparison and choice, element by element.
let comparisonOps: [OpDefinition] = [
    OpDefinition(
        name: "compare", summary: "Comparison; with NaN only `notEqual` is true. `false` is less than `true`.",
        formula: "x ≷ y", operands: .fixed(["x", "y"]), elements: .any,
        attributes: [AttributeSchema("direction", .keyword(directions.map(\.rawValue)))],
        infer: { input in
            try input.requireSameType((0, "x"), (1, "y"))
            return [TensorType(.bool, input.operands[0].shape)]
        },
        meaning: .primitive { input in
            [try comparison(input.attributes).evaluate(input.operands, to: .bool)]
        },
        scalar: .elementwise(comparison), gradient: .nonDifferentiable("its result is bool"),
        fusion: .elementwise, inPlace: [], flops: { _, results, _ in results[0].count }),
    OpDefinition(
        name: "select", summary: "The second operand where the condition holds, else the third.",
        formula: "condition ? x : y", operands: .fixed(["condition", "x", "y"]), elements: .any, attributes: [],
        infer: { input in
            try input.requireSameType((1, "x"), (2, "y"))
            try input.require(TensorType(.bool, input.operands[1].shape), of: 0, named: "condition")
            return [input.operands[1]]
        },
        meaning: .primitive { [try ScalarOp.select.evaluate($0.operands, to: $0.results[0].dtype)] },
        scalar: .elementwise { _ in .select },
        gradient: .rule { builder, input in
            let zero = try builder.splat(0, like: input.result)
            return [
                nil, try builder.select(input.operand(0), input.cotangent, zero),
                try builder.select(input.operand(0), zero, input.cotangent),
            ]
        },
        fusion: .elementwise, inPlace: [1, 2], flops: { _, results, _ in results[0].count }),
]

@Sendable
private func comparison(_ attributes: Attributes) throws -> ScalarOp {
    let word = attributes.keyword("direction")
    guard let op = directions.first(where: { $0.rawValue == word }) else {
        throw GraphError("compare: unknown direction '\(word)'")
    }
    return op
}
