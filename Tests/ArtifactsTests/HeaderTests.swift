import Artifacts
import Foundation
import KernelIR
import Testing

@Suite struct HeaderTests {
    /// The whole header of the sample library. After a change that is meant, the test's message shows the new text, which
    /// goes into Expected/sample.h.
    @Test func matchesTheRecordedText() throws {
        try withFolder { folder in
            _ = try ArtifactBuilder.build(
                Sample.description, levels: Sample.levels(), architecture: .x86_64, emit: [.header], to: folder)
            let actual = try String(contentsOfFile: folder + "/sample.h", encoding: .utf8)
            let recorded = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("Expected/sample.h")
            #expect(try actual == String(contentsOf: recorded, encoding: .utf8), "\(actual)")
        }
    }

    /// Names that C does not allow, or that would clash, become others; the model's own names stay in the comments.
    @Test func namesOfArgumentsAreIdentifiers() throws {
        var description = Sample.description
        description.functions[0].inputs = [
            "B", "a b", "a/b", "class", "1st", "context", "linux", "I", "INT64_MAX", "_Bool",
        ].map {
            ArtifactTensor(name: $0, dtype: .bf16, type: "bf16[B, 4]")
        }
        try withFolder { folder in
            _ = try ArtifactBuilder.build(
                description, levels: Sample.levels(), architecture: .x86_64, emit: [.header], to: folder)
            let text = try String(contentsOfFile: folder + "/sample.h", encoding: .utf8)
            for name in ["B_2", "a_b", "a_b_2", "class_", "_1st", "context_2", "linux_", "I_", "INT64_MAX_", "_Bool_"] {
                #expect(text.contains("    const uint16_t *\(name),\n"), "\(name)")
            }
            #expect(text.contains("@param a_b input 'a b', bf16[B, 4] (bits of bfloat16)"))
        }
    }

    /// What would end a comment does not.
    @Test func pathsOfStatesStayInTheComment() throws {
        var description = Sample.description
        description.states[0].name = "a */ int b; /* c"
        try withFolder { folder in
            _ = try ArtifactBuilder.build(
                description, levels: Sample.levels(), architecture: .x86_64, emit: [.header], to: folder)
            let text = try String(contentsOfFile: folder + "/sample.h", encoding: .utf8)
            #expect(text.contains(" *   \"a * / int b; / * c\": "))
        }
    }
}
