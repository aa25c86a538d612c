import Foundation
import HostTensors

/// Graphs in files: the text, and beside it the large constants as `NAME.constants.safetensors`.
public enum GraphFile {
    /// Reads a graph; throws `FileError` when a file cannot be read, `ParseError` when the text is wrong.
    public static func read(path: String) throws -> GraphModule {
        let data = try WholeFile.read(path: path)
        guard let text = String(validating: data, as: UTF8.self) else {
            throw FileError(
                path: path, place: .wholeFile, expected: "graph text in UTF-8", actual: "other bytes",
                remedy: "save the file as UTF-8")
        }
        return try GraphModule(text: text, source: path, constants: readConstants(path: constantsPath(of: path)))
    }

    /// Writes a graph's canonical text, and its large constants beside it if there are any.
    public static func write(_ module: GraphModule, path: String) throws {
        let constants = module.hashedConstants(.sideFile)
        if !constants.isEmpty {
            try Safetensors.write(
                constants.tensors.map { ($0.key, $0.value) }, metadata: [:], path: constantsPath(of: path))
        }
        do {
            try Data(module.text(constants: .sideFile).utf8).write(to: URL(fileURLWithPath: path))
        } catch {
            throw FileError(
                path: path, place: .wholeFile, expected: "a writable file", actual: error.localizedDescription,
                remedy: "check that the folder exists and can be written")
        }
    }

    /// The side file of a graph file: its name without the extension, with `.constants.safetensors`.
    public static func constantsPath(of path: String) -> String {
        let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return path + ".constants.safetensors" }
        return String(path[..<dot]) + ".constants.safetensors"
    }

    private static func readConstants(path: String) throws -> ConstantStore {
        var store = ConstantStore()
        guard FileManager.default.fileExists(atPath: path) else { return store }
        for (name, tensor) in try Safetensors.read(path: path).entries {
            let hash = store.insert(tensor)
            guard hash == name else {
                throw FileError(
                    path: path, place: .field(name, byte: 0), expected: "contents with the hash \(name)",
                    actual: "the hash \(hash)", remedy: "write the graph again; the side file was changed")
            }
        }
        return store
    }
}
