import Foundation
import Testing

/// `strata profile`: the table, the JSON and the trace.
@Suite struct ProfileCommandTests {
    private static func object(_ text: Data) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
    }

    @Test func writesATraceThatViewersOpen() throws {
        try Tool.withGraph { path, folder in
            let trace = folder + "/trace.json"
            let result = try Tool.run("profile", path, "--batch", "9", "--seconds", "0.02", "-o", trace)
            #expect(result.code == 0, "\(result.errors)")
            #expect(result.output.contains("dot+max"))
            #expect(result.output.hasSuffix("  trace: \(trace)\n"))
            let content = try Self.object(try #require(FileManager.default.contents(atPath: trace)))
            let events = try #require(content["traceEvents"] as? [[String: Any]])
            #expect(events.contains { $0["ph"] as? String == "M" && $0["name"] as? String == "thread_name" })
            let spans = events.filter { $0["ph"] as? String == "X" }
            #expect(Set(spans.compactMap { $0["cat"] as? String }) == ["call", "kernel", "chunk"])
            for span in spans {
                #expect(span["ts"] as? Double != nil && (span["dur"] as? Double ?? -1) >= 0)
                #expect(span["pid"] as? Int == 1 && span["tid"] as? Int != nil)
            }
            let kernel = try #require(spans.first { $0["cat"] as? String == "kernel" })
            #expect(kernel["name"] as? String == "dot+max")
            let arguments = try #require(kernel["args"] as? [String: Any])
            #expect(arguments["flops"] as? Double == Double(9 * 2 * 2 * 3 + 9 * 2))
            #expect(arguments["bytes_read"] as? Double == Double(4 * (9 * 3 + 6)))
            #expect((arguments["buffers"] as? [String])?.contains("%w f32[3,2]") == true)
        }
    }

    @Test func aFunctionWithoutKernelsHasNoShares() throws {
        try Tool.withFolder { folder in
            try "module v1 @empty {\n  func @main() {\n  }\n}\n".write(
                toFile: folder + "/empty.graph", atomically: true, encoding: .utf8)
            let result = try Tool.run("profile", folder + "/empty.graph", "--seconds", "0.001")
            #expect(result.code == 0, "\(result.errors)")
            #expect(!result.output.contains("nan"), "\(result.output)")
        }
    }

    @Test func printsKernelsAndLayersAsJSON() throws {
        try Tool.withGraph { path, _ in
            let result = try Tool.run("profile", path, "--seconds", "0.02", "--threads", "2", "--json")
            #expect(result.code == 0, "\(result.errors)")
            let content = try Self.object(Data(result.output.utf8))
            let kernels = try #require(content["kernels"] as? [[String: Any]])
            #expect(kernels.count == 1)
            #expect((kernels.first?["share_of_roofline"] as? Double ?? 0) > 0)
            #expect((content["layers"] as? [[String: Any]])?.count == 1)
            let roofline = try #require(content["roofline"] as? [String: Any])
            #expect(roofline["threads"] as? Int == 2)
            #expect((roofline["memory"] as? [[String: Any]])?.last?["name"] as? String == "memory")
        }
    }
}

/// Timing beside busy processes.
@Suite struct CompetingCommandTests {
    @Test func timesOneThreadAndSeveralAloneAndNot() throws {
        try Tool.withGraph { path, _ in
            let result = try Tool.run(
                "bench", path, "--competing", "1", "--threads", "2", "--seconds", "0.02", "--json")
            #expect(result.code == 0, "\(result.errors)")
            let content = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
            let rows = try #require(content?["rows"] as? [[String: Any]])
            #expect(rows.compactMap { $0["threads"] as? Int } == [1, 2])
            #expect(rows.allSatisfy { ($0["slowdown"] as? Double ?? 0) > 0 })
        }
    }
}
