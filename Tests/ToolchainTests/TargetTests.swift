import Testing
import Toolchain

@Suite struct TargetTests {
    @Test(
        arguments: [
            ("x86_64-unknown-linux-gnu", nil, Architecture.x86_64, CPULevel.baseline),
            ("x86_64-pc-linux-gnu", nil, .x86_64, .baseline),
            ("x86_64-linux-gnu", "v3", .x86_64, .v3),
            ("x86_64", "v4", .x86_64, .v4),
            ("aarch64-unknown-linux-gnu", "baseline", .aarch64, .baseline),
            ("aarch64", nil, .aarch64, .baseline),
        ] as [(String, String?, Architecture, CPULevel)])
    func targetsAreReadAsWritten(triple: String, level: String?, architecture: Architecture, expected: CPULevel) throws
    {
        #expect(try Target.parse(triple: triple, level: level) == Target(architecture: architecture, level: expected))
    }

    @Test func theHostIsWhatItsProcessorOffers() throws {
        let processor = HostProcessor.detect()
        #expect(try Target.parse(triple: "host", level: nil) == Target.host)
        #expect(Target.host == Target(architecture: processor.architecture, level: processor.level))
        #expect(try Target.parse(triple: "host", level: "baseline").level == .baseline)
        #expect(processor.coreCount >= 1)
    }

    @Test(arguments: ["riscv64-unknown-linux-gnu", "x86_64-apple-darwin", "x86_64-", "", "aarch64--linux-gnu"])
    func anUnknownTripleListsTheKnownOnes(triple: String) {
        let error = #expect(throws: ToolchainError.self) { try Target.parse(triple: triple, level: nil) }
        #expect(
            error?.description == "unknown target \"\(triple)\": expected host, x86_64-unknown-linux-gnu, "
                + "aarch64-unknown-linux-gnu, or an architecture alone (x86_64, aarch64)")
    }

    @Test func anUnknownLevelListsTheKnownOnes() {
        let error = #expect(throws: ToolchainError.self) { try Target.parse(triple: "x86_64", level: "v5") }
        #expect(error?.description == "unknown CPU level \"v5\" of x86_64: expected baseline, v3, v4, dot, amx")
        let other = #expect(throws: ToolchainError.self) { try Target.parse(triple: "aarch64", level: "v3") }
        #expect(other?.description == "unknown CPU level \"v3\" of aarch64: expected baseline")
    }
}

@Suite struct EnvironmentReportTests {
    @Test func whatIsMissingComesWithTheWayToGetIt() {
        let report = EnvironmentReport.gather(searchPath: ["/nowhere"])
        let emulator = report.facts.first { $0.name == "AArch64 emulator" }
        #expect(emulator?.found == nil)
        #expect(
            report.description.contains(
                "AArch64 emulator: not there (optional), runs AArch64 artifacts on x86-64: "
                    + "sudo apt-get install --no-install-recommends qemu-user"))
    }

    @Test func theLibraryInUseIsReported() throws {
        let report = EnvironmentReport.gather()
        #expect(report.facts.first?.found == (try LLVMLibrary.standard().version))
        #expect(try LLVMLibrary.standard().version.hasPrefix("19."))
        #expect(report.isComplete)
    }

    @Test func aMissingLibraryIsReported() {
        let report = EnvironmentReport.gather(llvm: ["/nowhere/libLLVM-19.so"])
        #expect(!report.isComplete)
        #expect(
            report.description.contains(
                "LLVM: missing, turns kernels into machine code: "
                    + "sudo apt-get install --no-install-recommends llvm-19-dev"))
    }
}

@Suite struct LLVMLibraryTests {
    @Test func whatIsMissingIsSaidWithTheWayToGetIt() {
        let error = #expect(throws: ToolchainError.self) {
            try LLVMLibrary.load(candidates: ["/nowhere/libLLVM-19.so", "libno-such-thing.so"])
        }
        #expect(
            error?.description == "LLVM 19, which compiles, can't be loaded as /nowhere/libLLVM-19.so or "
                + "libno-such-thing.so (/nowhere/libLLVM-19.so: cannot open shared object file: No such file or "
                + "directory; libno-such-thing.so: cannot open shared object file: No such file or directory): "
                + "sudo apt-get install --no-install-recommends llvm-19-dev")
    }

    @Test func anotherLibraryIsNotTakenForLLVM() {
        let error = #expect(throws: ToolchainError.self) { try LLVMLibrary.load(candidates: ["libc.so.6"]) }
        #expect(error?.description.contains("libc.so.6: it has no function LLVM") == true)
    }
}
