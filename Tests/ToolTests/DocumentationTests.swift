import Foundation
import Testing

/// The documentation says what is so.
@Suite struct DocumentationTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// All pages, by their paths in the repository.
    private static let pages: [String] = {
        let docs = FileManager.default.enumerator(atPath: root.appendingPathComponent("docs").path)
        let found = (docs?.allObjects as? [String] ?? []).filter { $0.hasSuffix(".md") }.map { "docs/\($0)" }
        return ["README.md", "CONTRIBUTING.md"] + found.sorted()
    }()

    @Test func theTourIsWhatTheToolPrints() throws {
        let result = try Tool.run("tour", "--root", Self.root.path)
        #expect(result.code == 0, "\(result.errors)")
        #expect(try result.output == Self.text("docs/tour.md"), "run `strata tour > docs/tour.md`")
    }

    @Test func theFirstModelIsTheExample() throws {
        let example = try Self.text("Examples/Quickstart/main.swift")
        #expect(try Self.text("README.md").contains("```swift\n\(example)```\n"))
    }

    @Test func pagesAreFound() { #expect(Self.pages.count > 10) }

    @Test(arguments: pages)
    func linksLeadSomewhere(_ page: String) throws {
        let folder = Self.root.appendingPathComponent(page).deletingLastPathComponent()
        for part in try Self.text(page).components(separatedBy: "](").dropFirst() {
            let target = part.prefix { $0 != ")" && $0 != "#" }
            if target.isEmpty || target.hasPrefix("http") { continue }
            let path = folder.appendingPathComponent(String(target)).standardizedFileURL.path
            #expect(FileManager.default.fileExists(atPath: path), "\(page) links to \(target)")
        }
    }

    /// Paths of this repository in code spans: `Sources/…`, `Tests/…`, `graphs/…`.
    @Test(arguments: pages)
    func pathsThatAreNamedExist(_ page: String) throws {
        let spans = try Self.text(page).components(separatedBy: "`").enumerated().filter { $0.offset % 2 == 1 }
        for span in spans.map(\.element) where !span.contains(where: \.isWhitespace) {
            guard ["Sources/", "Tests/", "Examples/", "graphs/", "codegen-templates/"].contains(where: span.hasPrefix)
            else { continue }
            let path = Self.root.appendingPathComponent(span).path
            #expect(FileManager.default.fileExists(atPath: path), "\(page) names \(span)")
        }
    }
}
