import ArgumentParser
import Foundation
import GraphIR
import HostTensors
import ONNX

/// `strata import`
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Make a graph of an ONNX model.",
        discussion: """
            Writes NAME.graph, a graph with one function, and its weights NAME.safetensors, which other commands take with \
            --weights. Dimensions that have names in the model keep them, each with the sizes 1 to 4096 unless --dim says \
            otherwise; one without a name is called by its input and axis, such as x_0. docs/onnx.md lists the operators.
            """)

    @Argument(help: ArgumentHelp("The model's file.", valueName: "model"), completion: .file(extensions: ["onnx"]))
    var model: String

    @Option(
        name: [.short, .long], help: ArgumentHelp("The folder to write to.", valueName: "dir"),
        transform: FolderPath.trimmed)
    var output: String

    @Option(
        help: ArgumentHelp(
            "What a dimension becomes: a size, the sizes LOW...HIGH, or the same as another or a sum of some, such as past+length; may be "
                + "repeated.",
            valueName: "name=sizes"))
    var dim: [DimensionOption] = []

    @Option(help: ArgumentHelp("Make an input a constant; may be repeated.", valueName: "input=file.npy"))
    var constant: [NamedFile] = []

    @Option(help: ArgumentHelp("The name of the function.", valueName: "name"))
    var function = "predict"

    @Option(help: ArgumentHelp("The name in files and of the graph. (default: the file's)", valueName: "name"))
    var name: String?

    @Flag(help: "Print JSON: the files, and how much is in them.")
    var json = false

    func validate() throws {
        for (text, option) in [(function, "--function")] + (name.map { [($0, "--name")] } ?? [])
        where !Identifier.isValid(text) {
            throw ValidationError("\(option) \(text): use letters, digits and underscores")
        }
        try DistinctNames.require(dim.map(\.name), "--dim", "dimension")
        try DistinctNames.require(constant.map(\.name), "--constant", "input")
    }

    func run() throws {
        let choices = Dictionary(dim.map { ($0.name, $0.choice) }, uniquingKeysWith: { $1 })
        let name = name ?? Self.identifier(URL(fileURLWithPath: model).deletingPathExtension().lastPathComponent)
        let constants = try Dictionary(
            constant.map { ($0.name, try NPY.read(path: $0.path)) }, uniquingKeysWith: { $1 })
        let imported = try ONNXModel.read(path: model).imported(
            name: name, function: function, dims: choices, constants: constants)
        do {
            try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
        } catch {
            throw Failure("the folder \(output) can't be made: \(error.systemReason)")
        }
        let graph = "\(output)/\(name).graph"
        let weights = "\(output)/\(name).safetensors"
        try GraphFile.write(imported.module, path: graph)
        try Safetensors.write(imported.weights.map { ($0.name, $0.tensor) }, path: weights)
        try show(imported, graph: graph, weights: weights)
    }

    private func show(_ imported: ImportedModel, graph: String, weights: String) throws {
        let function = try imported.module.function(named: function)
        let bytes = imported.weights.reduce(0) { $0 + $1.tensor.byteCount }
        if json {
            let files = [graph, weights].map { JSONValue.string($0) }
            print(
                JSONValue.object([
                    ("files", .list(files)), ("nodes", .integer(imported.nodeCount)),
                    ("operations", .integer(function.ops.count)), ("states", .integer(imported.weights.count)),
                    ("bytes", .integer(bytes)),
                ]).text)
            return
        }
        print("\(graph): \(imported.nodeCount) nodes as \(function.ops.count) operations")
        print("\(weights): \(imported.weights.count) states of \(bytes) bytes")
        for dim in imported.module.dims {
            print("dimension \(dim.name): \(dim.range.lowerBound)...\(dim.range.upperBound)")
        }
        for input in function.inputs { print("input \(input.name): \(function.type(of: input.value))") }
        for output in function.outputs { print("output \(output.name): \(function.type(of: output.value))") }
    }

    /// A file's name as an identifier: `resnet-18` becomes `resnet_18`.
    private static func identifier(_ name: String) -> String {
        let text = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
        return text.first.map { $0.isNumber } ?? true ? "_" + text : text
    }
}
