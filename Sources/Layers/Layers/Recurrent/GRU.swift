import GraphIR
import GraphTracing
import HostTensors

/// A gated recurrent unit (Cho et al., 2014).
public typealias GRU = Recurrent<GRUCell>

/// `z, r = σ(x w + b + h u + d); n = tanh(x w + b + r (h u + d)); h' = z h + (1 - z) n`, each with its part of w, u, b, d.
public struct GRUCell: RecurrentCell {
    /// The size of the output.
    public let units: Int
    /// The parameters: update gate, reset gate and candidate.
    public let gates: Gates
    /// Added to what comes from the output before, [3 · units].
    public let recurrentBias: Parameter
    private let place: (file: String, line: Int)

    /// Makes a cell.
    public init(
        units: Int, kernelInitializer: Initializer = .glorotUniform,
        recurrentInitializer: Initializer = .orthogonal(), file: String = #fileID, line: Int = #line
    ) {
        self.units = units
        place = (file, line)
        gates = Gates(
            3, units: units, input: kernelInitializer, recurrent: recurrentInitializer, file: file, line: line)
        recurrentBias = Parameter(initializer: .zeros, name: "recurrentBias", file: file, line: line)
    }

    /// One: the output.
    public static var stateCount: Int { 1 }
    /// `GRU`.
    public static var name: String { "GRU" }
    /// `x w + b` for all steps.
    public func projected(_ sequence: Tensor) -> Tensor { gates.projected(sequence) }
    /// The new output.
    public func step(_ projected: Tensor, _ states: [Tensor]) -> [Tensor] {
        let h = states[0]
        let given = gates.split(projected)
        let recurrent = gates.split(
            gates.recurrent(h) + recurrentBias.value(of: TensorType(h.dtype, [Dim(3 * units)])))
        let update = sigmoid(given[0] + recurrent[0])
        let candidate = tanh(given[2] + sigmoid(given[1] + recurrent[1]) * recurrent[2])
        return [candidate + update * (h - candidate)]
    }
    /// A cell with parameters of its own.
    public func renewed() -> GRUCell {
        GRUCell(
            units: units, kernelInitializer: gates.inputInitializer,
            recurrentInitializer: gates.recurrentInitializer, file: place.file, line: place.line)
    }
}

extension Recurrent where Cell == GRUCell {
    /// Makes a gated recurrent unit.
    public init(
        units: Int, returnsSequences: Bool = false, isReversed: Bool = false,
        kernelInitializer: Initializer = .glorotUniform, recurrentInitializer: Initializer = .orthogonal(),
        file: String = #fileID, line: Int = #line
    ) {
        self.init(
            GRUCell(
                units: units, kernelInitializer: kernelInitializer, recurrentInitializer: recurrentInitializer,
                file: file, line: line),
            returnsSequences: returnsSequences, isReversed: isReversed, file: file, line: line)
    }
}
