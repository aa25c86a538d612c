import Foundation
import GraphIR
import GraphPasses
import Testing

/// A file test: `// pass: NAMES`, a graph, `// expect`, and the text that comes out.
///
/// Passes run in the order named; `fusion` as the last one expects the kernels' text, `explain` the reasons. With
/// `STRATA_UPDATE_EXPECTATIONS=1` in the environment the tests write what comes out instead of comparing.
struct CaseFile: CustomTestStringConvertible, Sendable {
    let path: String
    let passes: [String]
    let graph: String
    let expected: String

    var testDescription: String { (path as NSString).lastPathComponent }

    static let folder = (#filePath as NSString).deletingLastPathComponent + "/Cases"

    static let all: [CaseFile] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".graph") }.sorted().compactMap { CaseFile(path: folder + "/" + $0) }
    }()

    init?(path: String) {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        let lines = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        guard lines.count == 2, lines[0].hasPrefix("// pass: ") else { return nil }
        let parts = String(lines[1]).components(separatedBy: "// expect\n")
        self.path = path
        passes = lines[0].dropFirst("// pass: ".count).split(separator: " ").map(String.init)
        graph = parts[0]
        expected = parts.count > 1 ? parts[1] : ""
    }

    /// The text after the passes.
    func result() throws -> String {
        var module = try GraphModule(text: graph, source: testDescription)
        try verify(module)
        let context = PassContext(module)
        for name in passes {
            if name == "fusion" || name == "explain" {
                return try module.functions.map { function in
                    let plan = fuse(function)
                    try plan.check(function)
                    return name == "fusion" ? plan.text(function, module) : plan.explanation(function, module)
                }.joined()
            }
            for at in module.functions.indices {
                if name == "standard" {
                    try Pipeline.standard.run(on: &module.functions[at], context)
                } else {
                    let pass = try #require(Pipeline.standard.steps.map(\.pass).first { $0.name == name })
                    _ = try pass.run(&module.functions[at], context)
                }
            }
        }
        try verify(module)
        return module.text()
    }

    func update() throws {
        let text = "// pass: \(passes.joined(separator: " "))\n\(graph)// expect\n\(try result())"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
}
