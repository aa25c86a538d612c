import ExampleModels
import Foundation
import GraphIR
import Testing

@Suite struct GraphFileTests {
    private static var folder: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("graphs")
    }

    @Test(arguments: ExampleModel.all.map(\.name)) func graphsAreWhatTheExamplesTrace(_ name: String) throws {
        let example = try #require(ExampleModel.all.first { $0.name == name })
        let module = try example.module()
        try verify(module)
        let path = Self.folder.appendingPathComponent("\(name).graph").path
        let kept = try String(contentsOfFile: path, encoding: .utf8)
        let fresh = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).graph").path
        defer { try? FileManager.default.removeItem(atPath: fresh) }
        try GraphFile.write(module, path: fresh)
        #expect(try String(contentsOfFile: fresh, encoding: .utf8) == kept, "run `swift run WriteGraphs`")
        #expect(try GraphFile.read(path: path) == module.canonicalized())
    }
}
