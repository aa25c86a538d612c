import GraphIR
import GraphTracing
import HostTensors

/// What a recurrent layer does in one step of time.
public protocol RecurrentCell: Sendable {
    /// The size of each state.
    var units: Int { get }
    /// How many states it carries from step to step; the first is the output.
    static var stateCount: Int { get }
    /// What its layers are called: `LSTM`.
    static var name: String { get }
    /// What depends on the input alone, for all steps at once: [batch, time, …].
    func projected(_ sequence: Tensor) -> Tensor
    /// The new states, [batch, units] each, from one step of what was projected and the old states.
    func step(_ projected: Tensor, _ states: [Tensor]) -> [Tensor]
    /// A cell of the same kind with parameters of its own.
    func renewed() -> Self
}

/// A cell run over the steps of a sequence [batch, time, features] of constant time.
public struct Recurrent<Cell: RecurrentCell>: ScopedLayer {
    /// What is done in a step.
    public let cell: Cell
    /// Whether the result is the output of every step, [batch, time, units], or that of the last, [batch, units].
    public let returnsSequences: Bool
    /// Whether it begins at the end of the sequence. Outputs keep their steps' places.
    public let isReversed: Bool
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes a layer of a cell.
    public init(
        _ cell: Cell, returnsSequences: Bool = false, isReversed: Bool = false, file: String = #fileID,
        line: Int = #line
    ) {
        self.cell = cell
        self.returnsSequences = returnsSequences
        self.isReversed = isReversed
        scope = LayerScope(Cell.name, file: file, line: line)
    }

    /// The outputs, or the last of them.
    public func apply(_ input: Tensor) -> Tensor { run(input, mask: nil) }

    /// The same for sequences of differing length: steps where `mask`, a bool of [batch, time], is false leave the states, and so
    /// the output, as they are. The last output is then that of each sequence's last step.
    public func callAsFunction(
        _ input: Tensor, mask: Tensor?, file: String = #fileID, line: Int = #line
    ) -> Tensor {
        scope.call(file: file, line: line) { run(input, mask: mask) }
    }

    /// The same for sequences that go on from `states`, those after an earlier part of theirs or of an encoder, with the states after
    /// the last step: [batch, units] each, h for `SimpleRNN` and `GRU`, h and c for `LSTM`. Without any, they begin at zeros.
    public func callAsFunction(
        _ input: Tensor, mask: Tensor? = nil, states: [Tensor]?, file: String = #fileID, line: Int = #line
    ) -> (output: Tensor, states: [Tensor]) {
        scope.call(file: file, line: line) { run(input, mask: mask, from: states) }
    }

    /// The same, inside a layer that has its own place.
    func run(_ input: Tensor, mask: Tensor?) -> Tensor { run(input, mask: mask, from: nil).output }

    private func run(_ input: Tensor, mask: Tensor?, from given: [Tensor]?) -> (output: Tensor, states: [Tensor]) {
        if let failed = mistake(input, mask: mask, states: given) {
            return (failed, Array(repeating: failed, count: Cell.stateCount))
        }
        let projected = cell.projected(input).transposed([1, 0, 2])
        let shown = mask.map { [$0.transposed().expanded(at: -1)] } ?? []
        let zeros = Array(repeating: Tensor.zeros(stateType(for: input)), count: Cell.stateCount)
        let all = scan(given ?? zeros, over: [projected] + shown, reverse: isReversed) { states, elements in
            var new = cell.step(elements[0], states)
            if mask != nil { new = zip(new, states).map { select(elements[1], $0, $1) } }
            return (new, returnsSequences ? [new[0]] : [])
        }
        return (returnsSequences ? all.outputs[0].transposed([1, 0, 2]) : all.carries[0], all.carries)
    }

    private func stateType(for input: Tensor) -> TensorType {
        TensorType(input.dtype, [input.dim(0), Dim(cell.units)])
    }

    /// A tensor that carries the error of what was given; nil if it fits together.
    private func mistake(_ input: Tensor, mask: Tensor?, states: [Tensor]?) -> Tensor? {
        for tensor in [input, mask ?? input] + (states ?? []) where tensor.isFailed { return tensor }
        if let failed = Tensor.tooSmall(Cell.name, ["units": [cell.units]]) { return failed }
        guard input.rank == 3, input.dim(1).constant != nil, input.dim(2).constant != nil, input.dtype.isFloat else {
            return Tensor(
                failure: GraphError(
                    "\(Cell.name) of \(cell.units) units needs floating-point sequences [batch, time, features] with "
                        + "constant time and features, got \(input.type)", place: PlaceScope.current?.description,
                    remedy: "reshape the input, or embed it first"))
        }
        if let mask, mask.type != TensorType(.bool, [input.dim(0), input.dim(1)]) {
            return Tensor(
                failure: GraphError(
                    "\(Cell.name) over \(input.type) needs a mask \(TensorType(.bool, [input.dim(0), input.dim(1)])), got "
                        + "\(mask.type)", place: PlaceScope.current?.description,
                    remedy: "give a truth value for each step of each sequence"))
        }
        let wanted = Array(repeating: stateType(for: input), count: Cell.stateCount)
        if let states, states.map(\.type) != wanted {
            func text(_ types: [TensorType]) -> String { types.map { "\($0)" }.joined(separator: ", ") }
            return Tensor(
                failure: GraphError(
                    "\(Cell.name) of \(cell.units) units over \(input.type) needs the states \(text(wanted)), got "
                        + (states.isEmpty ? "none" : text(states.map(\.type))), place: PlaceScope.current?.description,
                    remedy: "give those of a call before, or nil to begin at zeros"))
        }
        return nil
    }

    /// A layer of the same kind with parameters of its own that runs the other way.
    func reversed(file: String, line: Int) -> Recurrent {
        Recurrent(
            cell.renewed(), returnsSequences: returnsSequences, isReversed: !isReversed, file: file, line: line)
    }
}

/// One recurrent layer forward and another backward over the same sequence.
public struct Bidirectional<Cell: RecurrentCell>: ScopedLayer {
    /// What becomes of the two results.
    public enum Merge: String, Sendable, Hashable, CaseIterable {
        /// Side by side along the last axis.
        case concatenate
        /// Their sum.
        case sum
        /// Their product.
        case product
        /// Their mean.
        case mean
    }

    /// The layer that was given.
    public let forward: Recurrent<Cell>
    /// Its like in the other direction, with parameters of its own.
    public let backward: Recurrent<Cell>
    /// What becomes of the two results.
    public let merge: Merge
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes a layer that runs both ways.
    public init(
        _ layer: Recurrent<Cell>, merge: Merge = .concatenate, file: String = #fileID, line: Int = #line
    ) {
        forward = layer
        backward = layer.reversed(file: file, line: line)
        self.merge = merge
        scope = LayerScope("Bidirectional", file: file, line: line)
    }

    /// Both results, merged.
    public func apply(_ input: Tensor) -> Tensor { run(input, mask: nil) }

    /// The same for sequences of differing length: steps where `mask`, a bool of [batch, time], is false are passed over both
    /// ways.
    public func callAsFunction(
        _ input: Tensor, mask: Tensor?, file: String = #fileID, line: Int = #line
    ) -> Tensor {
        scope.call(file: file, line: line) { run(input, mask: mask) }
    }

    private func run(_ input: Tensor, mask: Tensor?) -> Tensor {
        let (one, other) = (forward.run(input, mask: mask), backward.run(input, mask: mask))
        switch merge {
        case .concatenate: return concat([one, other], axis: -1)
        case .sum: return one + other
        case .product: return one * other
        case .mean: return (one + other) * 0.5
        }
    }
}
