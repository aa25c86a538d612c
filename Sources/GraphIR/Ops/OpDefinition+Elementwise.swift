import HostTensors

/// The element types an elementwise operation is defined on.
enum DTypeClass: String, Sendable {
    case floats, numbers, integers, bools, integersAndBools, any

    func contains(_ dtype: DType) -> Bool {
        switch self {
        case .floats: dtype.isFloat
        case .numbers: dtype != .bool
        case .integers: dtype.isInteger
        case .bools: dtype == .bool
        case .integersAndBools: dtype.isInteger || dtype == .bool
        case .any: true
        }
    }
}

extension OpDefinition {
    typealias UnaryRule = @Sendable (inout FunctionBuilder, GradientInput) throws -> ValueID?
    typealias BinaryRule = @Sendable (inout FunctionBuilder, GradientInput) throws -> [ValueID?]

    /// A row for an elementwise operation of one operand.
    static func unary(
        _ name: String, _ scalar: ScalarOp, _ summary: String, _ formula: String, on class: DTypeClass,
        gradient: @escaping UnaryRule
    ) -> OpDefinition {
        elementwise(
            name, scalar, summary, formula, operands: ["x"], on: `class`,
            gradient: .rule { builder, input in [try gradient(&builder, input)] })
    }

    /// A row for an elementwise operation of two operands of one type.
    static func binary(
        _ name: String, _ scalar: ScalarOp, _ summary: String, _ formula: String, on class: DTypeClass,
        gradient: @escaping BinaryRule
    ) -> OpDefinition {
        elementwise(
            name, scalar, summary, formula, operands: ["x", "y"], on: `class`, gradient: .rule(gradient))
    }

    /// A row for an elementwise operation whose operands share one type.
    static func elementwise(
        _ name: String, _ scalar: ScalarOp, _ summary: String, _ formula: String, operands: [String],
        on class: DTypeClass, gradient: GradientFacet
    ) -> OpDefinition {
        OpDefinition(
            name: name, summary: summary, formula: formula, operands: .fixed(operands), attributes: [],
            infer: { input in
                let type = input.operands[0]
                guard `class`.contains(type.dtype) else {
                    throw input.failure("is defined on \(`class`.rawValue), got \(type)")
                }
                for other in input.operands.dropFirst() where other != type {
                    throw input.failure(
                        "operands must have one type, got \(type) and \(other)",
                        remedy: "broadcast or cast one of them first")
                }
                return [TensorType(scalar.givesBool ? .bool : type.dtype, type.shape)]
            },
            meaning: .primitive { try [evaluateElementwise(scalar, $0.operands, result: $0.results[0])] },
            scalar: .elementwise { _ in scalar }, gradient: gradient, fusion: .elementwise,
            inPlace: Array(operands.indices), flops: { _, results, _ in results[0].count })
    }
}
