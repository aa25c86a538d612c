import Artifacts
import ArgumentParser
import Compiler
import Execution
import GraphIR
import HostTensors
import KernelIR
import Toolchain

/// `strata compile`
struct CompileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compile",
        abstract: "Compile a graph to a library with a C header.",
        discussion: """
            Writes libNAME.so, NAME.h and the manifest NAME.json to the folder; with several targets, to a folder for \
            each below it, such as DIR/aarch64-linux. Without --cpu, the library holds code for every CPU level of its \
            architecture and chooses when it is loaded.
            """)

    @OptionGroup var graph: GraphOptions

    @Option(name: [.short, .long], help: ArgumentHelp("The folder to write to.", valueName: "dir"))
    var output: String

    @Option(
        help: ArgumentHelp(
            "A machine: 'host', a triple such as aarch64-unknown-linux-gnu, or an architecture; may be repeated. "
                + "(default: host)",
            valueName: "triple"))
    var target: [String] = []

    @Option(
        help: ArgumentHelp("Only this CPU level: baseline, v3 or v4. (default: all)", valueName: "level"))
    var cpu: String?

    @Option(help: ArgumentHelp("What to write, separated by commas: so, a, o, header, ll, asm.", valueName: "kinds"))
    var emit = EmitList(kinds: [.so, .header])

    @Option(
        help: ArgumentHelp("Initial states from this safetensors file, by their paths.", valueName: "file"))
    var weights: String?

    @Flag(help: "Put the weights into the library instead of a file beside it.")
    var embedWeights = false

    @Option(help: ArgumentHelp("The name in files and C functions. (default: the graph's)", valueName: "name"))
    var name: String?

    @Flag(help: "Print JSON: the files that were written.")
    var json = false

    func validate() throws {
        if embedWeights, weights == nil { throw ValidationError("--embed-weights needs --weights") }
    }

    func run() throws {
        let module = try graph.read()
        var targets: [CompilationTarget] = []
        for triple in target.isEmpty ? ["host"] : target {
            let parsed = try Target.parse(triple: triple, level: cpu)
            targets.append(
                CompilationTarget(architecture: parsed.architecture, levels: cpu.map { _ in [parsed.level] }))
        }
        throw Failure("there is no compiler in this build for \(module.name)")
    }
}

/// Kinds of files, separated by commas.
struct EmitList: ExpressibleByArgument {
    let kinds: [EmitKind]

    init(kinds: [EmitKind]) { self.kinds = kinds }

    init?(argument: String) {
        var kinds: [EmitKind] = []
        for name in argument.split(separator: ",", omittingEmptySubsequences: false) {
            guard let kind = EmitKind(rawValue: String(name)) else { return nil }
            if !kinds.contains(kind) { kinds.append(kind) }
        }
        self.kinds = kinds
    }

    var defaultValueDescription: String { kinds.map(\.rawValue).joined(separator: ",") }
}
