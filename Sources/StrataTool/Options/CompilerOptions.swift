import ArgumentParser
import Execution
import GraphPasses
import KernelIR
import Toolchain

/// How a graph is compiled to be run on this machine.
struct CompilerOptions: ParsableArguments {
    @OptionGroup var precision: PrecisionOptions

    @Option(
        help: ArgumentHelp(
            "Use the code of this CPU level: baseline, v3, v4, dot or amx. (default: the best this machine has)",
            valueName: "level"))
    var cpu: String?

    func validate() throws { _ = try TargetOption.parse(level: cpu) }

    /// The compiler for it; throws when the file of schedules is none, or the level is unknown.
    func compiler(
        recomputation: [String: Recomputation] = [:], cache: BuildCache? = .standard
    ) throws -> NativeCompiler {
        NativeCompiler(
            precision: precision.precision, schedules: try precision.scheduleOptions.table(), level: try level,
            recomputation: recomputation, cache: cache)
    }

    /// The level that is compiled for; throws a `Failure` for one that this machine can't run.
    var level: CPULevel {
        get throws {
            let host = Target.host
            let level = try Target.parse(triple: "host", level: cpu).level
            guard level.rank <= host.level.rank else {
                let levels = CPULevel.levels(of: host.architecture).filter { $0.rank <= host.level.rank }
                throw Failure(
                    "--cpu \(level.rawValue): this machine can't run code of that level; it runs "
                        + levels.map(\.rawValue).joined(separator: ", "))
            }
            return level
        }
    }
}
