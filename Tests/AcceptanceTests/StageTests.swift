import Compiler
import Foundation
import GraphIR
import GraphPasses
import Testing
import Toolchain

/// Every stage of every graph that comes with Strata.
@Suite struct StageTests {
    @Test(arguments: Graphs.names) func textParsesBackToTheSameBytes(name: String) throws {
        let text = try Graphs.read(name).text(constants: .sideFile)
        #expect(Array(text.utf8) == [UInt8](try Data(contentsOf: URL(fileURLWithPath: Graphs.path(name)))))
    }

    @Test func everyGraphThereIsIsTested() throws {
        let folder = URL(fileURLWithPath: Graphs.path("mlp")).deletingLastPathComponent().path
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".graph") }
        #expect(files.sorted() == Graphs.names.map { "\($0).graph" })
    }

    @Test(arguments: Graphs.names) func everyStagePrints(name: String) throws {
        let module = try Graphs.read(name)
        let optimized = try Compiler.optimized(module)
        // The optimized graph is a graph like any other.
        let text = optimized.module.text()
        #expect(try GraphModule(text: text).text() == text)
        for (function, plan) in zip(optimized.module.functions, optimized.plans) {
            #expect(plan.text(function, optimized.module).contains("@\(function.name)"))
            #expect(try optimized.module.dot(function: function.name).hasPrefix("digraph"))
        }
        for target in [Target.host, Target(architecture: .aarch64, level: .baseline)] {
            let lowered = try Compiler.lowered(optimized, target: target)
            for function in module.functions {
                #expect(lowered.kernelText(function: function.name).hasPrefix("// \(function.name): "))
                #expect(lowered.memoryText(function: function.name).hasPrefix("\(function.name): workspace "))
            }
            let ir = try Compiler.llvm(lowered, name: name).text
            let assembly = try LLVMCompiler.assembly(ir: ir, target: target)
            for function in module.functions {
                let symbol = "\(name)_rt_plan_\(function.name)_\(target.level.rawValue)"
                #expect(ir.contains("@\(symbol)("))
                #expect(assembly.contains("\n\(symbol):"))
            }
        }
    }
}
