import Foundation
import Toolchain

/// The program as a user runs it: the built file beside the tests.
enum Tool {
    struct Result {
        let code: Int32?
        let output: String
        let errors: String
    }

    /// The built program, found from where the tests' own code lies.
    static let path: String = {
        let places = [CommandLine.arguments.first ?? ""] + Bundle.allBundles.map(\.bundlePath)
        for place in places {
            var folder = URL(fileURLWithPath: place)
            for _ in 0..<4 {
                folder.deleteLastPathComponent()
                let candidate = folder.appendingPathComponent("strata").path
                if FileManager.default.isExecutableFile(atPath: candidate), !isFolder(candidate) { return candidate }
            }
        }
        return "strata"
    }()

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    static func run(_ arguments: String...) throws -> Result { try run(arguments) }

    static func run(_ arguments: [String], environment: [String: String]? = nil) throws -> Result {
        let outcome = try Subprocess.run(path, arguments, environment: environment)
        return Result(code: outcome.exitStatus, output: outcome.output, errors: outcome.standardError)
    }

    /// A folder of the test's own, removed afterwards.
    static func withFolder<T>(_ body: (String) throws -> T) throws -> T {
        let folder = FileManager.default.temporaryDirectory.path + "/strata-tool-tests-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try body(folder)
    }

    /// A file with a graph of two functions over one state.
    static func withGraph<T>(_ body: (_ path: String, _ folder: String) throws -> T) throws -> T {
        try withFolder { folder in
            try smallGraph.write(toFile: folder + "/small.graph", atomically: true, encoding: .utf8)
            return try body(folder + "/small.graph", folder)
        }
    }

    static let smallGraph = """
        module v1 @small {
          dim B in 1...64
          state %w : f32[3,2] parameter "w"
          func @init() {
            %0 = constant value f32[3,2]{1, 2, 3, 4, 5, 6} : f32[3,2]
            update %w = %0
          }
          func @predict(%x: f32[B,3] "x") {
            %0 = dot %x, %w contract [1],[0] : f32[B,2]
            %1 = relu %0 : f32[B,2]
            output %1 : f32[B,2] "y"
          }
        }

        """
}
