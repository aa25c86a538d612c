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
            architecture whose code differs from that of the one below, and chooses when it is loaded.
            """)

    @OptionGroup var graph: GraphOptions
    @OptionGroup var precision: PrecisionOptions
    @OptionGroup var memory: MemoryOptions

    @Option(
        name: [.short, .long], help: ArgumentHelp("The folder to write to.", valueName: "dir"),
        transform: FolderPath.trimmed)
    var output: String

    @Option(
        help: ArgumentHelp(
            "A machine: 'host', a triple such as aarch64-unknown-linux-gnu, or an architecture; may be repeated. "
                + "(default: host)",
            valueName: "triple"))
    var target: [String] = []

    @Option(
        help: ArgumentHelp("Only this CPU level: baseline, v3, v4, dot or amx. (default: all)", valueName: "level"))
    var cpu: String?

    @Option(
        help: ArgumentHelp(
            "What to write, separated by commas: so, a, o, header, python, hpp, swift, ll, asm.", valueName: "kinds"))
    var emit = EmitList(kinds: [.so, .header])

    @Option(
        help: ArgumentHelp(
            "Initial states from this safetensors file, by their paths; to embed, the default is what 'init' makes.",
            valueName: "file"))
    var weights: String?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("The seed of 'init', for weights that it makes.", valueName: "n"))
    var seed: Int64 = 1

    @Flag(help: "Put the weights into the library instead of a file beside it.")
    var embedWeights = false

    @Flag(
        help: ArgumentHelp(
            "Give the library a self-test: golden outputs of random inputs, which the interpreter makes now; see 'strata self-test'."
        ))
    var selfTest = false

    @Flag(help: "Keep the names of kernels in the shared library, for profilers and debuggers; they take some bytes.")
    var names = false

    @Option(
        help: ArgumentHelp(
            "Only this function and the states it uses; may be repeated. (default: all)", valueName: "name"))
    var function: [String] = []

    @OptionGroup var cache: CacheOptions

    @Option(help: ArgumentHelp("The name in files and C functions. (default: the graph's)", valueName: "name"))
    var name: String?

    @Flag(help: "Interpret before and after every pass, and name the first pass and operation that change a value.")
    var checkPasses = false

    @Flag(help: "Print JSON: the files that were written.")
    var json = false

    func validate() throws {
        let machines = try (target.isEmpty ? ["host"] : target).map {
            try TargetOption.parse($0, level: cpu).architecture
        }
        guard Set(machines).count == machines.count else {
            throw ValidationError("a target is named twice with --target")
        }
        if let name, !Identifier.isValid(name) {
            throw ValidationError("--name \(name): use letters, digits and underscores, and no digit first")
        }
    }

    func run() throws {
        let whole = try graph.read()
        let module = function.isEmpty ? whole : try whole.keeping(functions: function)
        let targets = try (target.isEmpty ? ["host"] : target).map { triple in
            let parsed = try Target.parse(triple: triple, level: cpu)
            return CompilationTarget(architecture: parsed.architecture, levels: cpu.map { _ in [parsed.level] })
        }
        let dropped = Set(whole.states.map(\.path)).subtracting(module.states.map(\.path))
        let states = try initialStates(of: whole)?.filter { !dropped.contains($0.name) }
        var written: [(target: CompilationTarget, files: [String])] = []
        for target in targets {
            let folder = targets.count == 1 ? output : "\(output)/\(target.folderName)"
            let options = CompileOptions(
                architecture: target.architecture, levels: target.levels, emit: Set(emit.kinds),
                embedWeights: embedWeights, precision: precision.precision,
                schedules: try precision.scheduleOptions.table(), checksPasses: checkPasses,
                keepsNames: names, selfTest: selfTest ? SelfTest(of: whole) : nil,
                memoryLimit: memory.limit(of: module), cache: cache.buildCache)
            let files = try Compiler.compile(
                module, name: name, options: options, weights: states, to: folder
            ) { fits in
                for fit in fits { Standard.error(fit.description) }
            }
            written.append((target, files))
        }
        try show(written)
    }

    /// The states of the file; without one, those that embedding needs come from the graph's `init`.
    private func initialStates(of module: GraphModule) throws -> [(name: String, tensor: HostTensor)]? {
        if let weights { return try StateOptions.read(weights, for: module.states) }
        guard embedWeights, !module.states.isEmpty else { return nil }
        let model = try Model(module, engine: .interpreted)
        guard try StateOptions.initialize(model, seed: seed) else {
            throw Failure(
                "--embed-weights needs weights: name a file with --weights, the graph has no 'init' of a seed")
        }
        return try model.states().map { (name: $0.key, tensor: $0.value) }
    }

    private func show(_ written: [(target: CompilationTarget, files: [String])]) throws {
        guard json else {
            for file in written.flatMap(\.files) { print(file) }
            return
        }
        let values = try written.map { target, files in
            let manifest = try files.first { $0.hasSuffix(".json") }.map { try Manifest(path: $0) }
            let levels = manifest?.levels.map(\.name) ?? target.levels.map(\.rawValue)
            return JSONValue.object([
                ("architecture", .string(target.architecture.rawValue)),
                ("levels", .list(levels.map { .string($0) })),
                ("files", .list(files.map { .string($0) })),
            ])
        }
        print(JSONValue.list(values).text)
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
