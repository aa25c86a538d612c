import ArgumentParser
import Benchmarking
import Compiler
import Execution
import GraphIR
import GraphPasses
import KernelIR

/// A number of bytes with a unit: `200MiB`.
struct ByteCount: ExpressibleByArgument {
    let bytes: Int

    private static let units = [
        "B": 1.0, "KiB": 0x1p10, "MiB": 0x1p20, "GiB": 0x1p30, "kB": 1e3, "MB": 1e6, "GB": 1e9,
    ]

    init?(argument: String) {
        let number = argument.prefix { $0.isNumber || $0 == "." }
        guard let count = Double(number), let unit = Self.units[String(argument.dropFirst(number.count))],
            count > 0, count * unit < 0x1p62
        else { return nil }
        bytes = Int(count * unit)
    }
}

/// How much memory compiled code may plan for.
struct MemoryOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Plan no more memory than this for a call, states included, such as 200MiB; values are computed again where it would be more.",
            valueName: "size"))
    var memoryLimit: ByteCount?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Keep the limit for named dimensions up to this size. (default: those of the call, else their largest)",
            valueName: "n"))
    var limitBatch: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Keep the limit for this many threads. (default: those of the call, else 1)", valueName: "n"))
    var limitThreads: Int?

    func validate() throws {
        guard memoryLimit != nil || (limitBatch == nil && limitThreads == nil) else {
            throw ValidationError("--limit-batch and --limit-threads are for --memory-limit")
        }
        guard limitThreads ?? 1 > 0 else { throw ValidationError("--limit-threads must be greater than 0") }
    }

    /// The limit for a module whose functions are called with the given sizes, on so many threads; nil without one.
    func limit(of module: GraphModule, sizes: [String: Int] = [:], threads: Int = 1) -> MemoryLimit? {
        memoryLimit.map { count in
            let given = limitBatch.map { size in module.dims.map { ($0.name, size) } }
            return MemoryLimit(
                bytes: count.bytes, sizes: given.map { Dictionary($0, uniquingKeysWith: { $1 }) } ?? sizes,
                threads: limitThreads ?? (threads == 0 ? ProcessFacts.processorCount : threads))
        }
    }

    /// What each function computes again under the limit; prints how the limit is kept.
    func recomputation(
        of module: GraphModule, sizes: [String: Int] = [:], threads: Int = 1, target: Target = .host,
        precision: PrecisionOptions
    ) throws -> [String: Recomputation] {
        guard let limit = limit(of: module, sizes: sizes, threads: threads) else { return [:] }
        let fits = try Compiler.fit(
            module, into: limit, target: target, precision: precision.precision,
            schedules: precision.scheduleOptions.table())
        for fit in fits { Standard.error(fit.description) }
        return fits.recomputation
    }

    /// The same for code that is run here, by the call's sizes and threads.
    func recomputation(
        of module: GraphModule, sizes: [String: Int], threads: Int, compiler: CompilerOptions
    ) throws -> [String: Recomputation] {
        try recomputation(
            of: module, sizes: sizes, threads: threads,
            target: Target(architecture: Target.host.architecture, level: compiler.level),
            precision: compiler.precision)
    }
}
