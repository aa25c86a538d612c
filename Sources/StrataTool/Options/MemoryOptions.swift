import ArgumentParser
import Compiler
import GraphPasses

/// How much memory compiled code may take.
struct MemoryOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The most memory that states and a call may take, as 300M or 2G, for named dimensions of the largest size, or of "
                + "another: 300M@16. Values are computed again instead of being kept, until it is enough.",
            valueName: "bytes"))
    var memoryLimit: MemoryLimit?
}

extension MemoryLimit: ExpressibleByArgument {
    /// Reads `123456`, `300M`, `2G@16`.
    public init?(argument: String) {
        let parts = argument.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        let units: [Character: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
        let unit = parts[0].last.flatMap { units[$0] }
        guard let number = Int(unit == nil ? parts[0] : parts[0].dropLast()), number > 0 else { return nil }
        let (bytes, overflows) = number.multipliedReportingOverflow(by: unit ?? 1)
        guard !overflows else { return nil }
        guard parts.count == 2 else {
            self.init(bytes: bytes)
            return
        }
        guard let size = Int(parts[1]), size > 0 else { return nil }
        self.init(bytes: bytes, size: size)
    }
}

extension MemoryFit {
    /// A line for people: what was done, and what it costs.
    var text: String {
        let what =
            switch recomputation {
            case .nothing, .elementwise: "nothing more is computed again"
            case .rows: "rows and what products read are computed again"
            case .attention: "rows, what products read, and attention are computed again"
            }
        let more = ((work - 1) * 1000).rounded() / 10
        return "memory: \(bytes >> 20) MiB, without a limit \(usualBytes >> 20) MiB; \(what), \(more) % more arithmetic"
    }
}
