import Foundation
import HostTensors
import Testing
import Toolchain

/// Commands that compile.
@Suite struct EngineCommandTests {
    @Test func compileWritesAFolderForEachTarget() throws {
        try Tool.withGraph { path, folder in
            let result = try Tool.run(
                "compile", path, "-o", folder + "/out", "--target", "x86_64", "--target", "aarch64-unknown-linux-gnu",
                "--cpu", "baseline", "--emit", "so,a,header", "--embed-weights")
            #expect(result.code == 0, "\(result.errors)")
            for (name, machine) in [("x86_64-linux", 62), ("aarch64-linux", 183)] {
                let files = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/out/\(name)").sorted()
                #expect(files == ["libsmall.a", "libsmall.so", "small.h", "small.json"])
                let library = try #require(
                    FileManager.default.contents(atPath: "\(folder)/out/\(name)/libsmall.so"))
                #expect(try ELFFile(Array(library)).machine == machine)
            }
        }
    }

    @Test func compilingTwiceGivesTheSameBytes() throws {
        try Tool.withGraph { path, folder in
            let names = ["libother.so", "other.h", "other.json"]
            for at in ["one", "two/deeper"] {
                let result = try Tool.run(
                    "compile", path, "-o", "\(folder)/\(at)", "--name", "other", "--json")
                #expect(result.code == 0, "\(result.errors)")
                #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(result.output.utf8)) }
            }
            for name in names {
                let first = try #require(FileManager.default.contents(atPath: "\(folder)/one/\(name)"))
                #expect(first == FileManager.default.contents(atPath: "\(folder)/two/deeper/\(name)"))
            }
        }
    }

    @Test(arguments: [
        (["--target", "pdp11"], Int32(64), "error: unknown target \"pdp11\""),
        (["--target", "aarch64", "--cpu", "v4"], 64, "error: unknown CPU level \"v4\" of aarch64: expected baseline"),
        (["--target", "host", "--target", "host"], 64, "error: a target is named twice with --target"),
        (["--emit", "so,exe"], 64, "error: The value 'so,exe' is invalid for '--emit <kinds>'"),
        (["--name", "no name"], 64, "error: --name no name: use letters"),
    ])
    func compileRefuses(arguments: [String], code: Int32, message: String) throws {
        try Tool.withGraph { path, folder in
            let result = try Tool.run(["compile", path, "-o", folder + "/out"] + arguments)
            #expect(result.code == code)
            #expect(result.errors.hasPrefix(message), "\(result.errors)")
            #expect(!FileManager.default.fileExists(atPath: folder + "/out/libsmall.so"))
        }
    }

    /// Two levels whose kernels are the same are one.
    @Test func compileNamesTheLevelsThatTheLibraryHas() throws {
        try Tool.withGraph { path, folder in
            let result = try Tool.run("compile", path, "-o", folder, "--target", "x86_64", "--json")
            let values = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [[String: Any]]
            let manifest = try JSONSerialization.jsonObject(
                with: Data(contentsOf: URL(fileURLWithPath: folder + "/small.json")))
            let levels = (manifest as? [String: Any])?["levels"] as? [[String: Any]]
            #expect(values?.first?["levels"] as? [String] == levels?.map { $0["name"] as? String ?? "" })
        }
    }

    /// A weights file must hold what training makes.
    @Test(arguments: [["run"], ["check"], ["compile", "-o", "out"]])
    func missingWeightsAreNamed(command: [String]) throws {
        try Tool.withGraph { path, folder in
            let weights = folder + "/none.safetensors"
            try Safetensors.write([("other", HostTensor([Float(1)]))], metadata: [:], path: weights)
            let result = try Tool.run(
                command.map { $0 == "out" ? folder + "/out" : $0 } + [path, "--weights", weights]
                    + (command == ["run"] ? ["--function", "init"] : []))
            #expect(result.code == 1)
            #expect(
                result.errors.contains(
                    "\(weights): state 'w': expected f32[3,2], got no such tensor; the file must hold every parameter and buffer"
                ), "\(result.errors)")
        }
    }

    /// `init` is a function like others, whose seed is that of --seed where no file gives it.
    @Test func runOfInitTakesItsSeedFromTheOption() throws {
        try Tool.withFolder { folder in
            func weight(_ arguments: String...) throws -> HostTensor? {
                let path = "\(folder)/weights.safetensors"
                let result = try Tool.run(
                    ["run", "graphs/logistic.graph", "--interpreted", "--save-weights", path] + arguments)
                #expect(result.code == 0, "\(result.errors)")
                return try Safetensors.read(path: path).entries.first { $0.tensor.rank == 2 }?.tensor
            }
            let made = try #require(try weight("--function", "init", "--seed", "3"))
            let before = try weight("--function", "resetMetrics", "--seed", "3")
            let other = try weight("--function", "init", "--seed", "4")
            #expect(made == before && made != other)
        }
    }

    /// A shell's completion ends folders in a slash; files in them are named with one.
    @Test func foldersMayEndInASlash() throws {
        try Tool.withGraph { path, folder in
            let compiled = try Tool.run("compile", path, "-o", "\(folder)/out//", "--cpu", "baseline")
            #expect(compiled.output.hasPrefix("\(folder)/out/libsmall.so\n"), "\(compiled.output)\(compiled.errors)")
        }
    }

    /// Options whose values make no sense.
    @Test(arguments: [
        (["check", "--threads", "257"], Int32(64), "expected a number of threads from 0 to 256, got '257'"),
        (
            ["bench", "--seconds", "inf"], 64,
            "seconds greater than 0, and 86400 at most, got 'inf'"
        ),
        (["profile", "--seconds", "0"], 64, "seconds greater than 0, and 86400 at most, got '0'"),
        (["check", "--tolerance", "nan"], 64, "--tolerance must be a number from 0 up, got nan"),
        (
            ["compile", "--memory-limit", "1B", "--output", "none"], 1,
            "a memory limit of 1 B can't be kept: at least 88 B are planned, 88 B without a limit; 64 B are states"
        ),
        (["run", "--cache", "/dev/null/x"], 64, "--cache /dev/null/x: the folder can't be made"),
    ])
    func refusesOptions(arguments: [String], code: Int32, message: String) throws {
        try Tool.withGraph { path, _ in
            let result = try Tool.run([arguments[0], path] + arguments.dropFirst())
            #expect(result.code == code)
            #expect(result.errors.contains(message), "\(result.errors)")
        }
    }

    private static let outputs = """
        module v1 @outputs {
          func @main(%x: f32[2] "x") {
            %0 = log %x : f32[2]
            %1 = constant value f32[]{0} : f32[]
            %2 = broadcast %1 axes [] shape [2147483647,256] : f32[2147483647,256]
            output %0 : f32[2] "a/b"
            output %x : f32[2] "a_b"
            REST
          }
        }

        """

    @Test func outputsThatCannotBeHadAreErrors() throws {
        try Tool.withFolder { folder in
            try NPY.write(HostTensor([Float(0), -1]), path: folder + "/x.npy")
            func run(_ rest: String, _ arguments: String...) throws -> Tool.Result {
                try Self.outputs.replacing("REST", with: rest).write(
                    toFile: folder + "/g.graph", atomically: true, encoding: .utf8)
                return try Tool.run(["run", folder + "/g.graph", "--input", "x=\(folder)/x.npy"] + arguments)
            }
            let json = try run("", "--json")
            #expect(json.output.contains(#""elements": ["-Infinity", "NaN"]"#), "\(json.output)\(json.errors)")
            let files = try run("", "--output", folder + "/out")
            #expect(files.code == 1)
            #expect(files.errors.contains("outputs 'a/b' and 'a_b' would both be \(folder)/out/a_b.npy"))
            for engine in ["--no-cache", "--interpreted"] {
                let large = try run("output %2 : f32[2147483647,256] \"large\"", engine)
                #expect(large.code == 1)
                #expect(large.errors.contains("expected memory for 21990232"), "\(large.errors)")
            }
        }
    }

    @Test(arguments: ["1", "7", "64"])
    func checkFindsNoDifference(batch: String) throws {
        try Tool.withGraph { path, _ in
            let text = try Tool.run("check", path, "--batch", batch)
            #expect(text.code == 0, "\(text.errors)")
            #expect(text.output.hasPrefix("ok    output y f32[\(batch), 2]: "))
            let json = try Tool.run("check", path, "--batch", batch, "--json")
            let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
            #expect(object?["same"] as? Bool == true)
        }
    }

    /// Adam's first step of gradients that are nearly 0 turns where products are rounded.
    @Test(arguments: ["mlp", "fashion"], ["bfloat16", "int8"])
    func checkTakesStepsOfRoundedGradients(graph: String, precision: String) throws {
        let arguments = ["check", "graphs/\(graph).graph", "--function", "train", "--batch", "4"]
        let result = try Tool.run(arguments + ["--precision", precision])
        #expect(result.code == 0, "\(result.output.split(separator: "\n").filter { !$0.hasPrefix("ok") })")
    }

    @Test func checkFailsWhereNoDifferenceIsAllowed() throws {
        try Tool.withFolder { folder in
            // exp of many numbers: the compiled polynomial and the interpreter's function differ in a last bit somewhere.
            let path = folder + "/exp.graph"
            try """
            module v1 @exp {
              func @predict(%x: f32[10000] "x") {
                %0 = exp %x : f32[10000]
                output %0 : f32[10000] "y"
              }
            }

            """.write(toFile: path, atomically: true, encoding: .utf8)
            let result = try Tool.run("check", path, "--tolerance", "0")
            #expect(result.code == 1)
            #expect(result.errors.isEmpty)
            #expect(result.output.hasPrefix("FAIL  output y"))
            #expect(result.output.hasSuffix("DIFFERENT\n"))
            #expect(try Tool.run("check", path).code == 0)
        }
    }

    @Test func runSharesStatesThroughAnImage() throws {
        try Tool.withGraph { path, folder in
            let image = folder + "/image"
            try NPY.write(try HostTensor([Float(1), 2, 3], shape: [1, 3]), path: folder + "/x.npy")
            let weights = folder + "/w.safetensors"
            func run(_ arguments: String...) throws -> Tool.Result {
                try Tool.run(["run", path, "--input", "x=\(folder)/x.npy", "--image", image] + arguments)
            }
            let other = try HostTensor((1...6).map { Float(10 * $0) }, shape: [3, 2])
            try Safetensors.write([("w", other)], metadata: [:], path: weights)
            let steps: [(arguments: [String], answer: String, use: String)] = [
                ([], "[[22.0, 28.0]]", "written and mapped"), ([], "[[22.0, 28.0]]", "mapped"),
                (["--weights", weights], "[[220.0, 280.0]]", "written and mapped"),
                (["--weights", weights], "[[220.0, 280.0]]", "mapped"),
                (["--precision", "bfloat16", "--weights", weights], "[[220.0, 280.0]]", "written and mapped"),
                (["--seed", "2"], "[[22.0, 28.0]]", "written and mapped"),
            ]
            for (at, step) in steps.enumerated() {
                let result = try Tool.run(
                    ["run", path, "--input", "x=\(folder)/x.npy", "--image", image] + step.arguments)
                #expect(result.code == 0, "\(at): \(result.errors)")
                #expect(result.output.contains(step.answer), "\(at): \(result.output)")
                #expect(result.errors.contains("image: \(image): \(step.use)\n"), "\(at): \(result.errors)")
            }
            try "notes".write(toFile: image, atomically: true, encoding: .utf8)
            let refused = try run()
            #expect(refused.code == 1)
            #expect(
                refused.errors.contains("map_image '\(image)': expected an image written by save_image"),
                "\(refused.errors)")
            #expect(try String(contentsOfFile: image, encoding: .utf8) == "notes")
            let interpreted = try run("--interpreted")
            #expect(interpreted.code == 64)
            #expect(interpreted.errors.contains("--image is for compiled code; leave out --interpreted"))
        }
    }

    @Test(arguments: ["0", "65"])
    func aBatchOutOfRangeIsAnError(batch: String) throws {
        try Tool.withGraph { path, _ in
            for command in ["check", "bench"] {
                let result = try Tool.run(command, path, "--batch", batch)
                #expect(result.code == 1)
                #expect(result.errors == "error: --batch \(batch): dimension B must be in 1...64\n")
            }
        }
    }

    private static let counting = """
        module v1 @counting {
          dim M in 1...8
          dim N in 1...100 multiple 2
          func @main(%x: f32[M] "x") {
            %0 = iota axis 0 shape [N] dtype i32 : i32[N]
            output %0 : i32[N] "numbers"
            output %x : f32[M] "x"
          }
        }

        """

    @Test(arguments: [
        (["run"], Int32(1), "output 'numbers': expected a size of dimension N, as it is i32[N], got none"),
        (["run", "--dim", "N=4"], 0, "numbers: i32[4]\n[0, 1, 2, 3]"),
        (["run", "--interpreted", "--dim", "N=4"], 0, "numbers: i32[4]\n[0, 1, 2, 3]"),
        (["run", "--dim", "N=4", "--dim", "M=2"], 0, "numbers: i32[4]\n[0, 1, 2, 3]"),
        (["run", "--dim", "N=4", "--dim", "M=3"], 1, "input 'x', axis 0: expected M = 3, got 2"),
        (["run", "--dim", "N=4", "--dim", "N=6"], 64, "--dim N=…: the dimension is given twice"),
        (["run", "--dim", "n=4"], 1, "--dim n=4: the graph has no such dimension; it has: M, N"),
        (["run", "--dim", "N=102"], 1, "--dim N=102: dimension N must be in 1...100 and a multiple of 2"),
        (["run", "--dim", "N=3"], 1, "--dim N=3: dimension N must be in 1...100 and a multiple of 2"),
        (["run", "--dim", "N=4", "--input", "x=none.npy"], 64, "--input x=…: the input is given twice"),
        (["run", "--dim", "N"], 64, "The value 'N' is invalid for '--dim <name=size>'"),
        (["check", "--batch", "8", "--dim", "N=6"], 0, "output numbers i32[6]"),
        (["bench", "--seconds", "0.02", "--batch", "8", "--dim", "N=6"], 0, "M = 8, N = 6"),
        (["profile", "--seconds", "0.02", "--dim", "M=2"], 0, "@main"),
    ])
    func dimensionsThatNoInputGivesAreOptions(arguments: [String], code: Int32, message: String) throws {
        try Tool.withFolder { folder in
            try Self.counting.write(toFile: folder + "/g.graph", atomically: true, encoding: .utf8)
            try NPY.write(HostTensor([Float(1), 2]), path: folder + "/x.npy")
            let isRun = arguments[0] == "run"
            let result = try Tool.run(
                [arguments[0], folder + "/g.graph"] + arguments.dropFirst()
                    + (isRun ? ["--input", "x=\(folder)/x.npy"] : []))
            #expect(result.code == code, "\(result.errors)")
            #expect((result.output + result.errors).contains(message), "\(result.output)\(result.errors)")
        }
    }

    /// The intermediate files have names that say nothing to who never saw them.
    @Test func aMissingFolderOfTemporaryFilesIsNamed() throws {
        try Tool.withGraph { path, folder in
            let result = try Tool.run(
                ["compile", path, "-o", folder, "--no-cache"], environment: ["TMPDIR": folder + "/none"])
            #expect(result.code == 1)
            #expect(
                result.errors
                    == "error: temporary files can't be made in \(folder)/none: No such file or directory: make room "
                    + "there, or set TMPDIR to another folder\n")
        }
    }

    /// What a killed run has left goes with a later one; nothing else does, be it young, in use, or of another kind.
    @Test func abandonedTemporaryFoldersAreRemoved() throws {
        try Tool.withGraph { path, folder in
            let place = folder + "/temporary"
            for name in ["strata-killed", "strata-locked", "strata-recent", "strata-another"] {
                try FileManager.default.createDirectory(
                    atPath: "\(place)/\(name)/inside", withIntermediateDirectories: true)
                guard name != "strata-recent" else { continue }
                try FileManager.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSinceNow: -7200)], ofItemAtPath: "\(place)/\(name)")
            }
            let locked = open(place + "/strata-locked", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            defer { close(locked) }
            #expect(flock(locked, LOCK_EX) == 0)
            let result = try Tool.run(
                ["compile", path, "-o", folder, "--no-cache", "--cpu", "baseline"], environment: ["TMPDIR": place])
            #expect(result.code == 0, "\(result.errors)")
            let left = try FileManager.default.contentsOfDirectory(atPath: place).sorted()
            #expect(left == ["strata-another", "strata-locked", "strata-recent"])
        }
    }

    /// A prefix makes other names of them in C; a header's arguments, which have none, get an underscore.
    @Test func wordsOfCAreNamesLikeAnyOther() throws {
        try Tool.withFolder { folder in
            try Self.counting.replacing("@counting", with: "@double").replacing("@main", with: "@register")
                .replacing("N", with: "int").write(toFile: folder + "/g.graph", atomically: true, encoding: .utf8)
            try NPY.write(HostTensor([Float(1), 2]), path: folder + "/x.npy")
            let run = try Tool.run(
                "run", folder + "/g.graph", "--function", "register", "--input", "x=\(folder)/x.npy", "--dim", "int=2")
            #expect(run.code == 0, "\(run.errors)")
            #expect(run.output.contains("numbers: i32[2]\n[0, 1]"), "\(run.output)")
            let compiled = try Tool.run(
                "compile", folder + "/g.graph", "-o", folder, "--emit", "header", "--cpu", "baseline")
            #expect(compiled.code == 0, "\(compiled.errors)")
            let header = try String(contentsOfFile: folder + "/double.h", encoding: .utf8)
            #expect(header.contains("int32_t double_register("), "\(header)")
            #expect(header.contains("int64_t M,\n    int64_t int_,\n"), "\(header)")
            #expect(header.contains("@param int_ dimension 'int', 1...100, a multiple of 2"), "\(header)")
        }
    }

    @Test func benchComparesEngines() throws {
        try Tool.withGraph { path, _ in
            let text = try Tool.run("bench", path, "--seconds", "0.02")
            #expect(text.code == 0, "\(text.errors)")
            for word in ["compiled", "interpreted", "ratio", "GFLOP/s", "GB/s"] { #expect(text.output.contains(word)) }
            let json = try Tool.run("bench", path, "--seconds", "0.02", "--batch", "5", "--json")
            let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
            #expect((object?["sizes"] as? [String: Int]) == ["B": 5])
            for key in ["ratio", "gflops", "gbytes", "peak_gflops", "peak_gbytes"] {
                #expect((object?[key] as? Double ?? 0) > 0, "\(key)")
            }
        }
    }

    /// The interpreter compiles a custom operation when it first calls it, which takes longer than all calls that are timed here.
    @Test func benchTimesNoCompilationOfCustomOperations() throws {
        let graph = """
            module v1 @custom {
              code @twice c {
                | #include <strata_operation.h>
                | STRATA_OPERATION(twice) {
                |     for (int64_t i = 0; i < 3; i++) ((float *)results[0].data)[i] = 2 * ((float *)operands[0].data)[i];
                | }
              }
              func @predict(%x: f32[3] "x") {
                %0 = custom %x code @twice results [f32[3]] : f32[3]
                output %0 : f32[3] "y"
              }
            }
            """
        try Tool.withFolder { folder in
            try graph.write(toFile: "\(folder)/custom.graph", atomically: true, encoding: .utf8)
            let result = try Tool.run("bench", "\(folder)/custom.graph", "--seconds", "0.05", "--json")
            let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
            let interpreted = object?["interpreted"] as? [String: Any]
            #expect((interpreted?["repetitions"] as? Int ?? 0) > 1, "\(result.output) \(result.errors)")
        }
    }

    @Test(arguments: ["float32", "tensorfloat", "bfloat16"])
    func precisionIsRecordedInTheManifest(precision: String) throws {
        try Tool.withGraph { path, folder in
            let result = try Tool.run(
                "compile", path, "-o", "\(folder)/out", "--cpu", "baseline", "--precision", precision)
            #expect(result.code == 0, "\(result.errors)")
            let manifests = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/out").filter {
                $0.hasSuffix(".json")
            }
            let text = try String(contentsOfFile: "\(folder)/out/\(manifests[0])", encoding: .utf8)
            #expect(
                text.contains("\"precision\": \"\(precision)\"") || text.contains("\"precision\" : \"\(precision)\""))
        }
    }
}
