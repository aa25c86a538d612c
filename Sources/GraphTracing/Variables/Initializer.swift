import GraphIR
import HostTensors

/// How the first value of a variable is made: an expression, so that it runs wherever the graph runs.
public struct Initializer: Sendable {
    /// What is asked for.
    public struct Request: Sendable {
        /// The type of the value.
        public var type: TensorType
        /// How many inputs feed one output unit.
        public var fanIn: Int
        /// How many output units one input feeds.
        public var fanOut: Int
        /// Where random numbers come from.
        public var random: RandomPosition

        /// Describes what is asked for.
        public init(type: TensorType, fanIn: Int, fanOut: Int, random: RandomPosition) {
            self.type = type
            self.fanIn = fanIn
            self.fanOut = fanOut
            self.random = random
        }
    }

    /// A name for messages and summaries.
    public let name: String
    private let make: @Sendable (Request) -> Tensor

    /// Makes an initializer from the expression of its value.
    public init(_ name: String, _ make: @escaping @Sendable (Request) -> Tensor) {
        self.name = name
        self.make = make
    }

    /// The first value, of the type that was asked for.
    public func value(_ request: Request) -> Tensor { make(request) }

    /// All zeros.
    public static let zeros = Initializer("zeros") { .zeros($0.type) }
    /// All ones.
    public static let ones = Initializer("ones") { .ones($0.type) }
    /// The same number everywhere.
    public static func constant(_ value: Double) -> Initializer {
        Initializer("constant") { .full(value, $0.type) }
    }
    /// The first value of another variable of the same model, which must come before.
    public static func value(of variable: Variable) -> Initializer { Initializer("copy") { _ in variable.value } }
    /// These numbers.
    public static func values(_ value: HostTensor) -> Initializer { Initializer("values") { _ in Tensor(value) } }
}
