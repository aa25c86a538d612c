import Foundation
import Testing

/// Programs of this package, which are built beside the tests.
enum BuiltProgram {
    static func path(_ name: String) throws -> String {
        let folders =
            Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent() }
            + [Bundle.main.bundleURL, URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()]
        let found = folders.map { $0.appendingPathComponent(name).path }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
        return try #require(found, "\(name) in none of \(folders.map(\.path))")
    }
}
