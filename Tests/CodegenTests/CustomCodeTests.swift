import Compiler
import CustomCode
import Foundation
import GraphIR
import HostTensors
import KernelIR
import Testing
import Toolchain

/// The user's code in compiled modules: what it computes there, and what it makes of libraries.
@Suite struct CustomCodeTests {
    /// Two operations whose files define functions of the same names, inline ones and others, with values of other types and through
    /// other shapes; one is divided by rows.
    static let text = """
        module v1 @custom {
          dim B in 1...4096
          code @tripled cpp divided {
            | #include <strata_operation.h>
            | template <typename T> T times(T x) { return 3 * x; }
            | int helper(int x) { return times(x); }
            |
            | STRATA_OPERATION(tripled) {
            |     const int32_t *x = static_cast<const int32_t *>(operands[0].data);
            |     int32_t *y = static_cast<int32_t *>(results[0].data);
            |     int64_t row = strata_row_count(operands[0]);
            |     for (int64_t i = begin * row; i < end * row; i++) y[i] = helper(x[i]);
            | }
          }
          code @folded cpp {
            | #include <strata_operation.h>
            | template <typename T> T times(T x) { return 5 * x; }
            | int helper(int x) { return times(x); }
            | STRATA_OPERATION(folded) {
            |     const int32_t *x = static_cast<const int32_t *>(operands[0].data);
            |     const float *w = static_cast<const float *>(operands[1].data);
            |     float *y = static_cast<float *>(results[0].data), *sum = static_cast<float *>(results[1].data);
            |     *sum = 0;
            |     for (int64_t i = 0; i < strata_count(operands[0]); i++) {
            |         y[i] = float(helper(x[i])) * w[i % operands[1].shape[0]];
            |         *sum += y[i];
            |     }
            | }
          }
          func @main(%x: i32[B,150] "x", %v: f32[6] "v") {
            %c = constant value f32[6]{1, 2, 3, 4, 5, 6} : f32[6]
            %w = add %v, %c : f32[6]
            %0 = add %x, %x : i32[B,150]
            %1 = custom %0 code @tripled results [i32[B,150]] : i32[B,150]
            %2 = reshape %1 shape [2*B,75] : i32[2*B,75]
            %3, %4 = custom %2, %w code @folded results [f32[2*B,75],f32[]] : f32[2*B,75], f32[]
            %5, %6 = custom %1, %c code @folded results [f32[B,150],f32[]] : f32[B,150], f32[]
            %b = iota axis 1 shape [B,150] dtype i32 : i32[B,150]
            %7 = custom %b code @tripled results [i32[B,150]] : i32[B,150]
            output %1 : i32[B,150] "tripled"
            output %3 : f32[2*B,75] "folded"
            output %4 : f32[] "sum"
            output %6 : f32[] "other"
            output %7 : i32[B,150] "positions"
          }
        }

        """

    private static func sample(_ rows: Int) throws -> RandomCase {
        let module = try GraphModule(text: text)
        let x = HostTensor((0..<rows * 150).map { Int32($0 % 11) - 5 })
        return try RandomCase(
            module, inputs: [x.reshaped([rows, 150]), HostTensor([0, 1, 0, 2, 0, 3] as [Float])])
    }

    @Test(arguments: [1, 2, 500], 1...3)
    func computesWhatTheInterpreterDoes(rows: Int, threads: Int) throws {
        let sample = try Self.sample(rows)
        var states: [HostTensor] = []
        let harness = try PlanHarness(sample.module, threads: threads)
        let found = try harness.run("main", inputs: sample.inputs, states: &states)
        for (wanted, found) in zip(try sample.expected(), found) {
            #expect(found == wanted.tensor, "\(wanted.place)")
        }
        if threads == 1 {
            let (gap, place) = try sample.worst(ofKernels: harness.lowered)
            #expect(gap == 0, "\(place)")
        }
    }

    @Test(.enabled(if: EmulatedTests.canEmulate, "needs an emulator: sudo apt-get install qemu-user libc6-arm64-cross"))
    func computesTheSameOnAArch64() throws {
        let sample = try Self.sample(3)
        for (wanted, found) in zip(try sample.expected(), try EmulatedTests.emulated(sample)) {
            #expect(found == wanted.tensor, "\(wanted.place)")
        }
    }

    @Test func kernelsSayWhatTheyCall() throws {
        let module = try GraphModule(text: Self.text)
        let lowered = try PlanHarness.prepare(module)
        try expectSoundKernels(lowered)
        let calls = lowered.kernels.filter { $0.call != nil }
        #expect(calls.count == 3)
        #expect(calls.filter { $0.parallel != nil }.map(\.call?.code.name) == ["tripled"])
        for kernel in calls {
            #expect(try Kernel(text: kernel.text, codes: module.customCodes) == kernel)
            #expect(throws: KernelTextError.self) { try Kernel(text: kernel.text) }
        }
        #expect(module.text() == (try GraphModule(text: module.text())).text())
    }

    private static func library(_ text: String, _ architecture: Architecture = .x86_64) throws -> [UInt8] {
        try TemporaryFolder.with { folder in
            try Compiler.compile(
                GraphModule(text: text), options: CompileOptions(architecture: architecture, emit: [.so], cache: nil),
                to: folder)
            return [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder + "/libcustom.so")))
        }
    }

    private static func withFunction(_ body: String, language: String = "c") -> String {
        """
        module v1 @custom {
          code @f \(language) {
            | #include <strata_operation.h>
            | \(body.split(separator: "\n").joined(separator: "\n    | "))
          }
          func @main(%x: f32[4] "x") {
            %0 = custom %x code @f results [f32[4]] : f32[4]
            output %0 : f32[4] "y"
          }
        }

        """
    }

    /// What code uses, and the libraries that one with it needs.
    private static let needs: [(body: String, language: String, needed: [String])] = [
        ("STRATA_OPERATION(f) { *(float *)results[0].data = 1; }", "c", ["libc.so.6"]),
        (
            "#include <math.h>\nSTRATA_OPERATION(f) { *(float *)results[0].data = expf(*(float *)operands[0].data); }",
            "c",
            ["libc.so.6", "libm.so.6"]
        ),
        (
            "STRATA_OPERATION(f) { *(float **)results[0].data = new float[begin + 5]; }", "cpp",
            ["libc.so.6", "libstdc++.so.6"]
        ),
        (
            "#include <vector>\nSTRATA_OPERATION(f) { static const std::vector<float> t(9, 1); *(float *)results[0].data = t[begin]; }",
            "cpp", ["libc.so.6", "libstdc++.so.6"]
        ),
        (
            "STRATA_OPERATION(f) { __int128 x = begin; *(float *)results[0].data = (float)(x / (end + 1)); }", "c",
            ["libc.so.6", "libgcc_s.so.1"]
        ),
    ]

    @Test(arguments: Architecture.allCases, needs.indices)
    func librariesNeedWhatCodeUses(_ architecture: Architecture, _ at: Int) throws {
        let (body, language, needed) = Self.needs[at]
        // Headers of C++ for another machine are not there.
        if body.contains("<vector>"), architecture != Target.host.architecture { return }
        let text = Self.withFunction(body, language: language)
        let first = try Self.library(text, architecture)
        let library = try ELFFile(first)
        #expect(library.needed.sorted() == needed)
        #expect(!library.exportedSymbols.contains { $0.contains("code_f") })
        #expect(try Self.library(text, architecture) == first)
    }

    @Test func whatDoesNotCompileIsSaid() throws {
        let bad = Self.withFunction("STRATA_OPERATION(f) { float y = ; }")
        let error = #expect(throws: CustomCodeError.self) { try Self.library(bad) }
        #expect(
            error.map { "\($0)".hasPrefix("custom operation 'f' can't be compiled:\nf.c:2:33: error: expected") }
                ?? false)
        let missing = Self.withFunction("static void g(void) {}")
        #expect(throws: CustomCodeError.undefined(operation: "f")) { try Self.library(missing) }
        let early = Self.withFunction(
            "static volatile int t;\n__attribute__((constructor)) static void g(void) { t = 3; }\nSTRATA_OPERATION(f) {}"
        )
        let constructs = #expect(throws: CustomCodeError.self) { try Self.library(early) }
        #expect(constructs.map { "\($0)".contains("f.c:3:") } ?? false, "\(constructs.map { "\($0)" } ?? "nothing")")
        let strange = Self.withFunction(
            "int strange(int);\nSTRATA_OPERATION(f) { *(float *)results[0].data = strange(3); }")
        #expect(throws: CustomCodeError.unknownNames(operation: "f", names: ["strange"])) { try Self.library(strange) }
        let foreign = Self.withFunction("#include <fcntl.h>\nSTRATA_OPERATION(f) {}")
        let other: Architecture = Target.host.architecture == .x86_64 ? .aarch64 : .x86_64
        let far = #expect(throws: CustomCodeError.self) { try Self.library(foreign, other) }
        #expect(far.map { "\($0)".contains("f.c:2:10: fatal error: 'fcntl.h' file not found") } ?? false)
    }

    /// Objects are kept by what they are made of, the headers of our own included.
    @Test func keysOfObjectsHaveAllHeaders() {
        for part in ["define STRATA_OPERATION(name)", "STRATA_MATH_1(acos)", "memcpy", "-fno-c++-static-destructors"] {
            #expect(CCompiler.conventions.contains(part))
        }
    }

    /// `float.h`, which is the compiler's, defines names that `math.h` has too.
    @Test(arguments: ["<float.h>\n#include <math.h>", "<math.h>\n#include <float.h>"])
    func headersForAnotherMachineGoTogether(headers: String) throws {
        let other: Architecture = Target.host.architecture == .x86_64 ? .aarch64 : .x86_64
        let body = "STRATA_OPERATION(f) { *(float *)results[0].data = NAN + INFINITY; }"
        let text = Self.withFunction("#include \(headers)\n\(body)", language: "c flags \"-Werror\"")
        #expect(try !Self.library(text, other).isEmpty)
    }

    /// The operation's header has the integers of all element types, and goes together with `stdint.h`.
    @Test(arguments: ["c", "cpp"], ["", "#include <stdint.h>\n"])
    func integersOfAllElementTypesAreDeclared(language: String, header: String) throws {
        let types = ["int8_t", "uint8_t", "int16_t", "uint16_t", "int32_t", "uint32_t", "int64_t", "uint64_t"]
        let sizes = types.map { "(float)sizeof(\($0))" }.joined(separator: " + ")
        let body = "STRATA_OPERATION(f) { *(float *)results[0].data = \(sizes); }"
        let module = try GraphModule(text: Self.withFunction(header + body, language: language))
        let x = HostTensor([0, 0, 0, 0] as [Float])
        let y = try Interpreter(module: module).run("main", inputs: ["x": x])["y"]
        #expect(y?.doubles().first == 30)
    }

    @Test func onlySelfContainedCodeIsKept() {
        func code(_ source: String, _ flags: [String] = []) -> CustomCode {
            CustomCode(name: "f", language: .c, source: source, flags: flags)
        }
        #expect(code("#include <strata_operation.h>\n#include <math.h>").isSelfContained)
        #expect(code(" # include \"strata_operation.h\"").isSelfContained)
        #expect(!code("#include \"mine.h\"").isSelfContained && !code("#include MINE").isSelfContained)
        #expect(!code("", ["-DX"]).isSelfContained)
        let odd = [
            "#include \"/mine.h\" // <mine>", "#include </mine.h>", "#include <../mine.h>", "#import <mine.h>",
            "%:include <mine.h>",
            "#\\\ninclude \"mine.h\"", "asm(\".incbin \\\"mine\\\"\");", "#embed <mine>",
        ]
        for text in odd { #expect(!code(text).isSelfContained, "\(text)") }
    }

    @Test(arguments: ["a\nb", "a\r\nb\r\n", "a\rb\r", "a\nb\r"])
    func linesEndInOneWay(source: String) throws {
        let code = CustomCode(name: "f", language: .c, source: source)
        #expect(code.source == "a\nb\n")
        var builder = FunctionBuilder(name: "main")
        let x = builder.input("x", TensorType(.f32, [1]))
        let twice = CustomCode(name: "f", language: .c, source: source.replacing("\n", with: "\r\r\n"))
        let y = try builder.emit("custom", [x], ["code": .code(twice), "results": .types([TensorType(.f32, [1])])])
        builder.output("y", y[0])
        var module = GraphModule(name: "lines")
        module.functions = [builder.function]
        #expect(try GraphModule(text: module.text()).customCodes == [twice])
    }
}
