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
        #expect(processor.features == processor.features.sorted())
        #expect(Set(processor.features).isSuperset(of: HostProcessor.requiredFeatures(of: processor.level)))
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
        #expect(error?.description == "unknown CPU level \"v5\" of x86_64: expected baseline, v3, v4")
        let other = #expect(throws: ToolchainError.self) { try Target.parse(triple: "aarch64", level: "v3") }
        #expect(other?.description == "unknown CPU level \"v3\" of aarch64: expected baseline")
    }

    @Test func aLevelNeedsAllItsFeatures() {
        let level3 = HostProcessor.requiredFeatures(of: .v3)
        let level4 = HostProcessor.requiredFeatures(of: .v4)
        #expect(HostProcessor.level(of: .x86_64, features: []) == .baseline)
        #expect(HostProcessor.level(of: .x86_64, features: Array(level3)) == .v3)
        #expect(HostProcessor.level(of: .x86_64, features: Array(level4)) == .v4)
        #expect(HostProcessor.level(of: .aarch64, features: Array(level4)) == .baseline)
        for feature in level3 {
            #expect(HostProcessor.level(of: .x86_64, features: Array(level4.subtracting([feature]))) == .baseline)
        }
        #expect(HostProcessor.level(of: .x86_64, features: Array(level4.subtracting(["avx512vl"]))) == .v3)
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

    @Test func theLibraryInUseIsReported() {
        let report = EnvironmentReport.gather()
        #expect(report.facts.first?.found == LLVMLibrary.version)
        #expect(LLVMLibrary.version.hasPrefix("19."))
        #expect(report.isComplete)
    }
}
