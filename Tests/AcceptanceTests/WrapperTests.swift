import Artifacts
import Compiler
import Foundation
import GraphIR
import HostTensors
import Testing
import Toolchain

/// The C++ and Swift classes that are written beside a library, used by programs in those languages.
@Suite struct WrapperTests {
    private static let programs = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Programs"
    private static let cpp = Subprocess.find("clang++")
    private static let swift = Subprocess.find("swiftc")
    private static let hasCPP: Bool = {
        guard let cpp else { return false }
        let probe = ["-std=c++17", "-x", "c++", "-include", "vector", "-fsyntax-only", "/dev/null"]
        return (try? Subprocess.run(cpp, probe).isSuccess) == true
    }()

    /// Names that the languages keep for themselves or the classes have already, dimensions that no axis is, element types of all
    /// kinds, a path with what literals escape.
    private static let graph = """
        module v1 @odd {
          dim B in 1...64
          dim T in 2...8 multiple 2
          dim var in 1...9
          state %w : f32[4] parameter "hidden/weight"
          state %n : i64[] counter "step"
          state %q : bf16[2] buffer "a 'half' $(x) \\\\(y)"
          func @predict(%x: f32[B,4] "image", %c: bool[B] "class", %h: bf16[4] "half", %d: f16[4] "self") {
            %0 = broadcast %w axes [1] shape [B,4] : f32[B,4]
            %1 = mul %x, %0 : f32[B,4]
            %2 = cast %h to f32 : f32[4]
            %3 = cast %d to f32 : f32[4]
            %4 = add %2, %3 : f32[4]
            %5 = broadcast %4 axes [1] shape [B,4] : f32[B,4]
            %6 = add %1, %5 : f32[B,4]
            %7 = not %c : bool[B]
            %8 = cast %6 to f16 : f16[B,4]
            %9 = cast %6 to bf16 : bf16[B,4]
            output %6 : f32[B,4] "lambda"
            output %7 : bool[B] "not a class"
            output %8 : f16[B,4] "init"
            output %9 : bf16[B,4] "delete"
          }
          func @states(%x: f32[2*T+1] "x") {
            %0 = reduce %x kind sum axes [0] : f32[]
            %1 = iota axis 0 shape [T] dtype i32 : i32[T]
            output %0 : f32[] "sum"
            output %1 : i32[T] "numbers"
          }
          func @repeat(%x: i64[var] "in") {
            %0 = reduce %x kind sum axes [0] : i64[]
            output %0 : i64[] "x"
          }
          func @count() {
            %0 = constant value i64[]{1} : i64[]
            %1 = add %n, %0 : i64[]
            update %n = %1
          }
          func @operator(%x: f32[4] "tensors_") {
            %0 = cast %x to bf16 : bf16[4]
            %1 = slice %0 starts [0] sizes [2] strides [1] : bf16[2]
            update %q = %1
          }
        }

        """

    private static let weights = [
        (name: "hidden/weight", tensor: HostTensor([Float(1), 2, 3, 4])),
        (name: "a 'half' $(x) \\(y)", tensor: HostTensor(zeros: [2], dtype: .bf16)),
    ]

    /// Compiles the graph and a program, runs it, and gives its lines.
    private func lines(
        _ emit: Set<EmitKind>, _ compile: (_ folder: String, _ program: String) throws -> Subprocess.Outcome
    )
        throws -> [String]
    {
        try TemporaryFolder.with { folder in
            let module = try GraphModule(text: Self.graph)
            let options = CompileOptions(emit: emit.union([.so, .header]), selfTest: SelfTest(of: module))
            try Compiler.compile(module, options: options, weights: Self.weights, to: folder)
            let outcome = try compile(folder, folder + "/program")
            try #require(outcome.isSuccess, "\(outcome.standardError)\(outcome.output)")
            let run = try Subprocess.run(folder + "/program", [folder + "/odd.weights.safetensors"])
            #expect(run.exitStatus == 0, "\(run.standardError)")
            return run.output.split(separator: "\n").map(String.init)
        }
    }

    /// What the library answers to wrong calls, in both.
    private static func refusals(_ wanted: String, _ got: String, last: String) -> [String] {
        [
            "1 predict, input 'image', f32[B,4]: expected 12 elements, got 8",
            "1 predict: dimension B: got 65, allowed 1...64",
            "1 state 'step', i64[]: expected elements of \(wanted), got \(got)",
            "1 set: state 'hidden/weight', f32[4]: got 4 bytes, expected 16",
            "1 state_bytes: no state 'nothing'", "3 load 'nothing': cannot be opened", last,
        ]
    }

    /// What the interpreter makes of `predict` as the programs call it.
    private func expected() throws -> [Float] {
        let module = try GraphModule(text: Self.graph)
        var states = [Self.weights[0].tensor, HostTensor(scalar: Int64(0)), Self.weights[1].tensor]
        let ones = HostTensor([Float](repeating: 1, count: 4))
        let outputs = try Interpreter(module: module).run(
            "predict",
            inputs: [
                "image": HostTensor([Float(1), 1, 1, 1, 2, 0, 2, 0], shape: [2, 4]),
                "class": HostTensor([true, false]),
                "half": ones.converted(to: .bf16), "self": ones.converted(to: .f16),
            ], states: &states)
        return try #require(outputs["lambda"]).scalars(as: Float.self)
    }

    @Test(.enabled(if: hasCPP, "needs the C++ library's headers: sudo apt-get install libstdc++-12-dev"))
    func cppCallsALibrary() throws {
        let found = try lines([.hpp]) { folder, program in
            try Subprocess.run(
                try #require(Self.cpp),
                [
                    "-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror",
                    Self.programs + "/use_wrapper.cpp",
                    "-I\(folder)", "-L\(folder)", "-lodd", "-Wl,-rpath,\(folder)", "-o", program,
                ])
        }
        let numbers = try expected().map { String(format: "%g", $0) }.joined(separator: " ")
        var wanted = ["\(numbers) | 0 1 | 4200 4040", "36 3", "1 baseline 2", "5 bf16[2]", "1 1"]
        wanted += Self.refusals("int64_t", "double", last: found.last ?? "")
        #expect(found == wanted)
        #expect(found.last?.hasPrefix("4 create: variant 77: not in this library; this machine is of rank ") == true)
    }

    @Test(.enabled(if: swift != nil, "needs swiftc on the search path")) func swiftCallsALibrary() throws {
        let found = try lines([.swift]) { folder, program in
            try Subprocess.run(
                try #require(Self.swift),
                [
                    "-parse-as-library", "-warnings-as-errors", Self.programs + "/use_wrapper.swift",
                    folder + "/odd.swift",
                    "-I", folder, "-L", folder, "-Xlinker", "-rpath", "-Xlinker", folder, "-o", program,
                ])
        }
        var wanted = [
            "\(try expected()) [false, true] 3.0 16448", "36.0 3 6", "1 baseline 2", "5.0 bf16[2]", "passed true",
        ]
        wanted += Self.refusals("Int64", "Double", last: "1 create: threads: got 1000, allowed 0...256")
        #expect(found == wanted)
    }
}
