import Foundation

/// A folder of its own for the intermediate files of one call, removed with all that is in it.
public enum TemporaryFolder {
    /// Makes a folder, gives its path to `body`, and removes it however `body` ends.
    public static func with<Result>(_ body: (String) throws -> Result) throws -> Result {
        let pattern = FileManager.default.temporaryDirectory.appendingPathComponent("strata-XXXXXX").path
        var name = Array(pattern.utf8CString)
        let made = name.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        guard let path = made else {
            throw ProgramError.fileFailed(
                path: pattern, operation: "made", reason: String(cString: strerror(errno)))
        }
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(path)
    }
}
