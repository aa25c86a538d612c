import Foundation
import HostTensors
import Testing

/// Commands on a small graph.
@Suite struct GraphCommandTests {
    @Test func dumpGivesTheSameBytes() throws {
        try Tool.withGraph { path, _ in
            let result = try Tool.run("dump", path)
            #expect(result.code == 0)
            #expect(result.output == Tool.smallGraph)
        }
    }

    @Test(arguments: ["graph", "optimized", "groups", "kernels", "memory", "llvm", "asm"])
    func everyStagePrints(stage: String) throws {
        try Tool.withGraph { path, _ in
            for arguments in [[], ["--function", "predict"], ["--target", "aarch64-unknown-linux-gnu"]] {
                let result = try Tool.run(["dump", path, "--stage", stage] + arguments)
                #expect(result.code == 0, "\(result.errors)")
                #expect(!result.output.isEmpty)
            }
        }
    }

    @Test func otherFormsAreWellFormed() throws {
        try Tool.withGraph { path, _ in
            for arguments in [
                ["dump", path, "--format", "json"], ["dump", path, "--format", "json", "--function", "predict"],
                ["dump", path, "--stage", "groups", "--format", "json"], ["explain", path, "--json"],
                ["doctor", "--json"],
            ] {
                let result = try Tool.run(arguments)
                #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(result.output.utf8)) }
            }
            #expect(try Tool.run("dump", path, "--format", "dot").output.hasPrefix("digraph "))
        }
    }

    @Test func anUnknownFunctionListsThoseThereAre() throws {
        try Tool.withGraph { path, _ in
            let result = try Tool.run("dump", path, "--function", "train")
            #expect(result.code == 1)
            #expect(result.errors == "error: the graph has no function 'train'; it has 'init', 'predict'\n")
        }
    }

    @Test func anUnknownTargetOrLevelListsThoseThereAre() throws {
        try Tool.withGraph { path, _ in
            let target = try Tool.run("dump", path, "--target", "z80")
            #expect(target.code == 64)
            #expect(target.errors.hasPrefix("error: unknown target \"z80\": expected host, "))
            let level = try Tool.run("dump", path, "--target", "x86_64", "--cpu", "v9")
            #expect(level.code == 64)
            #expect(
                level.errors.hasPrefix(
                    "error: unknown CPU level \"v9\" of x86_64: expected baseline, v3, v4, dot, amx\n"))
        }
    }

    @Test func explainGivesReasons() throws {
        try Tool.withGraph { path, _ in
            let result = try Tool.run("explain", path)
            #expect(result.code == 0)
            #expect(result.output.contains("fusion in @predict: "))
            #expect(result.output.contains("%0 dot → "))
        }
    }

    #if arch(x86_64)
        /// Every product and convolution has its line, whatever the kernels are called that compute it.
        @Test(arguments: ["baseline", "v4", "dot", "amx"], ["float32", "bfloat16"])
        func explainLeavesNoProductOut(_ level: String, _ precision: String) throws {
            for (graph, function) in [("lenet", "train"), ("gpt", "train"), ("resnet50", "predict")] {
                let path = "graphs/\(graph).graph"
                let text = try Tool.run("dump", path, "--stage", "optimized", "--function", function).output
                let wanted = text.split(separator: "\n").count { $0.contains(" = dot ") || $0.contains(" = conv ") }
                let explained = try Tool.run(
                    "explain", path, "--function", function, "--cpu", level, "--precision", precision
                ).output
                let lines = explained.split(separator: "\n").drop { !$0.hasPrefix("products in") }.dropFirst()
                #expect(wanted > 0 && Set(lines.map { $0.split(separator: " ")[0] }).count == wanted, "\(graph)")
            }
        }

        /// How products are computed on a level, in the precision asked for, and for which sizes.
        @Test(arguments: [
            (
                "v4", "float32",
                ["%0 dot if B >= 24: multiply-adds in registers, operands copied into panels", "%0 dot if B < 2: "]
            ),
            ("amx", "bfloat16", ["%0 dot if B >= ", ": tiles of 1 bf16 part   (layer 'hidden1'"]),
        ])
        func explainTellsHowProductsAreComputed(_ level: String, _ precision: String, _ lines: [String]) throws {
            let arguments = [
                "explain", "graphs/mlp.graph", "--function", "predict", "--cpu", level, "--precision", precision,
            ]
            let result = try Tool.run(arguments)
            #expect(
                result.code == 0 && result.output.contains("products in @predict, x86_64, \(level), \(precision)\n"))
            for line in lines { #expect(result.output.contains(line), "\(result.output)") }
            let value = try Tool.run(arguments + ["--json"])
            #expect(value.output.contains("\"form\": \"") && value.output.contains("\"condition\": \"B < "))
            let unknown = try Tool.run("explain", "graphs/mlp.graph", "--cpu", "v9")
            #expect(unknown.code == 64 && unknown.errors.contains("unknown CPU level \"v9\""))
        }
    #endif

    @Test(arguments: [["--interpreted"], []])
    func runWritesOutputs(engine: [String]) throws {
        try Tool.withGraph { path, folder in
            let x = try HostTensor([-2, -1, 0, 1, 2, 3] as [Float], shape: [2, 3])
            try NPY.write(x, path: folder + "/x.npy")
            let result = try Tool.run(
                ["run", path, "--input", "x=\(folder)/x.npy", "--output", folder + "/out"] + engine)
            #expect(result.code == 0, "\(result.errors)")
            #expect(result.output == "\(folder)/out/y.npy: f32[2, 2]\n")
            let y = try NPY.read(path: folder + "/out/y.npy")
            #expect(try y == HostTensor([0, 0, 22, 28] as [Float], shape: [2, 2]))
        }
    }

    @Test func runNamesWhatDoesNotFit() throws {
        try Tool.withGraph { path, folder in
            try NPY.write(HostTensor(zeros: [2, 4], dtype: .f32), path: folder + "/x.npy")
            let shape = try Tool.run("run", path, "--input", "x=\(folder)/x.npy", "--interpreted")
            #expect(shape.code == 1)
            #expect(shape.errors.hasPrefix("error: function 'predict', input 'x', axis 1: expected 3, got 4"))
            let missing = try Tool.run("run", path, "--interpreted")
            #expect(missing.errors.hasPrefix("error: function 'predict', input 'x': expected f32[B,3], got nothing"))
        }
    }

    private static let elements = """
        module v1 @elements {
          func @main(%a: u64[2] "a", %b: i8[2] "b", %c: bf16[2] "c") {
            output %a : u64[2] "a"
            output %b : i8[2] "b"
            output %c : bf16[2] "c"
          }
        }

        """

    /// Files of NumPy have its own usual elements, and none of bf16.
    @Test(arguments: [["--interpreted"], []])
    func runTakesAndGivesTheNumbersOfNumPy(engine: [String]) throws {
        try Tool.withFolder { folder in
            let graph = folder + "/elements.graph"
            try Self.elements.write(toFile: graph, atomically: true, encoding: .utf8)
            try NPY.write(HostTensor([UInt64.max, 9_007_199_254_740_993]), path: folder + "/a.npy")
            try NPY.write(HostTensor([Int64(-128), 127]), path: folder + "/b.npy")
            try NPY.write(HostTensor([0.1, -2]), path: folder + "/c.npy")
            func run(_ b: String, _ c: String, _ arguments: [String]) throws -> Tool.Result {
                try Tool.run(
                    ["run", graph, "--input", "a=\(folder)/a.npy", "--input", "b=\(folder)/\(b).npy"]
                        + ["--input", "c=\(folder)/\(c).npy"] + engine + arguments)
            }
            let json = try run("b", "c", ["--json"])
            #expect(
                json.output == """
                    {"a": {"dtype": "u64", "shape": [2], "elements": [18446744073709551615, 9007199254740993]}, \
                    "b": {"dtype": "i8", "shape": [2], "elements": [-128, 127]}, \
                    "c": {"dtype": "bf16", "shape": [2], "elements": [0.10009765625, -2.0]}}

                    """, "\(json.errors)")
            let files = try run("b", "c", ["--output", folder])
            #expect(files.output.hasSuffix("\(folder)/c.npy: f32[2]\n"), "\(files.output)\(files.errors)")
            #expect(try NPY.read(path: folder + "/c.npy") == HostTensor([Float(0.10009765625), -2]))

            try NPY.write(HostTensor([Int16(-128), 128]), path: folder + "/wide.npy")
            try NPY.write(HostTensor([UInt16(0x3f80), 0]), path: folder + "/bits.npy")
            for (b, c, message) in [
                ("wide", "c", "b=\(folder)/wide.npy: expected i8[2], got i16[2], whose elements i8 can't hold"),
                ("c", "c", "b=\(folder)/c.npy: expected i8[2], got f32[2], whose elements i8 can't hold"),
                ("b", "bits", "c=\(folder)/bits.npy: expected bf16[2], got u16[2], whose elements bf16 can't hold"),
            ] {
                let refused = try run(b, c, [])
                #expect(refused.code == 1)
                #expect(refused.errors.hasPrefix("error: --input \(message)"), "\(refused.errors)")
            }
        }
    }

    @Test func runKeepsStates() throws {
        try Tool.withGraph { path, folder in
            let file = folder + "/w.safetensors"
            let result = try Tool.run("run", path, "--function", "init", "--interpreted", "--save-weights", file)
            #expect(result.code == 0, "\(result.errors)")
            #expect(try Safetensors.read(path: file)["w"]?.scalars(as: Float.self) == [1, 2, 3, 4, 5, 6])
        }
    }
}
