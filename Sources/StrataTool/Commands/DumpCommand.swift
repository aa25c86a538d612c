import ArgumentParser
import GraphIR
import KernelIR
import Toolchain

/// `strata dump`
struct DumpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dump",
        abstract: "Print a graph at a stage of its compilation.",
        discussion: """
            graph      as it was read, in canonical text; reads back as the same graph
            optimized  after the passes
            groups     grouped into kernels
            kernels    loops and registers for the target
            memory     where every value lies
            llvm       LLVM IR of the kernels
            asm        machine code of the target, as text
            """)

    @OptionGroup var graph: GraphOptions
    @OptionGroup var precision: PrecisionOptions
    @OptionGroup var memory: MemoryOptions

    @Option(help: ArgumentHelp("The stage to print.", valueName: "stage"))
    var stage = DumpStage.graph

    @Option(help: ArgumentHelp("Print only this function.", valueName: "name"))
    var function: String?

    @Option(
        help: ArgumentHelp(
            "The machine: 'host', a triple such as aarch64-unknown-linux-gnu, or an architecture.",
            valueName: "triple"))
    var target = "host"

    @Option(
        help: ArgumentHelp(
            "The CPU level: baseline, v3, v4, dot or amx. (default: the host's own, else baseline)", valueName: "level")
    )
    var cpu: String?

    @Option(help: ArgumentHelp("The form; dot draws with Graphviz.", valueName: "format"))
    var format = DumpFormat.text

    func validate() throws {
        _ = try TargetOption.parse(target, level: cpu)
        guard stage.formats.contains(format) else {
            let known = stage.formats.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("stage '\(stage.rawValue)' has no form '\(format.rawValue)'; it has: \(known)")
        }
    }

    func run() throws {
        var options = FunctionOptions()
        options.function = function
        let target = try Target.parse(triple: target, level: cpu)
        var dump = StageDump(
            module: try graph.read(), functions: options, target: target, precision: precision.precision,
            schedules: try precision.scheduleOptions.table())
        if stage != .graph {
            dump.recomputation = try memory.recomputation(of: dump.chosen(), target: target, precision: precision)
        }
        let text = try dump.text(of: stage, format: format)
        Standard.output(text.hasSuffix("\n") ? text : text + "\n")
    }
}

/// A stage of compilation, in order.
enum DumpStage: String, ExpressibleByArgument, CaseIterable {
    case graph, optimized, groups, kernels, memory, llvm, asm

    /// The forms it can be printed in.
    var formats: [DumpFormat] {
        switch self {
        case .graph, .optimized: [.text, .dot, .json]
        case .groups: [.text, .json]
        case .kernels, .memory, .llvm, .asm: [.text]
        }
    }
}

/// A form of a dump.
enum DumpFormat: String, ExpressibleByArgument, CaseIterable {
    case text, dot, json
}
