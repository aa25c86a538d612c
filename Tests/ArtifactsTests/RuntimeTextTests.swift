import Foundation
import Testing
import Toolchain

/// The runtime's checked-in LLVM IR is what its C sources give.
@Suite struct RuntimeTextTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("codegen-templates").path
    private static let optimizer = Subprocess.find("opt-19")

    /// The text depends on the compiler's release: only the one it was made with is compared.
    private static let compiler: String? = Subprocess.find("clang").flatMap { path in
        let version = try? Subprocess.run(path, ["--version"]).output
        return version?.hasPrefix("clang version 21.") == true ? path : nil
    }

    @Test(
        .enabled(if: optimizer != nil && compiler != nil, "needs Swift 6.3's clang and opt-19 (package llvm-19)"),
        arguments: [("runtime", []), ("record", ["record"]), ("self_test", ["self_test"])])
    func isWhatTheSourcesGive(text: String, arguments: [String]) throws {
        let compiler = try #require(Self.compiler)
        let optimizer = try #require(Self.optimizer)
        let outcome = try Subprocess.run(
            "/bin/sh", [Self.root + "/runtime/generate-ir.sh", compiler, optimizer] + arguments)
        try #require(outcome.isSuccess, "\(outcome.standardError)")
        let recorded = try String(contentsOfFile: Self.root + "/templates/\(text).ll", encoding: .utf8)
        let isCurrent = outcome.output == recorded
        #expect(
            isCurrent,
            "make it again with codegen-templates/runtime/generate-ir.sh, which says how")
    }
}
