import Foundation
import Testing

/// Every block of Swift in a guide is part of a file that the tests compile and run.
///
/// `docs/guides/input-pipelines.md` belongs to `Tests/GuideTests/InputPipelinesGuide.swift`. Each block marked `swift`
/// must stand there line by line, indented as a whole if need be; so what a reader copies compiles, and runs as often as
/// the tests do. Other blocks are marked `text`, for output, or `sh`, for commands; a page without Swift has no such file.
@Suite struct GuidePagesTests {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The index, and pages that `ComponentTests` compiles and runs.
    static let heldElsewhere: Set<String> = ["README.md", "layers.md", "losses-and-metrics.md"]

    static let pages: [String] = {
        let folder = root.appendingPathComponent("docs/guides").path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".md") && !heldElsewhere.contains($0) }.sorted()
    }()

    @Test func thereAreGuides() { #expect(!Self.pages.isEmpty) }

    @Test(arguments: pages) func everyBlockIsCompiledAndRun(page: String) throws {
        let text = try String(contentsOf: Self.root.appendingPathComponent("docs/guides/\(page)"), encoding: .utf8)
        let words = page.dropLast(3).split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }
        let name = "\(words.joined())Guide.swift"
        let blocks = GuideBlock.blocks(of: text)
        let source =
            try blocks.contains { $0.language == "swift" }
            ? String(contentsOf: Self.root.appendingPathComponent("Tests/GuideTests/\(name)"), encoding: .utf8) : ""
        let lines = source.components(separatedBy: "\n")
        #expect(!blocks.isEmpty, "\(page) shows no code")
        for block in blocks {
            #expect(
                ["swift", "text", "sh"].contains(block.language),
                "\(page), line \(block.line): the block must be marked swift, text or sh, not '\(block.language)'")
            guard block.language == "swift" else { continue }
            #expect(
                block.stands(in: lines),
                "\(page), line \(block.line): this block is not in \(name):\n\(block.lines.joined(separator: "\n"))")
        }
    }

    @Test func theIndexNamesEveryGuide() throws {
        let index = try String(
            contentsOf: Self.root.appendingPathComponent("docs/guides/README.md"), encoding: .utf8)
        for page in Self.pages { #expect(index.contains("(\(page))"), "docs/guides/README.md does not name \(page)") }
    }

    @Test func aBlockIsFoundIndentedAndOnlyAsAWhole() {
        let blocks = GuideBlock.blocks(
            of: "# Page\n```swift\nlet a = 1\n\nif a > 0 {\n    print(a)\n}\n```\n```sh\nls\n```\n")
        #expect(blocks.map(\.language) == ["swift", "sh"] && blocks.map(\.line) == [3, 10])
        let source = ["func f() {", "    let a = 1", "", "    if a > 0 {", "        print(a)", "    }", "}"]
        #expect(blocks[0].stands(in: source))
        #expect(!blocks[0].stands(in: source.map { $0.replacingOccurrences(of: "print(a)", with: "print(1)") }))
        #expect(!blocks[0].stands(in: Array(source.dropLast(2))))
    }
}

/// A fenced block of a page.
struct GuideBlock {
    let language: String
    /// The line of the page that the block's content begins with, from 1.
    let line: Int
    let lines: [String]

    static func blocks(of text: String) -> [GuideBlock] {
        var blocks: [GuideBlock] = []
        var open: (language: String, line: Int, lines: [String])?
        for (at, line) in text.components(separatedBy: "\n").enumerated() {
            if line.hasPrefix("```") {
                if let block = open {
                    blocks.append(GuideBlock(language: block.language, line: block.line, lines: block.lines))
                    open = nil
                } else {
                    open = (String(line.dropFirst(3)), at + 2, [])
                }
            } else {
                open?.lines.append(line)
            }
        }
        return blocks
    }

    /// Whether the block's lines follow one another in a source, all indented by the same spaces.
    func stands(in source: [String]) -> Bool {
        guard let first = lines.first else { return false }
        for start in source.indices where source[start].hasSuffix(first) {
            let indentation = String(source[start].dropLast(first.count))
            guard indentation.allSatisfy({ $0 == " " }), start + lines.count <= source.count else { continue }
            let matches = lines.indices.allSatisfy { at in
                source[start + at] == (lines[at].isEmpty ? "" : indentation + lines[at])
            }
            if matches { return true }
        }
        return false
    }
}
