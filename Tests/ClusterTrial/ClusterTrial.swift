import Cluster

/// Every operation of a cluster on data of which order and place can be told: threads and processes must get the same.
public enum ClusterTrial {
    /// Lengths of what is added up: nothing, less than there are processes, not divisible, and some that fill caches.
    public static let lengths = [0, 1, 2, 7, 1_000, 100_003]

    /// The numbers of one process: of many magnitudes, so that the bits of a sum depend on its order.
    public static func numbers(_ count: Int, rank: Int) -> [Float] {
        var state = UInt64(rank + 1) &* 0x9E37_79B9_7F4A_7C15
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let mantissa = Float(Int32(truncatingIfNeeded: state >> 33)) / Float(1 << 30)
            return mantissa * Float(sign: .plus, exponent: Int(state >> 60) - 8, significand: 1)
        }
    }

    /// What `sum` has to give: numbers added in order of rank.
    public static func sums(_ count: Int, processes: Int) -> [Float] {
        var sums = numbers(count, rank: 0)
        for rank in 1..<max(1, processes) where processes > 1 {
            for (at, number) in numbers(count, rank: rank).enumerated() { sums[at] += number }
        }
        return sums
    }

    /// Adds up this process's numbers.
    public static func sum(
        _ mine: [Float], _ cluster: Cluster, _ name: String, signals: Cluster.Signals = []
    ) throws -> (sums: [Float], signals: Cluster.Signals) {
        var sums = [Float](repeating: -1, count: mine.count)
        let signals = try mine.withUnsafeBufferPointer { mine in
            try sums.withUnsafeMutableBufferPointer { try cluster.sum(mine, into: $0, name, signals: signals) }
        }
        return (sums, signals)
    }

    /// Does every operation, with sums of `longest` numbers at most, and gives a line for each: the same ones in all processes.
    public static func run(_ cluster: Cluster, longest: Int = .max) throws -> [String] {
        var lines = ["\(cluster.count) processes"]
        for length in lengths where length <= longest {
            let result = try sum(numbers(length, rank: cluster.rank), cluster, "sum of \(length)").sums
            lines.append("sum of \(length): \(digest(result.map(\.bitPattern)))")
        }
        let parts = try cluster.gather((0..<1_000).map { UInt8(truncatingIfNeeded: $0 * (cluster.rank + 3)) }, "parts")
        lines.append("gathered: \(parts.map { digest($0.map(UInt32.init)) })")
        let told = try cluster.broadcast(
            cluster.isFirst ? (0..<5_001).map { UInt8(truncatingIfNeeded: $0 * 7) } : [], "what process 0 has")
        lines.append("told: \(told.count) bytes, \(digest(told.map(UInt32.init)))")
        lines.append("least: \(try cluster.agreeOnLeast(100 - cluster.rank, "least"))")
        // The last process asks for a checkpoint.
        let isLast = cluster.rank == cluster.count - 1
        lines.append("signals: \(try cluster.meet("signals", signals: isLast ? .save : []).rawValue)")
        return lines
    }

    /// A short text that differs when the words or their order do (FNV-1a).
    static func digest(_ words: [UInt32]) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for word in words { hash = (hash ^ UInt64(word)) &* 0x100_0000_01b3 }
        return String(hash, radix: 16)
    }
}
