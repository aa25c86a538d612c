import GraphIR
import GraphTracing
import HostTensors

/// A long short-term memory (Hochreiter and Schmidhuber, 1997).
public typealias LSTM = Recurrent<LSTMCell>

/// `i, f, g, o = x w + h u + b; c' = σ(f) c + σ(i) tanh(g); h' = σ(o) tanh(c')`.
///
/// The bias of the forget gate begins as 1, so that much is remembered at first (Jozefowicz et al., 2015).
public struct LSTMCell: RecurrentCell {
    /// The size of output and cell.
    public let units: Int
    /// The parameters: input, forget, cell and output gate.
    public let gates: Gates
    private let place: (file: String, line: Int)

    /// Makes a cell.
    public init(
        units: Int, kernelInitializer: Initializer = .glorotUniform,
        recurrentInitializer: Initializer = .orthogonal(), file: String = #fileID, line: Int = #line
    ) {
        self.units = units
        place = (file, line)
        gates = Gates(
            4, units: units, bias: Self.rememberingBias, input: kernelInitializer, recurrent: recurrentInitializer,
            file: file, line: line)
    }

    /// Two: the output and the cell.
    public static var stateCount: Int { 2 }
    /// `LSTM`.
    public static var name: String { "LSTM" }
    /// `x w + b` for all steps.
    public func projected(_ sequence: Tensor) -> Tensor { gates.projected(sequence) }
    /// The new output and cell.
    public func step(_ projected: Tensor, _ states: [Tensor]) -> [Tensor] {
        let parts = gates.split(projected + gates.recurrent(states[0]))
        let cell = sigmoid(parts[1]) * states[1] + sigmoid(parts[0]) * tanh(parts[2])
        return [sigmoid(parts[3]) * tanh(cell), cell]
    }
    /// A cell with parameters of its own.
    public func renewed() -> LSTMCell {
        LSTMCell(
            units: units, kernelInitializer: gates.inputInitializer,
            recurrentInitializer: gates.recurrentInitializer, file: place.file, line: place.line)
    }

    /// 1 in the second quarter, else 0.
    private static let rememberingBias = Initializer("remembering") { request in
        PlaceScope.withoutLines {
            let units = (request.type.shape[0].constant ?? 4) / 4
            let position = Tensor.iota(shape: request.type.shape)
            let isForget = (position .>= Double(units)) .& (position .< Double(2 * units))
            return isForget.cast(to: request.type.dtype)
        }
    }
}

extension Recurrent where Cell == LSTMCell {
    /// Makes a long short-term memory.
    public init(
        units: Int, returnsSequences: Bool = false, isReversed: Bool = false,
        kernelInitializer: Initializer = .glorotUniform, recurrentInitializer: Initializer = .orthogonal(),
        file: String = #fileID, line: Int = #line
    ) {
        self.init(
            LSTMCell(
                units: units, kernelInitializer: kernelInitializer, recurrentInitializer: recurrentInitializer,
                file: file, line: line),
            returnsSequences: returnsSequences, isReversed: isReversed, file: file, line: line)
    }
}
