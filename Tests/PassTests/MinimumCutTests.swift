import GraphPasses
import HostTensors
import Testing

/// Cuts of small random networks cost as little as the best of all cuts.
@Suite struct MinimumCutTests {
    @Test(arguments: UInt64(1)...40)
    func costsTheLeast(seed: UInt64) {
        let nodes = 8
        let numbers = RandomStream.uniform(seed: seed, stream: 0, step: 0, count: nodes * nodes)
        var cut = MinimumCut()
        for _ in 0..<nodes { _ = cut.addNode() }
        var edges: [(from: Int, to: Int, capacity: Int)] = []
        for from in 0..<nodes {
            for to in 0..<nodes where from != to && numbers[from * nodes + to] < 0.4 {
                edges.append((from, to, Int(numbers[from * nodes + to] * 50)))
            }
        }
        for edge in edges { cut.addEdge(from: edge.from, to: edge.to, capacity: edge.capacity) }
        func cost(_ isOnSinkSide: (Int) -> Bool) -> Int {
            edges.reduce(0) { !isOnSinkSide($1.from) && isOnSinkSide($1.to) ? $0 + $1.capacity : $0 }
        }
        // Node 0 is the source, the last the sink; every other may be on either side.
        let best = (0..<(1 << (nodes - 2))).map { sides in
            cost { $0 == nodes - 1 || $0 > 0 && sides >> ($0 - 1) & 1 == 1 }
        }.min()
        let found = cut.sinkSide(source: 0, sink: nodes - 1)
        #expect(!found[0] && found[nodes - 1])
        #expect(cost { found[$0] } == best)
    }
}
