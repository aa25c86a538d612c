/// A network of nodes and edges with capacities, and the cheapest edges that part its source from its sink.
///
/// Dinic's algorithm: E. A. Dinic, "Algorithm for solution of a problem of maximum flow in networks with power estimation", 1970.
public struct MinimumCut {
    /// More than any sum of capacities.
    public static let unlimited = Int.max / 4

    private struct Edge {
        let to: Int
        var capacity: Int
    }

    /// Edges in pairs: one, and the way back that flow on it opens.
    private var edges: [Edge] = []
    private var leaving: [[Int]] = []

    /// Makes a network without nodes.
    public init() {}

    /// Adds a node; gives its number.
    public mutating func addNode() -> Int {
        leaving.append([])
        return leaving.count - 1
    }

    /// Adds an edge.
    public mutating func addEdge(from: Int, to: Int, capacity: Int) {
        leaving[from].append(edges.count)
        edges.append(Edge(to: to, capacity: capacity))
        leaving[to].append(edges.count)
        edges.append(Edge(to: from, capacity: 0))
    }

    /// Finds the cut; gives for each node whether it is on the sink's side. Of several cuts that cost the same it is the one
    /// nearest to the sink.
    public mutating func sinkSide(source: Int, sink: Int) -> [Bool] {
        while let levels = levels(from: source, to: sink) {
            var next = [Int](repeating: 0, count: leaving.count)
            while push(from: source, to: sink, levels, &next) > 0 {}
        }
        var reaches = [Bool](repeating: false, count: leaving.count)
        reaches[sink] = true
        var stack = [sink]
        while let node = stack.popLast() {
            // The edge that comes in is the partner of the one that leaves.
            for edge in leaving[node] where edges[edge ^ 1].capacity > 0 && !reaches[edges[edge].to] {
                reaches[edges[edge].to] = true
                stack.append(edges[edge].to)
            }
        }
        return reaches
    }

    /// The distance of each node from the source along edges with room; nil where the sink is not reached.
    private func levels(from source: Int, to sink: Int) -> [Int]? {
        var levels = [Int](repeating: -1, count: leaving.count)
        levels[source] = 0
        var queue = [source]
        var at = 0
        while at < queue.count {
            let node = queue[at]
            at += 1
            for edge in leaving[node] where edges[edge].capacity > 0 && levels[edges[edge].to] < 0 {
                levels[edges[edge].to] = levels[node] + 1
                queue.append(edges[edge].to)
            }
        }
        return levels[sink] < 0 ? nil : levels
    }

    /// Sends flow along one shortest path; gives how much, 0 when there is none left.
    private mutating func push(from source: Int, to sink: Int, _ levels: [Int], _ next: inout [Int]) -> Int {
        var path: [Int] = []
        var node = source
        while node != sink {
            if next[node] < leaving[node].count {
                let edge = leaving[node][next[node]]
                if edges[edge].capacity > 0, levels[edges[edge].to] == levels[node] + 1 {
                    path.append(edge)
                    node = edges[edge].to
                } else {
                    next[node] += 1
                }
            } else {
                guard let last = path.popLast() else { return 0 }
                node = edges[last ^ 1].to
                next[node] += 1
            }
        }
        let amount = path.map { edges[$0].capacity }.min() ?? 0
        for edge in path {
            edges[edge].capacity -= amount
            edges[edge ^ 1].capacity += amount
        }
        return amount
    }
}
