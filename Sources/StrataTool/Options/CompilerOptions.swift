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

    /// The compiler for it; throws when the file of schedules is none, or the level is unknown.
    func compiler(
        recomputation: [String: Recomputation] = [:], cache: BuildCache? = .standard
    ) throws -> NativeCompiler {
        NativeCompiler(
            precision: precision.precision, schedules: try precision.scheduleOptions.table(), level: try level,
            recomputation: recomputation, cache: cache)
    }

    /// The level that is compiled for.
    var level: CPULevel {
        get throws { try Target.parse(triple: "host", level: cpu).level }
    }
}
