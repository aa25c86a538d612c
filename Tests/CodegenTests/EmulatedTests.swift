import Artifacts
import Compiler
import Foundation
import GraphIR
import HostTensors
import OpCases
import Testing
import Toolchain

/// Random graphs as AArch64 libraries, called by a program under the emulator.
@Suite struct EmulatedTests {
    private static let emulator = Subprocess.find("qemu-aarch64")
    static let canEmulate =
        emulator != nil && FileManager.default.fileExists(atPath: EnvironmentReport.aarch64Root + "/lib/libc.so.6")
    /// The driver's object file; nil when it cannot be built.
    private static let driver: [UInt8]? = try? TemporaryFolder.with { folder in
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Driver/driver.c"
        let object = folder + "/driver.o"
        let compiler = try #require(Subprocess.find("clang"))
        let outcome = try Subprocess.run(
            compiler,
            [
                "--target=aarch64-unknown-linux-gnu", "-std=c99", "-O1", "-ffreestanding", "-fPIC",
                "-fno-stack-protector", "-Wall", "-Wextra", "-Werror", "-c", source, "-o", object,
            ])
        try #require(outcome.isSuccess, "\(outcome.standardError)")
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: object)))
    }

    @Test(
        .enabled(if: canEmulate, "needs an emulator: sudo apt-get install qemu-user libc6-arm64-cross"),
        arguments: RandomSeeds.chosen.map(Array.init) ?? [0, 7, 21, 42, 77, 101, 130, 163, 199, 222, 260, 350])
    func randomGraph(seed: UInt64) throws { try check(seed, RandomGraph.Options()) }

    @Test(
        .enabled(if: canEmulate, "needs an emulator: sudo apt-get install qemu-user libc6-arm64-cross"),
        arguments: RandomSeeds.chosen.map(Array.init) ?? [400, 417, 433])
    func randomGraphOfEveryFamily(seed: UInt64) throws {
        var options = RandomGraph.Options()
        options.families = RandomGraph.Family.allCases
        try check(seed, options)
    }

    private func check(_ seed: UInt64, _ options: RandomGraph.Options) throws {
        let data = try RandomCase(RandomGraph.module(seed: seed, options: options), seed: seed)
        let (gap, place) = try data.worst(of: Self.emulated(data))
        #expect(gap <= CompiledAgainstInterpretedTests.bound, "\(place) differs by \(gap)\n\(data.module.text())")
    }

    /// A case of every operation, many in one function.
    @Test(
        .enabled(if: canEmulate, "needs an emulator: sudo apt-get install qemu-user libc6-arm64-cross"),
        arguments: [DType.f32, .f64, .f16], 0..<3)
    func operations(dtype: DType, part: Int) throws {
        var tried: Set<String> = []
        let cases = opCases.filter { tried.insert($0.op).inserted && OpTable.rows[$0.op]!.elements.contains(dtype) }
            .map { $0.retyped(to: dtype) }
        let size = (cases.count + 2) / 3
        let (module, inputs) = try OpCase.combined(Array(cases.dropFirst(part * size).prefix(size)))
        let data = try RandomCase(module, inputs: inputs)
        let found = try Self.emulated(data)
        for (wanted, found) in zip(try data.expected(), found) {
            let gap = difference(found, wanted.tensor)
            #expect(gap <= CompiledOpTests.bound(wanted.tensor.dtype), "\(wanted.place) of \(dtype) differs by \(gap)")
        }
    }

    /// Random numbers are the interpreter's to the bit.
    @Test(
        .enabled(if: canEmulate, "needs an emulator: sudo apt-get install qemu-user libc6-arm64-cross"),
        arguments: ExactGraphTests.drawn)
    func randomNumbers(item: (name: String, inputs: String, body: String, given: [HostTensor])) throws {
        let module = try ExactGraphTests.module(inputs: item.inputs, body: item.body)
        let data = try RandomCase(module, inputs: item.given)
        for (wanted, found) in zip(try data.expected(), try Self.emulated(data)) {
            #expect(found == wanted.tensor, "\(item.name), \(wanted.place)")
        }
    }

    /// Compiles, links the driver, and runs it: outputs, then states.
    static func emulated(_ data: RandomCase) throws -> [HostTensor] {
        let driver = try #require(Self.driver, "the driver can't be built: is clang on the search path?")
        let emulator = try #require(Self.emulator)
        return try TemporaryFolder.with { folder in
            try Compiler.compile(
                data.module, name: "sample", options: CompileOptions(architecture: .aarch64), to: folder)
            let program = folder + "/driver"
            try Linker.locate().program(
                objects: [driver], libraries: [folder + "/libsample.so"], output: program, architecture: .aarch64)
            let types = try data.function.outputs.map { output in
                let type = data.function.type(of: output.value)
                return (type.dtype, try type.shape(data.bindings))
            }
            let results = types.map { HostTensor(zeros: $0.1, dtype: $0.0) } + data.states
            let request = Self.request(data, outputs: results.dropLast(data.states.count).map(\.byteCount))
            try Data(request).write(to: URL(fileURLWithPath: folder + "/request"))
            let outcome = try Subprocess.run(
                emulator,
                ["-L", EnvironmentReport.aarch64Root, program, folder + "/request", folder + "/response"])
            try #require(outcome.isSuccess, "\(outcome)")
            var response = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder + "/response")))[...]
            return try results.map { like in
                defer { response = response.dropFirst(like.byteCount) }
                return try HostTensor(
                    bytes: Array(response.prefix(like.byteCount)), dtype: like.dtype, shape: like.shape)
            }
        }
    }

    /// The file that the driver reads.
    private static func request(_ data: RandomCase, outputs: [Int]) -> [UInt8] {
        var bytes: [UInt8] = []
        func append(_ number: Int) { withUnsafeBytes(of: Int64(number).littleEndian) { bytes += $0 } }
        func append(_ tensor: HostTensor) {
            append(tensor.byteCount)
            tensor.withUnsafeBytes { bytes += $0 }
        }
        let described = ArtifactDescription(of: data.module, name: "sample")
        let dims = described.functions[0].dims.map { data.module.dims[$0].name }
        append(dims.count)
        for dim in dims { append(data.bindings[dim] ?? 0) }
        append(data.states.count)
        for (declared, state) in zip(data.module.states, data.states) {
            append(declared.path.utf8.count + 1)
            bytes += Array(declared.path.utf8) + [0]
            append(state)
        }
        append(data.inputs.count)
        for input in data.inputs { append(input) }
        append(outputs.count)
        for size in outputs { append(size) }
        return bytes
    }
}
