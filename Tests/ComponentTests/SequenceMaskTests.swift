import GraphIR
import GraphTracing
import HostTensors
import Layers
import Testing

/// Recurrent layers over sequences of differing length, padded to one.
@Suite struct SequenceMaskTests {
    /// Whether each of two sequences gives the same alone as padded beside the other.
    private func readsPaddedAsAlone(_ layer: (Tensor, Tensor?) -> Tensor) throws {
        let first = Tensor([[[0.5, -1], [2, 0.25], [1, 1], [0.75, -2]]])
        let second = Tensor([[[1, 0.5], [-1, 2]]])
        // What stands behind the end must not matter.
        let padded = concat([first, concat([second, .full(100, TensorType(.f32, [1, 2, 2]))], axis: 1)])
        let mask = Tensor([true, true, true, true, true, true, false, false], shape: [2, 4])
        let together = layer(padded, mask)
        for (at, alone) in [layer(first, nil), layer(second, nil)].enumerated() {
            #expect(try together[at..<(at + 1)].evaluated().isClose(to: alone.evaluated()), "sequence \(at)")
        }
    }

    @Test func masksPassOverPadding() throws {
        let (lstm, gru, plain) = (LSTM(units: 3), GRU(units: 3), SimpleRNN(units: 3))
        let bidirectional = Bidirectional(LSTM(units: 3))
        try readsPaddedAsAlone { lstm($0, mask: $1) }
        try readsPaddedAsAlone { gru($0, mask: $1) }
        try readsPaddedAsAlone { plain($0, mask: $1) }
        try readsPaddedAsAlone { bidirectional($0, mask: $1) }
    }

    @Test func hiddenStepsRepeatTheOutputBefore() throws {
        let layer = GRU(units: 2, returnsSequences: true)
        let mask = Tensor([true, true, false], shape: [1, 3])
        let all = layer(Tensor([[[1, 2], [3, 4], [5, 6]]]), mask: mask)
        #expect(try all[0, 1].evaluated() == all[0, 2].evaluated())
        #expect(try all[0, 0].evaluated() != all[0, 1].evaluated())
    }
}
