import Foundation
import GraphIR
import Testing

@Suite struct DocumentationTests {
    /// The page, found beside the package's tests.
    private func page() throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appendingPathComponent("docs/graph-text.md"), encoding: .utf8)
    }

    /// The blocks of plain text that the page shows.
    private func blocks() throws -> [String] {
        try page().components(separatedBy: "```text\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
    }

    @Test func theSampleIsCanonical() throws {
        let sample = try #require(try blocks().first)
        #expect(try GraphModule(text: sample).text() == sample)
    }

    @Test func theErrorIsWhatIsSaid() throws {
        let shown = try #require(try blocks().last)
        let text = Sample.function("%0 = nge %x : f32[B,4]")
        let error = try #require(throws: ParseError.self) { try GraphModule(text: text, source: "bad.graph") }
        #expect("\(error)\n" == shown)
    }
}
