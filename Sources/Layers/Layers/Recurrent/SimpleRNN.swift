import GraphTracing

/// A layer whose output is an activation of its input and its output before.
public typealias SimpleRNN = Recurrent<SimpleCell>

/// `h' = activation(x w + h u + b)`.
public struct SimpleCell: RecurrentCell {
    /// The size of the output.
    public let units: Int
    /// Applied to the sum.
    public let activation: Activation
    /// The parameters.
    public let gates: Gates
    private let place: (file: String, line: Int)

    /// Makes a cell.
    public init(
        units: Int, activation: Activation = .tanh, kernelInitializer: Initializer = .glorotUniform,
        recurrentInitializer: Initializer = .orthogonal(), file: String = #fileID, line: Int = #line
    ) {
        self.units = units
        self.activation = activation
        place = (file, line)
        gates = Gates(
            1, units: units, input: kernelInitializer, recurrent: recurrentInitializer, file: file, line: line)
    }

    /// One: the output.
    public static var stateCount: Int { 1 }
    /// `SimpleRNN`.
    public static var name: String { "SimpleRNN" }
    /// `x w + b` for all steps.
    public func projected(_ sequence: Tensor) -> Tensor { gates.projected(sequence) }
    /// The new output.
    public func step(_ projected: Tensor, _ states: [Tensor]) -> [Tensor] {
        [activation(projected + gates.recurrent(states[0]))]
    }
    /// A cell with parameters of its own.
    public func renewed() -> SimpleCell {
        SimpleCell(
            units: units, activation: activation, kernelInitializer: gates.inputInitializer,
            recurrentInitializer: gates.recurrentInitializer, file: place.file, line: place.line)
    }
}

extension Recurrent where Cell == SimpleCell {
    /// Makes a simple recurrent layer.
    public init(
        units: Int, activation: Activation = .tanh, returnsSequences: Bool = false, isReversed: Bool = false,
        kernelInitializer: Initializer = .glorotUniform, recurrentInitializer: Initializer = .orthogonal(),
        file: String = #fileID, line: Int = #line
    ) {
        self.init(
            SimpleCell(
                units: units, activation: activation, kernelInitializer: kernelInitializer,
                recurrentInitializer: recurrentInitializer, file: file, line: line),
            returnsSequences: returnsSequences, isReversed: isReversed, file: file, line: line)
    }
}
