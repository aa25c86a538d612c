import Artifacts
import FoundationEssentials
import HostTensors
import KernelIR
import Toolchain

extension Model {
    /// Loads a compiled model: its manifest `NAME.json` or library `libNAME.so`, or a folder that holds one
    /// model, or that of an export, which holds a folder for each target.
    ///
    /// The states start with the values of `NAME.weights.safetensors` beside the library, or with those inside it, else
    /// they are zero; where the manifest lists that file, it must be there. `threads` 0 uses every processor; `level` nil the best variant this machine can run. `image` is a file
    /// that all processes with this model share: it is mapped, or written first if it is not there or of another library,
    /// CPU level or weights, which is told by the weights' size and time of change.
    /// Throws what is wrong with the files, or an `ExecutionError` when the library is for another machine.
    public static func load(
        _ path: String, threads: Int = 0, level: CPULevel? = nil, image: String? = nil
    ) throws -> Model {
        let manifestPath = try manifestPath(for: path)
        let manifest = try Manifest(path: manifestPath)
        let folder = WholeFile.folder(of: manifestPath)
        let signature = try ModelSignature(manifest, place: manifestPath)
        let model = try CompiledModel(
            library: "\(folder)/lib\(manifest.name).so", signature: signature, threads: threads, level: level)
        let weights = "\(folder)/\(manifest.name).weights.safetensors"
        let hasWeights = FileManager.default.fileExists(atPath: weights)
        if !hasWeights, manifest.files?.contains(where: { "\(folder)/\($0.name)" == weights }) ?? false {
            throw ExecutionError(
                place: weights, expected: "the weights that \(manifestPath) lists", actual: "no such file",
                remedy: "put the file beside the library, or export the model again")
        }
        func loadWeights() throws { if hasWeights { try model.loadWeights(path: weights) } }
        if let image {
            let source = hasWeights ? try CompiledModel.source(ofFile: weights) : ""
            try model.mapImage(image, source: source, orMake: loadWeights)
        } else {
            try loadWeights()
        }
        return Model(model)
    }

    /// The manifest of a model that is named by a file of its or by a folder.
    static func manifestPath(for path: String) throws -> String {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw ExecutionError(
                place: path, expected: "a compiled model", actual: "no such file", remedy: "check the path")
        }
        if isFolder { return try onlyManifest(in: path) }
        let name = path.split(separator: "/").last ?? ""
        if name.hasPrefix("lib"), name.hasSuffix(".so") {
            return "\(WholeFile.folder(of: path))/\(name.dropFirst(3).dropLast(3)).json"
        }
        return path
    }

    private static func onlyManifest(in folder: String) throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        let models = names.filter { $0.hasPrefix("lib") && $0.hasSuffix(".so") }.map { $0.dropFirst(3).dropLast(3) }
        // An export for several machines has a folder for each.
        let own = CompilationTarget(architecture: Target.host.architecture).folderName
        if models.isEmpty, names.contains(own) { return try onlyManifest(in: "\(folder)/\(own)") }
        guard models.count == 1, let model = models.first else {
            throw ExecutionError(
                place: folder, expected: "one library libNAME.so", actual: models.isEmpty ? "none" : "\(models.count)",
                remedy: "name the manifest of the model")
        }
        return "\(folder)/\(model).json"
    }
}
