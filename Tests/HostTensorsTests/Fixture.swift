import Foundation
import HostTensors
import Testing

/// The committed files that other programs wrote, and the numbers in them.
enum Fixture {
    /// The path of a committed file.
    static func path(_ name: String) -> String {
        Bundle.module.bundleURL.appendingPathComponent("Fixtures/\(name)").path
    }

    /// The bytes of a committed file.
    static func bytes(_ name: String) throws -> [UInt8] { try WholeFile.read(path: path(name)) }

    /// The `sample` of the script: halves from -1 for floats, -1 to 4 or 0 to 5 for integers, every third true.
    static func sample(_ dtype: DType) -> [Double] {
        (0..<6).map { index in
            if dtype == .bool { return index % 3 == 0 ? 1 : 0 }
            if dtype.isFloat { return Double(index) * 0.5 - 1 }
            return Double(index - (dtype.isSigned ? 1 : 0))
        }
    }

    /// Runs `body` with a fresh folder that is removed afterwards.
    static func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder.path)
    }

    /// The integer's bytes, lowest first.
    static func littleEndian(_ value: Int, byteCount: Int) -> [UInt8] {
        (0..<byteCount).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}

/// Damaged bytes and the whole message they must give.
struct DamagedFile: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    let message: String

    var testDescription: String { name }
}

/// The description of the error that `body` throws, or a note that it throws none.
func message(_ body: () throws -> Void) -> String {
    do {
        try body()
        return "no error"
    } catch {
        return String(describing: error)
    }
}
