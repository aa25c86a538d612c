import Foundation
import Testing
import Toolchain

@Suite struct CompilationTests {
    static let everyTarget = Architecture.allCases.flatMap { Target.all(of: $0) }

    @Test(arguments: everyTarget)
    func everyTargetGetsAnObjectOfItsArchitecture(target: Target) throws {
        let file = try ELFFile(LLVMCompiler.object(ir: Samples.add, target: target))
        #expect(file.machine == (target.architecture == .x86_64 ? 62 : 183))
        #expect(file.exportedSymbols == ["add"])
        #expect(file.undefinedSymbols.isEmpty)
    }

    @Test func aLevelBringsItsRegisters() throws {
        let ir = """
            define void @twice(ptr %p) {
              %x = load <16 x float>, ptr %p
              %y = fadd <16 x float> %x, %x
              store <16 x float> %y, ptr %p
              ret void
            }

            """
        let level4 = try LLVMCompiler.assembly(ir: ir, target: Target(architecture: .x86_64, level: .v4))
        let level3 = try LLVMCompiler.assembly(ir: ir, target: Target(architecture: .x86_64, level: .v3))
        #expect(level3.contains("ymm") && !level3.contains("zmm"))
        #expect(level4.contains("ymm") || level4.contains("zmm"))
    }

    @Test func thePipelineIsTheOneAskedFor() throws {
        let ir = "define i32 @three() {\n  %x = add i32 1, 2\n  ret i32 %x\n}\n"
        let target = Target(architecture: .x86_64, level: .baseline)
        #expect(try LLVMCompiler.optimizedIR(ir: ir, target: target).contains("ret i32 3"))
        let asWritten = try LLVMCompiler.optimizedIR(ir: ir, target: target, optimize: .none)
        #expect(asWritten.contains("add i32 1, 2"))
        #expect(asWritten.contains("target triple = \"x86_64-unknown-linux-gnu\""))
    }

    @Test func severalTextsBecomeOneModule() throws {
        let target = Target(architecture: .aarch64, level: .baseline)
        let caller = "declare i32 @one()\ndefine i32 @caller() {\n  %r = call i32 @one()\n  ret i32 %r\n}\n"
        let file = try ELFFile(LLVMCompiler.object(irs: [caller, Samples.constant("one", 1)], target: target))
        #expect(file.exportedSymbols == ["caller", "one"])
        #expect(file.undefinedSymbols.isEmpty)
    }

    @Test func theSameTextGivesTheSameBytesOnSeveralThreads() async throws {
        let texts = (0..<8).map { Samples.add + Samples.constant("version", $0 / 2) }
        let target = Target(architecture: .x86_64, level: .v3)
        let objects = try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
            for (index, text) in texts.enumerated() {
                group.addTask { (index, try LLVMCompiler.object(ir: text, target: target)) }
            }
            return try await group.reduce(into: [Int: [UInt8]]()) { $0[$1.0] = $1.1 }
        }
        for pair in 0..<4 {
            #expect(objects[2 * pair] != nil && objects[2 * pair] == objects[2 * pair + 1])
        }
        #expect(objects[0] != objects[2])
    }
}

@Suite struct CompilationErrorTests {
    static let target = Target(architecture: .x86_64, level: .baseline)

    private func message(_ irs: [String], optimize: PassPipeline = .small) -> String {
        do {
            _ = try LLVMCompiler.object(irs: irs, target: Self.target, optimize: optimize)
            return "no error"
        } catch {
            return "\(error)"
        }
    }

    @Test func aTextThatDoesNotParseIsQuotedWhereItFails() {
        let bad = "define i32 @f() {\n  %y = add i32 %x, 1\n  ret i32 %y\n}\n"
        let expected = """
            LLVM IR text 2, line 2, column 16: use of undefined value '%x'
                %y = add i32 %x, 1
                             ^
            """
        #expect(message([Samples.add, bad]) == expected)
    }

    @Test(
        arguments: [
            ("define i32 @f( {", "line 1, column 17: expected type"),
            (
                "define i32 @f() {\n  ret i64 0\n}\n",
                "line 2, column 7: value doesn't match function result type 'i32'"
            ),
            ("garbage", "line 1, column 1: expected top-level entity"),
            ("define void @f() {", "line 1, column 19: "),
        ])
    func parseErrorsCarryTheirPlace(ir: String, expected: String) {
        #expect(message([ir]).contains(expected))
    }

    @Test func aBrokenRuleIsTheVerifiersToTell() {
        let ir = """
            define i32 @f(i1 %c) {
            entry:
              br i1 %c, label %a, label %b
            a:
              %x = add i32 1, 2
              br label %b
            b:
              ret i32 %x
            }

            """
        let text = message([ir])
        #expect(text.hasPrefix("invalid LLVM IR: Instruction does not dominate all uses!"))
    }

    @Test func twoDefinitionsOfOneSymbolDoNotLink() {
        let text = message([Samples.constant("f", 1), Samples.constant("f", 2)])
        #expect(
            text == "LLVM IR text 2 can't be linked to the ones before it: "
                + "Linking globals named 'f': symbol multiply defined!")
    }

    @Test func anUnknownPassIsNamed() {
        let text = message([Samples.add], optimize: PassPipeline(text: "function(no-such-pass)"))
        #expect(text.hasPrefix("the pass pipeline \"function(no-such-pass)\" can't be run: "))
        #expect(text.contains("no-such-pass"))
    }

    @Test func anotherTargetsTextIsRefused() {
        let text = message(["target triple = \"aarch64-unknown-linux-gnu\"\n" + Samples.add])
        #expect(
            text.hasPrefix(
                "the LLVM IR is written for aarch64-unknown-linux-gnu, but is compiled for x86_64-unknown-linux-gnu"))
    }

    @Test func anInstructionAboveTheLevelIsAnErrorAndNotTheEnd() throws {
        let ir = """
            declare <16 x float> @llvm.x86.avx512.mask.scalef.ps.512(<16 x float>, <16 x float>, <16 x float>, i16, i32)
            define void @f(ptr %p) {
              %x = load <16 x float>, ptr %p
              %y = call <16 x float> @llvm.x86.avx512.mask.scalef.ps.512(<16 x float> %x, <16 x float> %x, <16 x float> %x, i16 -1, i32 4)
              store <16 x float> %y, ptr %p
              ret void
            }

            """
        #expect(message([ir]).hasPrefix("no machine code for x86_64-unknown-linux-gnu at level baseline: "))
        // The same text is fine where the level has it, and the process lives to say so.
        _ = try LLVMCompiler.object(ir: ir, target: Target(architecture: .x86_64, level: .v4))
    }

    @Test func anUnknownInstructionInAssemblyIsAnErrorAndNotTheEnd() {
        let ir = "define void @f() {\n  call void asm sideeffect \"no_such_instruction\", \"\"()\n  ret void\n}\n"
        #expect(message([ir]).contains("invalid instruction mnemonic 'no_such_instruction'"))
    }
}
