import GraphIR
import HostTensors
import OrderedCollections
import Testing

/// One use of one operation that the table-driven tests run: types with the symbol `B`, attributes, and what elements to try.
struct OpCase: Sendable, CustomTestStringConvertible {
    /// What the elements of an operand are drawn from.
    enum Domain: Sendable {
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

    var op: String
    var variant: String
    var operands: [(TensorType, Domain)]
    var attributes: Attributes
    /// The size of `B`.
    static let batch = 3

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

    var testDescription: String { variant.isEmpty ? op : "\(op) \(variant)" }

    /// The case with a number in place of `B`.
    func bound() throws -> OpCase {
        var bound = self
        let sizes = ["B": Self.batch]
        bound.operands = try operands.map { type, domain in
            (TensorType(type.dtype, try type.shape(sizes).map { Dim($0) }), domain)
        }
        bound.attributes = try attributes.mapValues { attribute in
            guard case .dims(let dims) = attribute else { return attribute }
            return .dims(try dims.map { Dim(try $0.value(sizes)) })
        }
        return bound
    }

    /// A tensor for each operand, the same in every run.
    func tensors() throws -> [HostTensor] {
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
    func module() throws -> GraphModule {
        var builder = FunctionBuilder(name: "main")
        let inputs = operands.enumerated().map { builder.input("x\($0)", $1.0) }
        for (at, result) in try builder.emit(op, inputs, attributes).enumerated() { builder.output("r\(at)", result) }
        return Self.module(of: builder)
    }

    /// A module with the dimension `B` around one function.
    static func module(of builder: FunctionBuilder) -> GraphModule {
        var module = GraphModule(name: "case")
        if builder.function.values.contains(where: { $0.type.constantShape == nil }) {
            module.dims = [DimSymbol("B", range: 1...64)]
        }
        module.functions = [builder.function]
        return module
    }
}

/// A type of f64 elements, in which gradients are checked.
func f64(_ shape: Dim...) -> TensorType { TensorType(.f64, shape) }
/// The symbolic batch.
let symbolicB = Dim(symbol: "B")
