import Compiler
import ExampleModels
import Execution
import Foundation
import GraphIR
import HostTensors
import KernelIR
import Testing
import Toolchain

/// Compiled models whose states, and what they keep between calls, are mapped from an image.
@Suite struct ImageTests {
    private static let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Programs/share_image.c").path
    private static let emulator = Subprocess.find("qemu-aarch64")
    private static let canEmulate =
        emulator != nil && FileManager.default.fileExists(atPath: EnvironmentReport.aarch64Root + "/lib/libc.so.6")
    /// The CPU levels that this machine can run.
    static let levels = CPULevel.levels(of: Target.host.architecture).filter { $0.rank <= Target.host.level.rank }

    // MARK: One process

    /// What each precision keeps differs: whole numbers, parts, rounded parts, 8-bit integers.
    @Test(arguments: levels, Precision.allCases)
    func answersAreTheSameAndNothingIsComputedAgain(level: CPULevel, precision: Precision) throws {
        let module = try GraphModule(text: KeptTests.text).keeping(functions: ["predict"])
        let numbers = RecipeStream("image")
        let inputs: NamedTensors = ["x": try numbers.reals([9, 48])]
        let weights: NamedTensors = [
            "w": try numbers.reals([40, 48]), "variance": try HostTensor((1...40).map(Float.init), shape: [40]),
        ]
        try TemporaryFolder.with { folder in
            let path = folder + "/image"
            let recorder = KernelRecorder(capacity: 10_000)
            func model() throws -> CompiledModel {
                let model = try Model.compiled(
                    module, threads: 1, level: level,
                    compiler: NativeCompiler(precision: precision, recordsKernels: true))
                try model.record(into: recorder)
                return model
            }
            /// The numbers of the kernels that a call runs, and its answer.
            func call(_ model: CompiledModel) throws -> (kernels: Set<Int>, answer: HostTensor) {
                recorder.clear()
                let outputs = try model.run("predict", inputs)
                return (Set(recorder.events.map(\.call)), try #require(outputs["y"]))
            }
            let plain = try model()
            try plain.setStates(weights)
            let (first, later) = (try call(plain), try call(plain))
            #expect(later.kernels.isStrictSubset(of: first.kernels), "the graph keeps something")
            try plain.saveImage(path, source: "numbers")

            let mapped = try model()
            try mapped.mapImage(path, source: "numbers")
            let shared = try call(mapped)
            #expect(shared.answer == first.answer)
            #expect(shared.kernels == later.kernels)
            #expect(try mapped.states() == weights)
            try mapped.setState("variance", to: try numbers.reals([40]))
            #expect(try call(mapped).kernels == first.kernels)
        }
    }

    /// Pages that nobody writes to are those of the file, in the first call too.
    @Test func predictingWritesToNoPage() throws {
        let module = try GraphModule(text: KeptTests.text).keeping(functions: ["predict"])
        let numbers = RecipeStream("image")
        try TemporaryFolder.with { folder in
            let path = folder + "/image"
            let model = try Model.compiled(module, threads: 2)
            let use = try model.mapImage(path, source: "") {
                try model.setState("w", to: try numbers.reals([40, 48]))
                try model.setState("variance", to: try HostTensor((1...40).map(Float.init), shape: [40]))
            }
            #expect(use == .written)
            _ = try model.run("predict", ["x": try numbers.reals([9, 48])])
            #expect(try Self.ownKilobytes(path) == 0)
            try model.setState("w", to: try numbers.reals([40, 48]))
            #expect(try Self.ownKilobytes(path) > 0)
            withExtendedLifetime(model) {}
        }
    }

    /// The pages of a mapped file that this process has copies of.
    private static func ownKilobytes(_ path: String) throws -> Int {
        var count: Int?
        var isInside = false
        // A file of the system has no size that it could be read by.
        let bytes = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/proc/self/smaps")).readToEnd() ?? Data()
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count >= 5, words[0].contains("-") { isInside = line.hasSuffix(path) }
            if isInside, words[0] == "Anonymous:" { count = (count ?? 0) + (Int(words[1]) ?? 0) }
        }
        return try #require(count, "the file is not mapped")
    }

    // MARK: Several processes

    private static func expected(_ checksum: String, path: String) -> String {
        """
        \(checksum)
        save: 0 
        after saving: the same
        map in a second context: 0 
        mapped: the same
        trained, to the first: different
        trained, to what is trained without an image: the same
        map in a third context: 0 
        mapped: the same
        a state set, to the first: different
        a state set, to what is set without an image: the same
        save on a full disk: 3 save_image '\(path)': cannot be written; is the disk full?
        after that: the same
        save in a folder that takes no files: 3 save_image '/proc/image': cannot be created
        map what was there: 0 
        mapped: the same
        map from elsewhere: 4 map_image '\(path)': made from 'numbers', expected 'other numbers': write it again with save_image
        after that: the same

        """
    }

    @Test(arguments: levels) func processesShareAnImage(level: CPULevel) throws {
        try TemporaryFolder.with { folder in
            try build(Target.host.architecture, level, in: folder)
            let program = folder + "/share_image"
            try compile(
                ["-std=c99", Self.source, "-o", program, "-L\(folder)", "-lkept", "-Wl,-rpath,\(folder)"], folder)
            try expectSharing(level, in: folder) { try Subprocess.run(program, $0) }
        }
    }

    @Test(.enabled(if: canEmulate, "needs an emulator: sudo apt-get install qemu-user libc6-arm64-cross"))
    func processesShareAnImageUnderTheEmulator() throws {
        let emulator = try #require(Self.emulator)
        try TemporaryFolder.with { folder in
            try build(.aarch64, .baseline, in: folder)
            let object = folder + "/share_image.o"
            try compile(
                [
                    "--target=aarch64-unknown-linux-gnu", "-std=c99", "-O1", "-ffreestanding", "-fPIC",
                    "-fno-stack-protector", "-DSTANDALONE", "-c", Self.source, "-o", object,
                ], folder)
            let program = folder + "/share_image"
            try Linker.locate().program(
                objects: [[UInt8](try Data(contentsOf: URL(fileURLWithPath: object)))],
                libraries: [folder + "/libkept.so"], output: program, architecture: .aarch64)
            try expectSharing(.baseline, in: folder) {
                try Subprocess.run(emulator, ["-L", EnvironmentReport.aarch64Root, program] + $0)
            }
        }
    }

    /// One process writes an image, two more map it one after the other.
    private func expectSharing(
        _ level: CPULevel, in folder: String, _ run: ([String]) throws -> Subprocess.Outcome
    ) throws {
        try FileManager.default.createDirectory(atPath: folder + "/images", withIntermediateDirectories: true)
        let path = folder + "/images/image"
        let written = try run([path, "\(level.rank)", "write"])
        let checksum = written.output.split(separator: "\n").first.map(String.init) ?? ""
        #expect(checksum.hasPrefix("checksum "))
        #expect(written.output == Self.expected(checksum, path: path), "\(written.standardError)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/images") == ["image"])
        let bytes = FileManager.default.contents(atPath: path)
        for _ in 0..<2 {
            let mapped = try run([path, "\(level.rank)", "map"])
            #expect(mapped.output == "map: 0 \n\(checksum)\nafter training: different\n", "\(mapped.standardError)")
        }
        #expect(FileManager.default.contents(atPath: path) == bytes)
    }

    private func build(_ architecture: Architecture, _ level: CPULevel, in folder: String) throws {
        try Compiler.compile(
            try GraphModule(text: KeptTests.text), options: CompileOptions(architecture: architecture, levels: [level]),
            to: folder)
    }

    private func compile(_ arguments: [String], _ headers: String) throws {
        let compiler = try #require(Subprocess.find("clang"), "the Swift toolchain's clang is not on the search path")
        let outcome = try Subprocess.run(compiler, ["-Wall", "-Wextra", "-Werror", "-I", headers] + arguments)
        try #require(outcome.isSuccess, "\(outcome.standardError)")
    }
}
