import Foundation

/// A folder of its own for the intermediate files of one call, removed with all that is in it.
public enum TemporaryFolder {
    /// Makes a folder, gives its path to `body`, and removes it however `body` ends.
    ///
    /// Throws a `ProgramError` that names the folder of all temporary files when this one, or a file in it, can't be made.
    public static func with<Result>(_ body: (String) throws -> Result) throws -> Result {
        let place = FileManager.default.temporaryDirectory
        var name = Array(place.appendingPathComponent("strata-XXXXXX").path.utf8CString)
        let made = name.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        guard let path = made else {
            throw ProgramError.temporaryFailed(folder: place.path, reason: String(cString: strerror(errno)))
        }
        defer { try? FileManager.default.removeItem(atPath: path) }
        do { return try body(path) } catch ProgramError.fileFailed(let file, "written", let reason)
            where file.hasPrefix(path + "/")
        { throw ProgramError.temporaryFailed(folder: place.path, reason: reason) }
    }
}
