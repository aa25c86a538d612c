import GraphIR
import HostTensors
import OrderedCollections

/// One use of one operation that the table-driven tests run: types with the symbol `B`, attributes, and what elements to try.
public struct OpCase: Sendable, CustomStringConvertible {
    /// What the elements of an operand are drawn from.
    public enum Domain: Sendable {
        /// Distinct numbers in -2...2, none near 0 or a half.
        case anywhere
        /// Distinct numbers in 0.4...2.4.
        case positive
        /// Distinct numbers in -0.8...0.8.
        case small
        /// Whole numbers from 0 up to a bound.
        case below(Int)
        /// All elements this number.
        case exactly(Double)
    }

    /// The operation.
    public var op: String
    /// What is special about the case, empty if nothing is.
    public var variant: String
    /// Types and elements of the operands.
    public var operands: [(TensorType, Domain)]
    /// The attributes that are not left to their defaults.
    public var attributes: Attributes
    /// The size of `B`.
    public static let batch = 3

    init(_ op: String, _ operands: [(TensorType, Domain)], _ attributes: Attributes = [:]) {
        self.init(op, "", operands, attributes)
    }

    init(
        _ op: String, _ variant: String, _ operands: [(TensorType, Domain)], _ attributes: Attributes = [:]
    ) {
        self.op = op
        self.variant = variant
        self.operands = operands
        self.attributes = attributes
    }

    /// The operation and the variant.
    public var description: String { variant.isEmpty ? op : "\(op) \(variant)" }

    /// The case with a number in place of `B`.
    public func bound() throws -> OpCase {
        var bound = self
        let sizes = ["B": Self.batch]
        bound.operands = try operands.map { type, domain in
            (TensorType(type.dtype, try type.shape(sizes).map { Dim($0) }), domain)
        }
        bound.attributes = try attributes.mapValues { try $0.bound(to: sizes) }
        return bound
    }

    /// A tensor for each operand, the same in every run.
    public func tensors() throws -> [HostTensor] {
        try operands.enumerated().map { at, operand in
            let (type, domain) = operand
            let shape = try type.shape(["B": Self.batch])
            let uniform = RandomStream.uniform(
                seed: 11, stream: UInt32(at), step: UInt64(op.utf8.reduce(0) { $0 * 31 % 1009 + Int($1) }),
                count: shape.reduce(1, *))
            let elements = uniform.enumerated().map { index, number -> Double in
                let spread = Double(number)
                switch domain {
                case .anywhere: return Self.avoidingKinks(4 * spread - 2 + 1e-4 * Double(index))
                case .positive: return 0.4 + 2 * spread
                case .small: return 1.6 * spread - 0.8
                case .below(let bound): return (spread * Double(bound)).rounded(.down)
                case .exactly(let value): return value
                }
            }
            return try HostTensor(elements, shape: shape).converted(to: type.dtype)
        }
    }

    private static func avoidingKinks(_ x: Double) -> Double {
        let distance = (2 * x).rounded() / 2 - x
        return distance.magnitude < 0.02 ? x + 0.05 : x
    }

    /// A module whose function `main` applies the operation to inputs `x0`, `x1`, … and outputs `r0`, `r1`, ….
    public func module() throws -> GraphModule {
        var builder = FunctionBuilder(name: "main")
        let inputs = operands.enumerated().map { builder.input("x\($0)", $1.0) }
        for (at, result) in try builder.emit(op, inputs, attributes).enumerated() { builder.output("r\(at)", result) }
        return Self.module(of: builder)
    }

    /// A module with the dimension `B` around one function.
    public static func module(of builder: FunctionBuilder) -> GraphModule {
        var module = GraphModule(name: "case")
        if builder.function.values.contains(where: { $0.type.constantShape == nil }) {
            module.dims = [DimSymbol("B", range: 1...64)]
        }
        module.functions = [builder.function]
        return module
    }
}

/// A type of f64 elements, in which gradients are checked.
public func f64(_ shape: Dim...) -> TensorType { TensorType(.f64, shape) }
/// The symbolic batch.
public let symbolicB = Dim(symbol: "B")

extension OpCase {
    /// The case with elements of another type in place of `f64`.
    public func retyped(to dtype: DType) -> OpCase {
        // A body has types of its own.
        if attributes.values.contains(where: { if case .function = $0 { true } else { false } }) { return self }
        var retyped = self
        retyped.operands = operands.map { ($0.0.dtype == .f64 ? TensorType(dtype, $0.0.shape) : $0.0, $0.1) }
        return retyped
    }

    /// A module whose function `main` does all cases, and its inputs.
    public static func combined(_ cases: [OpCase]) throws -> (module: GraphModule, inputs: [HostTensor]) {
        var builder = FunctionBuilder(name: "main")
        var inputs: [HostTensor] = []
        for (number, opCase) in cases.enumerated() {
            let values = opCase.operands.enumerated().map { builder.input("x\(number)_\($0)", $1.0) }
            inputs += try opCase.tensors()
            for (at, result) in try builder.emit(opCase.op, values, opCase.attributes).enumerated() {
                builder.output("r\(number)_\(at)", result)
            }
        }
        return (module(of: builder), inputs)
    }

    /// A module with one function a case: `f0`, `f1`, ….
    public static func module(of cases: [OpCase]) throws -> GraphModule {
        var module = GraphModule(name: "cases")
        module.dims = [DimSymbol("B", range: 1...64)]
        module.functions = try cases.enumerated().map { at, opCase in
            var function = try opCase.module().functions[0]
            function.name = "f\(at)"
            return function
        }
        return module
    }
}
