import Artifacts
import Foundation
import KernelIR
import Testing
import Toolchain

/// Programs in C that use a library through its header alone.
@Suite struct ProgramTests {
    private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Programs").path
    private static let emulator = Subprocess.find("qemu-aarch64")
    private static let canEmulate =
        emulator != nil && FileManager.default.fileExists(atPath: EnvironmentReport.aarch64Root + "/lib/libc.so.6")

    /// What the driver prints; ranks above the baseline agree by being refused where there are none.
    private static let expected = """
        version 1 123
        threads 1 wrong 0 0 0 0 0
        threads 2 wrong 0 0 0 0 0
        threads 5 wrong 0 0 0 0 0
        workspace 1600 states 24
        trained 13 43
        restored, wrong 0
        called 0 0
        1 predict: dimension B: got 0, allowed 1...4096
        1 predict: dimension B: got 5000, allowed 1...4096
        1 predict: input 'image' is NULL
        1 predict: output 'probabilities' is NULL
        1 level: dimension N: got 6, allowed multiples of 4
        1 set: no state 'hidden/bias'
        1 get: state 'hidden/weight', f32[4]: got 12 bytes, expected 16
        3 load '/nowhere': cannot be opened
        1 workspace_bytes: no function 'serve'
        1 the context is NULL
        variant 0 agrees
        variant 1 agrees
        variant 2 agrees

        """

    enum Linking: CaseIterable { case shared, archive, object }

    #if arch(x86_64)
        @Test(arguments: Linking.allCases, [false, true])
        func aProgramOnThisMachine(linking: Linking, embedded: Bool) throws {
            try withFolder { folder in
                try build(.x86_64, embedded: embedded, in: folder)
                let program = folder + "/driver"
                let library =
                    switch linking {
                    case .shared: ["-L\(folder)", "-lsample", "-Wl,-rpath,\(folder)"]
                    case .archive: ["\(folder)/libsample.a", "-lpthread"]
                    case .object: ["\(folder)/sample.o", "-lpthread"]
                    }
                try compile(["-std=c99", "\(Self.sources)/driver.c", "-o", program] + library, headers: folder)
                let weights = embedded ? "embedded" : folder + "/sample.weights.safetensors"
                let outcome = try Subprocess.run(program, [weights, folder + "/scratch.safetensors"])
                #expect(outcome.output == Self.expected, "\(outcome.standardError)")
                #expect(outcome.exitStatus == 0)
            }
        }
    #endif

    @Test(
        .enabled(if: canEmulate, "needs an emulator: sudo apt-get install qemu-user libc6-arm64-cross"),
        arguments: [false, true])
    func aProgramForAArch64UnderTheEmulator(embedded: Bool) throws {
        try withFolder { folder in
            try build(.aarch64, embedded: embedded, in: folder)
            let weights = embedded ? "embedded" : folder + "/sample.weights.safetensors"
            let object = folder + "/driver.o"
            try compile(
                [
                    "--target=aarch64-unknown-linux-gnu", "-std=c99", "-ffreestanding", "-fPIC", "-DSTANDALONE",
                    "-DWEIGHTS=\"\(weights)\"", "-DSCRATCH=\"\(folder)/scratch.safetensors\"", "-c",
                    "\(Self.sources)/driver.c", "-o", object,
                ], headers: folder)
            let program = folder + "/driver"
            try Linker.locate().program(
                objects: [[UInt8](try Data(contentsOf: URL(fileURLWithPath: object)))],
                libraries: [folder + "/libsample.so"], output: program, architecture: .aarch64)
            let emulator = try #require(Self.emulator)
            let outcome = try Subprocess.run(emulator, ["-L", EnvironmentReport.aarch64Root, program])
            #expect(outcome.output == Self.expected, "\(outcome.standardError)")
            #expect(outcome.exitStatus == 0)
        }
    }

    /// What the self-test of a library says of the levels that there are.
    private static func verdicts(_ levels: some Sequence<CPULevel>, _ passed: (CPULevel) -> Bool = { _ in true })
        -> String
    {
        levels.map { level in
            """
            \(level.rawValue) predict B=3 output probabilities \(passed(level) ? "passed" : "failed")
            \(level.rawValue) train  output loss passed
            \(level.rawValue) train  state hidden/weight passed

            """
        }.joined()
    }

    @Test(
        .enabled(if: canEmulate, "needs an emulator: sudo apt-get install qemu-user libc6-arm64-cross"),
        arguments: [false, true])
    func aLibraryForAArch64ProvesItself(damaged: Bool) throws {
        try withFolder { folder in
            _ = try ArtifactBuilder.build(
                Sample.withSelfTest(), levels: Sample.levels(.aarch64).map { Self.damaged($0, damaged) },
                architecture: .aarch64, to: folder)
            let object = folder + "/self_test.o"
            try compile(
                [
                    "--target=aarch64-unknown-linux-gnu", "-std=c99", "-ffreestanding", "-fPIC", "-DSTANDALONE", "-c",
                    "\(Self.sources)/self_test.c", "-o", object,
                ], headers: folder)
            let program = folder + "/self_test"
            try Linker.locate().program(
                objects: [[UInt8](try Data(contentsOf: URL(fileURLWithPath: object)))],
                libraries: [folder + "/libsample.so"], output: program, architecture: .aarch64)
            let outcome = try Subprocess.run(
                try #require(Self.emulator), ["-L", EnvironmentReport.aarch64Root, program])
            let message =
                damaged
                ? "5 self_test: baseline: predict with B=3: output 'probabilities': error 6.9e-1, allowed 1.0e-6; "
                    + "1 of 3 results are beyond their bounds\n" : "0 \n"
            #expect(outcome.output == Self.verdicts([.baseline]) { _ in !damaged } + message)
            #expect(outcome.exitStatus == (damaged ? 1 : 0), "\(outcome.standardError)")
        }
    }

    #if arch(x86_64)
        /// A level whose code is another's is found, and no other.
        @Test(arguments: [false, true]) func aLibraryForThisMachineProvesItself(damaged: Bool) throws {
            try withFolder { folder in
                _ = try ArtifactBuilder.build(
                    Sample.withSelfTest(),
                    levels: Sample.levels().map { Self.damaged($0, damaged && $0.level == .baseline) },
                    architecture: .x86_64, to: folder)
                let program = folder + "/self_test"
                try compile(
                    [
                        "-std=c99", "\(Self.sources)/self_test.c", "-o", program, "-L\(folder)", "-lsample",
                        "-Wl,-rpath,\(folder)",
                    ], headers: folder)
                let outcome = try Subprocess.run(program, [])
                let levels = CPULevel.levels(of: .x86_64).filter { $0.rank <= Target.host.level.rank }
                let expected = Self.verdicts(levels) { !damaged || $0 != .baseline }
                #expect(outcome.output.hasPrefix(expected + (damaged ? "5 self_test: baseline: predict" : "0 \n")))
                #expect(outcome.exitStatus == (damaged ? 1 : 0), "\(outcome.standardError)")
            }
        }
    #endif

    /// Code that adds otherwise than it should.
    private static func damaged(_ level: EmittedLevel, _ isDamaged: Bool) -> EmittedLevel {
        guard isDamaged else { return level }
        let units = level.units.map {
            $0.replacing("%again = load <4 x float>, ptr %by", with: "%again = load <4 x float>, ptr %from")
        }
        return EmittedLevel(level: level.level, irText: units.joined(), units: units)
    }

    /// Two libraries in one program do not meet, neither as archives nor as objects.
    @Test func twoLibrariesInOneProgram() throws {
        try withFolder { folder in
            try build(.x86_64, embedded: true, in: folder)
            var other = Sample.description
            other.name = "other"
            let levels = Sample.levels().map {
                EmittedLevel(level: $0.level, irText: $0.irText.replacing("sample_rt_", with: "other_rt_"))
            }
            _ = try ArtifactBuilder.build(other, levels: levels, architecture: .x86_64, emit: [.a], to: folder)
            let joined = try Linker.locate().relocatableObject(
                objects: [
                    [UInt8](Data(contentsOf: URL(fileURLWithPath: folder + "/sample.o"))),
                    object(of: other, levels: levels, in: folder),
                ], architecture: .x86_64)
            let symbols = try ELFFile(joined).exportedSymbols
            #expect(symbols.contains("sample_predict") && symbols.contains("other_predict"))
        }
    }

    /// The header means the same to a C++ compiler, and neither language has anything to warn of.
    @Test(arguments: ["c", "c++"])
    func theHeaderIsCleanInBothLanguages(language: String) throws {
        try withFolder { folder in
            try build(.x86_64, embedded: false, in: folder)
            let source = folder + "/use.\(language == "c" ? "c" : "cpp")"
            let program =
                "#include \"sample.h\"\n#include \"sample.h\"\nint use(void) { return sample_abi_version(); }\n"
            try program.write(toFile: source, atomically: true, encoding: .utf8)
            try compile(["-x", language, "-Wpedantic", "-fsyntax-only", source], headers: folder)
        }
    }

    private func object(of description: ArtifactDescription, levels: [EmittedLevel], in folder: String) throws
        -> [UInt8]
    {
        _ = try ArtifactBuilder.build(description, levels: levels, architecture: .x86_64, emit: [.o], to: folder)
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(description.name).o")))
    }

    private func build(_ architecture: Architecture, embedded: Bool, in folder: String) throws {
        _ = try ArtifactBuilder.build(
            Sample.description, levels: Sample.levels(architecture), architecture: architecture,
            emit: [.so, .a, .o, .header], weights: Sample.weights, embedWeights: embedded, to: folder)
    }

    private func compile(_ arguments: [String], headers: String) throws {
        let compiler = try #require(Subprocess.find("clang"), "the Swift toolchain's clang is not on the search path")
        let outcome = try Subprocess.run(compiler, ["-Wall", "-Wextra", "-Werror", "-I", headers] + arguments)
        try #require(outcome.isSuccess, "\(outcome.standardError)")
    }
}
