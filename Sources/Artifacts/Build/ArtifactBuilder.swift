import Foundation
import GraphIR
import HostTensors
import KernelIR
import Toolchain

/// Makes the files that are delivered: libraries, header, manifest, weights.
///
/// Equal arguments give equal bytes, whatever the folder and the machine.
public enum ArtifactBuilder {
    /// Makes a library from the code of its CPU levels and writes its files.
    ///
    /// - Parameters:
    ///   - description: the library's name, dimensions, states and functions.
    ///   - levels: the code of each CPU level, see `EmittedLevel`; in any order.
    ///   - architecture: what the code is made for.
    ///   - emit: the kinds of file to write beside the manifest, `NAME.json`.
    ///   - weights: initial values by state name. They become `NAME.weights.safetensors`, or part of the library.
    ///   - embedWeights: whether the library holds `weights`; contexts then start with them.
    ///   - cache: where objects that were made before are, and where new ones are kept.
    ///   - folder: where the files go; made if it is not there.
    /// - Returns: the paths of the files written, the manifest last.
    /// - Throws: `ArtifactError` for a description or weights at fault, `ToolchainError` for code that does not compile
    ///   or link, `FileError` for files that can't be written.
    public static func build(
        _ description: ArtifactDescription, levels: [EmittedLevel], architecture: Architecture,
        emit: Set<EmitKind> = [.so, .header], weights: [(name: String, tensor: HostTensor)]? = nil,
        embedWeights: Bool = false, cache: BuildCache? = nil, to folder: String
    ) throws -> [String] {
        if embedWeights && weights == nil { throw ArtifactError.missingWeights }
        let files = try files(
            description, levels: levels, architecture: architecture, emit: emit,
            embeddedWeights: embedWeights ? weights : nil, cache: cache)
        return try deliver(files, of: description, weights: embedWeights ? nil : weights, to: folder)
    }

    /// Makes the files of a library, but for weights beside it; the parameters are those of `build`, and whether the shared library keeps
    /// the names of its kernels.
    public static func files(
        _ description: ArtifactDescription, levels: [EmittedLevel], architecture: Architecture, emit: Set<EmitKind>,
        embeddedWeights: [(name: String, tensor: HostTensor)]? = nil, keepsNames: Bool = true, cache: BuildCache? = nil
    ) throws -> LibraryFiles {
        try description.validate()
        let ordered = try order(levels, architecture)
        try check(embeddedWeights ?? [], against: description)
        let build = ArtifactBuild(
            description: description, levels: ordered, architecture: architecture, embeddedWeights: embeddedWeights,
            keepsNames: keepsNames, cache: cache)
        try build.checkSymbols()
        return LibraryFiles(files: try build.files(emit), manifest: build.manifest)
    }

    /// Writes the files of a library, `weights` beside it, and the manifest that lists them all.
    ///
    /// - Returns: the paths of the files written, the manifest last.
    public static func deliver(
        _ library: LibraryFiles, of description: ArtifactDescription,
        weights: [(name: String, tensor: HostTensor)]? = nil, to folder: String
    ) throws -> [String] {
        try check(weights ?? [], against: description)
        try make(folder)
        var files = library.files
        if let weights {
            files.append(
                LibraryFiles.File(
                    name: "\(description.name).weights.safetensors", bytes: try weightsFile(weights)))
        }
        for file in files { try WholeFile.write(file.bytes, path: folder + "/" + file.name) }
        var manifest = library.manifest
        manifest.files = files.map {
            Manifest.File(name: $0.name, byteCount: $0.bytes.count, sha256: ContentHash.hexadecimal(of: $0.bytes))
        }
        let name = "\(description.name).json"
        try WholeFile.write(Array(try manifest.json().utf8), path: folder + "/" + name)
        return (files.map(\.name) + [name]).map { folder + "/" + $0 }
    }

    private static func order(_ levels: [EmittedLevel], _ architecture: Architecture) throws -> [EmittedLevel] {
        let known = CPULevel.levels(of: architecture)
        let names = levels.map(\.level)
        guard !levels.isEmpty, Set(names).count == names.count, Set(names).isSubset(of: known) else {
            throw ArtifactError.invalidLevels(names.map(\.rawValue), architecture: architecture.rawValue)
        }
        return levels.sorted { $0.level.rank < $1.level.rank }
    }

    private static func check(
        _ weights: [(name: String, tensor: HostTensor)], against description: ArtifactDescription
    ) throws {
        var seen = Set<String>()
        for (name, tensor) in weights {
            let actual = "\(tensor.dtype.rawValue)\(tensor.shape)"
            guard let state = description.states.first(where: { $0.name == name }) else {
                throw ArtifactError.weightsMismatch(state: name, expected: "a state of that name", actual: actual)
            }
            guard state.dtype == tensor.dtype, state.shape == tensor.shape else {
                let expected = "\(state.dtype.rawValue)\(state.shape)"
                throw ArtifactError.weightsMismatch(state: name, expected: expected, actual: actual)
            }
            if !seen.insert(name).inserted { throw ArtifactError.duplicateName(name, what: "weights") }
        }
    }

    private static func weightsFile(_ weights: [(name: String, tensor: HostTensor)]) throws -> [UInt8] {
        try Safetensors.encode(weights.map { ($0.name, $0.tensor) }, metadata: [:])
    }

    private static func make(_ folder: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw ArtifactError.folderFailed(path: folder, reason: error.systemReason)
        }
    }
}
