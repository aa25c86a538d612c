import FoundationEssentials
import HostTensors
import Toolchain

/// How a model came to the pages of an image.
public enum ImageUse: Sendable {
    /// The file was there and fits.
    case mapped
    /// The file was written, and then mapped.
    case written
}

/// Images: files with a model's states and all that its functions keep between calls, laid out as memory is. Whoever maps one
/// computes nothing again, and shares its pages with all others that map it until it writes to them; the file never changes.
extension CompiledModel {
    /// What the runtime answers to an image that is whole, but of another library, CPU level or source.
    private static let unsupported: Int32 = 4

    /// Writes an image, which is complete or as it was; `source`, of at most 1023 bytes, says where the states are from.
    ///
    /// Throws an `ExecutionError` with the reason when the file can't be written.
    public func saveImage(_ path: String, source: String = "") throws {
        try context.withLock { context in
            try check(functions.saveImage(context.pointer, path, source), context, place: "image")
        }
    }

    /// Takes the states, and what functions keep, from an image; with `source`, only from one that was saved with the same.
    ///
    /// Throws an `ExecutionError` with the reason when the file can't be mapped or is not one of this library and CPU level; the
    /// model is then as it was.
    public func mapImage(_ path: String, source: String? = nil) throws {
        try context.withLock { context in
            try check(functions.mapImage(context.pointer, path, source), context, place: "image")
        }
    }

    /// Takes the states from an image if there is one that fits; else `make` sets them, and an image is written and mapped.
    ///
    /// An image of another library, CPU level or source is replaced. Throws an `ExecutionError` for a file that is damaged or no
    /// image, which stays as it is, for a file that can't be written, and what `make` throws.
    @discardableResult
    public func mapImage(_ path: String, source: String, orMake make: () throws -> Void) throws -> ImageUse {
        let isMapped = try context.withLock { context in
            guard FileManager.default.fileExists(atPath: path) else { return false }
            let status = functions.mapImage(context.pointer, path, source)
            if status == Self.unsupported { return false }
            try check(status, context, place: "image")
            return true
        }
        if isMapped { return .mapped }
        try make()
        try saveImage(path, source: source)
        try mapImage(path, source: source)
        return .written
    }

    /// A source that changes whenever a file does: its name, its size and its time of change.
    ///
    /// Throws a `ProgramError` when the file can't be read.
    public static func source(ofFile path: String) throws -> String {
        let parts = try FileIdentity(path: path).text.split(separator: " ")
        let name = path.split(separator: "/").last ?? ""
        return ([String(name)] + parts.suffix(2).map(String.init)).joined(separator: " ")
    }
}

extension Model {
    /// Takes the states from an image if there is one that fits; else `make` sets them, and an image is written and mapped.
    ///
    /// An image of another library, CPU level or source is replaced. Throws an `ExecutionError` when the model is interpreted, for
    /// a file that is damaged or no image, which stays as it is, for a file that can't be written, and what `make` throws.
    @discardableResult
    public func mapImage(_ path: String, source: String, orMake make: () throws -> Void) throws -> ImageUse {
        guard let compiled = engine as? CompiledModel else {
            throw ExecutionError(
                place: "model '\(signature.name)', image", expected: "a compiled model", actual: "an interpreted one",
                remedy: "compile it, or do without an image")
        }
        return try compiled.mapImage(path, source: source, orMake: make)
    }
}
