import Foundation
import Testing

/// Schedules found by measuring, and files that say how contractions are computed.
@Suite struct TuneCommandTests {
    private static let graph = """
        module v1 @product {
          func @predict(%a: f32[32,64] "a", %b: f32[64,48] "b") {
            %0 = dot %a, %b contract [1],[0] : f32[32,48]
            output %0 : f32[32,48] "y"
          }
        }

        """

    private func withGraph(_ body: (_ graph: String, _ folder: String) throws -> Void) throws {
        try Tool.withFolder { folder in
            let path = folder + "/product.graph"
            try Self.graph.write(toFile: path, atomically: true, encoding: .utf8)
            try body(path, folder)
        }
    }

    @Test func tuneWritesAFileThatTheCompilerReads() throws {
        try withGraph { graph, folder in
            let file = folder + "/schedules.json"
            let tuned = try Tool.run("tune", graph, "-o", file, "--seconds", "0.001")
            #expect(tuned.code == 0, "\(tuned.errors)")
            #expect(tuned.output.contains("dot f32[32,64] f32[64,48] contract [1],[0]"))
            let checked = try Tool.run("check", graph, "--schedules", file)
            #expect(checked.code == 0, "\(checked.output) \(checked.errors)")
        }
    }

    /// The search may take long; it is not begun for nothing.
    @Test func tuneNeedsAFileToWrite() throws {
        try withGraph { graph, folder in
            let result = try Tool.run("tune", graph, "-o", folder + "/none/schedules.json", "--seconds", "0.001")
            #expect(result.code == 1)
            #expect(result.output.isEmpty)
            #expect(result.errors.hasPrefix("error: \(folder)/none/schedules.json: "), "\(result.errors)")
            #expect(result.errors.contains("create \(folder)/none or check its permissions"), "\(result.errors)")
        }
    }

    @Test func aScheduleChoosesTheKernel() throws {
        try withGraph { graph, folder in
            let file = folder + "/schedules.json"
            let key = "v3 float32 dot f32[32,64] f32[64,48] contract [1],[0] batch [],[]"
            func kernels(_ schedules: [String]) throws -> String {
                try Tool.run(["dump", graph, "--stage", "kernels", "--target", "x86_64", "--cpu", "v3"] + schedules)
                    .output
            }
            let content = """
                {"format": 1, "processor": "", "contractions": {"\(key)": {"form": "panels", "rows": 4, "vectors": 2}}}
                """
            try content.write(toFile: file, atomically: true, encoding: .utf8)
            #expect(try !kernels([]).contains("dot_panels"))
            let chosen = try kernels(["--schedules", file])
            #expect(chosen.contains("dot_panels") && chosen.contains("step 4"), "\(chosen)")
        }
    }

    @Test(arguments: [
        ("nothing", "this is no file of schedules; write one with 'strata tune'"),
        (#"{"format": 7, "processor": "", "contractions": {}}"#, "format 7, this version reads 1"),
        (
            #"{"format": 1, "processor": "", "contractions": {"k": {"form": "direct", "rows": 99}}}"#,
            "'k': a tile of 99 rows and 1 vectors"
        ),
    ])
    func aBadFileIsRefused(content: String, message: String) throws {
        try withGraph { graph, folder in
            let file = folder + "/bad.json"
            try content.write(toFile: file, atomically: true, encoding: .utf8)
            let result = try Tool.run("check", graph, "--schedules", file)
            #expect(result.code == 1 && result.errors.contains(message), "\(result.errors)")
        }
    }
}
