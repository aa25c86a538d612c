import GraphIR
import GraphTracing
import HostTensors
import Layers
import Testing

/// Recurrent layers that go on from states, and hand them on.
@Suite struct RecurrentStateTests {
    private let sequence = Tensor([
        [[0.5, -1], [2, 0.25], [1, 1], [0.75, -2]], [[1, 0], [-1, 2], [0, 3], [2, -2]],
    ])

    /// Whether a sequence read in two parts gives the same outputs and states as read in one.
    private func readsInParts<Cell>(_ layer: Recurrent<Cell>) throws {
        let whole = layer(sequence, states: nil)
        let first = layer(sequence[.all, ..<3], states: nil)
        let second = layer(sequence[.all, 3...], states: first.states)
        #expect(whole.states.count == Cell.stateCount)
        #expect(try concat([first.output, second.output], axis: 1).evaluated().isClose(to: whole.output.evaluated()))
        for (state, expected) in zip(second.states, whole.states) {
            #expect(try state.evaluated().isClose(to: expected.evaluated()))
        }
        #expect(try whole.output.evaluated() == layer(sequence).evaluated())
        #expect(try whole.output[.all, -1].evaluated() == whole.states[0].evaluated())
    }

    @Test func sequencesGoOnFromStates() throws {
        try readsInParts(LSTM(units: 3, returnsSequences: true))
        try readsInParts(GRU(units: 3, returnsSequences: true))
        try readsInParts(SimpleRNN(units: 3, returnsSequences: true))
    }

    @Test func hiddenStepsLeaveTheStatesGiven() throws {
        let states = [Tensor([[1, 2], [3, 4]]), Tensor([[5, 6], [7, 8]])]
        let mask = Tensor(Array(repeating: false, count: 8), shape: [2, 4])
        let read = LSTM(units: 2)(sequence, mask: mask, states: states)
        for (state, given) in zip(read.states, states) { #expect(try state.evaluated() == given.evaluated()) }
    }

    /// PyTorch 2.13's numbers in float64, whose gates have the same order.
    @Test func statesAreWhereTheReferenceHasThem() throws {
        let layer = LSTM(units: 1, returnsSequences: true)
        let (x, states) = (Tensor([[[0.5, -1], [2, 0.25]]]), [Tensor([[0.25]]), Tensor([[-0.5]])])
        _ = layer(x)
        layer.cell.gates.weight.assign(Tensor([[0.1, -0.2, 0.3, 0.4], [0.5, 0.6, -0.7, 0.8]]))
        layer.cell.gates.recurrentWeight.assign(Tensor([[0.9, -0.1, 0.2, -0.3]]))
        let read = layer(x, states: states)
        try read.output.expectClose(to: HostTensor([0.011421388, 0.184358295] as [Float]).reshaped([1, 2, 1]), 1e-6)
        try read.states[0].expectClose(to: HostTensor(rows: [[0.184358295 as Float]]), 1e-6)
        try read.states[1].expectClose(to: HostTensor(rows: [[0.257988027 as Float]]), 1e-6)
        let slopes = gradients(of: read.output.sum(), withRespectTo: states)
        try slopes[0].expectClose(to: HostTensor(rows: [[0.177546672 as Float]]), 1e-6)
        try slopes[1].expectClose(to: HostTensor(rows: [[0.476770382 as Float]]), 1e-6)
    }

    @Test func statesThatDoNotFitAreAnError() {
        let zeros = Tensor.zeros(TensorType(.f32, [2, 3]))
        for (states, got) in [([zeros], "f32[2,3]"), ([], "none"), ([zeros, zeros[.all, ..<2]], "f32[2,3], f32[2,2]")] {
            let read = LSTM(units: 3)(sequence, states: states)
            #expect(
                "\(read.output)".contains(
                    "LSTM of 3 units over f32[2,4,2] needs the states f32[2,3], f32[2,3], got \(got) "
                        + "(give those of a call before, or nil to begin at zeros)"), "\(read.output)")
            #expect(read.states.count == 2)
        }
    }
}
