import Foundation
import Testing

/// Programs of this package, which are built beside the tests.
enum BuiltProgram {
    static func url(_ name: String) throws -> URL {
        let folders =
            Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent() }
            + [Bundle.main.bundleURL, URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()]
        let found = folders.map { $0.appendingPathComponent(name) }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
        return try #require(found, "\(name) in none of \(folders.map(\.path))")
    }
}
