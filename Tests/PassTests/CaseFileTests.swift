import Foundation
import GraphIR
import GraphPasses
import Testing

@Suite struct CaseFileTests {
    @Test func casesAreFound() { #expect(CaseFile.all.count >= 20) }

    @Test(arguments: CaseFile.all)
    func resultIsAsExpected(_ file: CaseFile) throws {
        if ProcessInfo.processInfo.environment["STRATA_UPDATE_EXPECTATIONS"] == "1" { return try file.update() }
        #expect(try file.result() == file.expected)
    }

    /// What a pass makes of its own result is that result.
    @Test(
        arguments: CaseFile.all.filter { $0.passes.count == 1 && $0.passes != ["fusion"] && $0.passes != ["explain"] })
    func passIsIdempotent(_ file: CaseFile) throws {
        var module = try GraphModule(text: file.expected)
        let before = module.text()
        for at in module.functions.indices {
            let passes = Pipeline.standard.steps.map(\.pass).filter {
                file.passes == [$0.name] || file.passes == ["standard"]
            }
            for pass in passes { _ = try pass.run(&module.functions[at], PassContext(module)) }
        }
        #expect(module.text() == before)
    }
}
