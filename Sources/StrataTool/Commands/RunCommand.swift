import ArgumentParser
import Execution
import Foundation
import GraphIR
import HostTensors
import Toolchain

/// `strata run`
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a function of a graph on tensors from files.",
        discussion: """
            Inputs are npy files; other elements are converted where that keeps the numbers but for their last digits, so \
            that f64 may be given for f32 and bf16, and i64 for i32. \
            Outputs are printed, or written to DIR/NAME.npy, those of bf16 as f32. States come from --weights, or from the graph's 'init'. With \
            --image FILE they come from FILE, together with what the function computes from them alone; processes that \
            use it share its memory. FILE is written first if it is not there, or was made from another graph, with other \
            options, for another CPU level, or from other weights.
            """)

    @OptionGroup var graph: GraphOptions
    @OptionGroup var compiler: CompilerOptions
    @OptionGroup var memory: MemoryOptions
    @OptionGroup var functions: FunctionOptions
    @OptionGroup var dims: DimOptions
    @OptionGroup var states: StateOptions
    @OptionGroup var cache: CacheOptions

    @Option(help: ArgumentHelp("A tensor for an input; once for each input.", valueName: "name=file.npy"))
    var input: [NamedFile] = []

    @Option(
        name: [.short, .long], help: ArgumentHelp("Write each output to NAME.npy in this folder.", valueName: "dir"),
        transform: FolderPath.trimmed)
    var output: String?

    @Option(help: ArgumentHelp("Share states and what depends on them alone through this file.", valueName: "file"))
    var image: String?

    @Option(help: ArgumentHelp("Write all states to this safetensors file afterwards.", valueName: "file"))
    var saveWeights: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Use this many threads; 0 for all processors. (default: 0)", valueName: "n"),
        transform: ThreadCount.parse)
    var threads = 0

    @Flag(help: "Interpret the graph instead of compiling it.")
    var interpreted = false

    @Flag(help: "Print JSON: every output with its dtype, shape and elements; infinities and NaN are strings.")
    var json = false

    func validate() throws {
        if interpreted, image != nil { throw ValidationError("--image is for compiled code; leave out --interpreted") }
        try DistinctNames.require(input.map(\.name), "--input", "input")
    }

    func run() throws {
        let module = try graph.read()
        let function = try functions.choose(in: module)
        let signature = try ModelSignature(of: module).function(named: function.name)
        var inputs: NamedTensors = [:]
        for file in input {
            inputs[file.name] = try file.tensor(for: signature.inputs.first { $0.name == file.name }?.type)
        }
        if inputs.isEmpty { inputs = StateOptions.seedInputs(of: signature, seed: states.seed) ?? inputs }
        let files = try output.map { try outputFiles(of: function, in: $0) }
        let needed = try needed(of: module, for: function)
        let given = try dims.given(of: module)
        let sizes = try ModelSignature(of: module).bind(function.name, inputs, sizes: given).dims
        let recomputation =
            try interpreted
            ? [:] : memory.recomputation(of: needed, sizes: sizes, threads: threads, compiler: compiler)
        let model = try Model(
            needed, engine: interpreted ? .interpreted : .compiled, threads: threads,
            compiler: compiler.compiler(recomputation: recomputation, cache: cache.buildCache))
        try prepareStates(model, for: function.name, of: module)
        if let planned = try model.plannedMemory(of: function.name, sizes: sizes) { Standard.error(planned.line) }
        let outputs = try model.run(function.name, inputs, sizes: given)
        for (name, tensor) in outputs {
            guard let path = files?[name] else { continue }
            // The format has no bf16, whose elements are all elements of f32.
            let written = tensor.dtype == .bf16 ? tensor.converted(to: .f32) : tensor
            try NPY.write(written, path: path)
            if !json { print("\(path): \(written.typeText)") }
        }
        if json {
            print(Self.value(outputs).text)
        } else if output == nil {
            for (name, tensor) in outputs { print("\(name): \(tensor.typeText)\n\(tensor)") }
        }
        if let saveWeights {
            try Safetensors.write(try model.states().map { ($0.key, $0.value) }, metadata: [:], path: saveWeights)
        }
    }

    /// Sets the states, or maps an image of them, and says which of both.
    private func prepareStates(_ model: Model, for function: String, of module: GraphModule) throws {
        guard let image else { return try states.prepare(model, for: function, of: module) }
        let use = try model.mapImage(image, source: try states.source) {
            try states.prepare(model, for: function, of: module)
        }
        switch use {
        case .mapped: Standard.error("image: \(image): mapped")
        case .written: Standard.error("image: \(image): written and mapped")
        }
    }

    /// The function and `init`, with the states they use; everything if all states are to be written.
    private func needed(of module: GraphModule, for function: GraphFunction) throws -> GraphModule {
        if saveWeights != nil { return module }
        return try module.keeping(
            functions: module.functions.map(\.name).filter { $0 == function.name || $0 == "init" })
    }

    /// By output, the file it is written to, in a folder that is there then.
    private func outputFiles(of function: GraphFunction, in folder: String) throws -> [String: String] {
        var names: [String: String] = [:]
        for output in function.outputs {
            // A name is free text; a file's name is not.
            let file = output.name.replacing("/", with: "_") + ".npy"
            if let other = names.updateValue(output.name, forKey: file) {
                throw Failure(
                    "outputs '\(other)' and '\(output.name)' would both be \(folder)/\(file): print them with --json")
            }
        }
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw Failure("the folder \(folder) can't be made: \(error.systemReason)")
        }
        return Dictionary(uniqueKeysWithValues: names.map { ($1, "\(folder)/\($0)") })
    }

    /// JSON has no infinities.
    private static func value(_ number: Double) -> JSONValue {
        if number.isFinite { return .number(number) }
        return .string(number.isNaN ? "NaN" : number > 0 ? "Infinity" : "-Infinity")
    }

    private static func value(_ outputs: NamedTensors) -> JSONValue {
        .object(
            outputs.map { name, tensor in
                let elements: [JSONValue] =
                    tensor.dtype.isFloat
                    ? tensor.doubles().map(Self.value)
                    : (tensor.dtype == .u64
                        ? ((try? tensor.scalars(as: UInt64.self)) ?? []).map { .unsigned($0) }
                        : ((try? tensor.converted(to: .i64).scalars(as: Int64.self)) ?? []).map { .integer(Int($0)) })
                return (
                    name,
                    .object([
                        ("dtype", .string(tensor.dtype.rawValue)),
                        ("shape", .list(tensor.shape.map { .integer($0) })), ("elements", .list(elements)),
                    ])
                )
            })
    }
}
