import HostTensors

/// The element types an operation is defined on.
public enum DTypeClass: Sendable {
    case floats, numbers, integers, bools, integersAndBools, any
    /// 32-bit floating-point numbers only.
    case f32

    /// Whether it holds an element type.
    public func contains(_ dtype: DType) -> Bool {
        switch self {
        case .f32: dtype == .f32
        case .floats: dtype.isFloat
        case .numbers: dtype != .bool
        case .integers: dtype.isInteger
        case .bools: dtype == .bool
        case .integersAndBools: dtype.isInteger || dtype == .bool
        case .any: true
        }
    }

    /// The class in words, for messages and documentation.
    public var summary: String {
        switch self {
        case .f32: "f32"
        case .floats: "floating-point"
        case .numbers: "number"
        case .integers: "integer"
        case .bools: "bool"
        case .integersAndBools: "integer or bool"
        case .any: "any"
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

    /// A row for an elementwise operation of one operand through which no gradient flows.
    static func unary(
        _ name: String, _ scalar: ScalarOp, _ summary: String, _ formula: String, on class: DTypeClass,
        noGradient reason: String
    ) -> OpDefinition {
        elementwise(
            name, scalar, summary, formula, operands: ["x"], on: `class`, gradient: .nonDifferentiable(reason))
    }

    /// A row for an elementwise operation of two operands of one type.
    static func binary(
        _ name: String, _ scalar: ScalarOp, _ summary: String, _ formula: String, on class: DTypeClass,
        gradient: @escaping BinaryRule
    ) -> OpDefinition {
        elementwise(
            name, scalar, summary, formula, operands: ["x", "y"], on: `class`, gradient: .rule(gradient))
    }

    /// A row for an elementwise operation of two operands of one type through which no gradient flows.
    static func binary(
        _ name: String, _ scalar: ScalarOp, _ summary: String, _ formula: String, on class: DTypeClass,
        noGradient reason: String
    ) -> OpDefinition {
        elementwise(
            name, scalar, summary, formula, operands: ["x", "y"], on: `class`,
            gradient: .nonDifferentiable(reason))
    }

    /// A row for an elementwise operation whose operands share one type.
    static func elementwise(
        _ name: String, _ scalar: ScalarOp, _ summary: String, _ formula: String, operands: [String],
        on class: DTypeClass, gradient: GradientFacet
    ) -> OpDefinition {
        OpDefinition(
            name: name, summary: summary, formula: formula, operands: .fixed(operands), elements: `class`,
            attributes: [],
            infer: { input in
                let type = input.operands[0]
                guard `class`.contains(type.dtype) else {
                    throw input.failure(
                        "is defined on \(`class`.summary) elements, got \(type)", remedy: "cast the operand first")
                }
                for other in input.operands.dropFirst() where other != type {
                    throw input.failure(
                        "operands must have one type, got \(type) and \(other)",
                        remedy: "broadcast or cast one of them first")
                }
                return [TensorType(scalar.givesBool ? .bool : type.dtype, type.shape)]
            },
            meaning: .primitive { [try scalar.evaluate($0.operands, to: $0.results[0].dtype)] },
            scalar: .elementwise { _ in scalar }, gradient: gradient, fusion: .elementwise,
            inPlace: scalar.givesBool ? [] : Array(operands.indices), flops: { _, results, _ in results[0].count })
    }
}
