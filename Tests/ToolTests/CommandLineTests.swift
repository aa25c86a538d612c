import Foundation
import Testing
import Toolchain

/// What holds for every command: help, exit codes, where messages go.
@Suite struct CommandLineTests {
    @Test func helpNamesEveryCommand() throws {
        let help = try Tool.run("--help")
        #expect(help.code == 0)
        #expect(help.errors.isEmpty)
        for command in ["compile", "dump", "run", "bench", "profile", "check", "explain", "doctor", "launch"] {
            #expect(help.output.contains("\n  \(command) "))
        }
    }

    @Test(arguments: [
        ("compile", ["--output", "--target", "--cpu", "--emit", "--embed-weights"]),
        ("dump", ["--stage", "--function", "--target", "--format"]),
        ("run", ["--function", "--input", "--output", "--interpreted"]),
        (
            "bench",
            [
                "--function", "--batch", "--threads", "--seconds", "--precision", "--recipe", "--sweep", "--count",
                "--json",
            ]
        ),
        ("check", ["--function", "--batch", "--json"]), ("explain", ["--cpu", "--json"]), ("doctor", ["--json"]),
        ("launch", ["--engine", "--processes", "--nodes", "--threads", "--time", "--image", "--submit", "--print"]),
    ])
    func helpOfACommandNamesItsOptions(command: String, options: [String]) throws {
        let help = try Tool.run(command, "--help")
        #expect(help.code == 0)
        for option in options { #expect(help.output.contains(option)) }
    }

    @Test(arguments: [
        (["melt"], "error: Unexpected argument 'melt'\n"),
        (["dump"], "error: Missing expected argument '<graph>'\n"),
        (["dump", "g", "--stage", "soup"], "error: The value 'soup' is invalid for '--stage <stage>'."),
        (["dump", "g", "--stage", "asm", "--format", "dot"], "error: stage 'asm' has no form 'dot'; it has: text\n"),
        (["bench"], "error: Missing expected argument '<graph>'\n"),
        (["bench", "--sweep", "sort"], "error: The value 'sort' is invalid for '--sweep <operation>'"),
        (["bench", "g", "--sweep", "gemm"], "error: --sweep makes its own graphs; leave out 'graph'\n"),
        (
            ["bench", "g", "--memory-limit", "200"],
            "error: The value '200' is invalid for '--memory-limit <size>'"
        ),
        (
            ["run", "g", "--limit-batch", "8"],
            "error: --limit-batch and --limit-threads are for --memory-limit"
        ),
        (
            ["bench", "g", "--precision", "float4"],
            "error: The value 'float4' is invalid for '--precision <precision>'."
        ),
        (["bench", "g", "--seconds", "0"], "error: The value '0' is invalid for '--seconds <s>': expected a number"),
        (
            ["run", "g", "--threads", "-1"],
            "error: The value '-1' is invalid for '--threads <n>': expected a number of threads from 0 to 256"
        ),
        (["bench", "g", "--seconds", "-1"], "error: The value '-1' is invalid for '--seconds <s>': expected a number"),
        (["run", "g", "--limit-threads", "-1", "--memory-limit", "1GiB"], "error: --limit-threads must be greater"),
        (["run", "g", "--input", "x"], "error: The value 'x' is invalid for '--input <name=file.npy>'\n"),
    ])
    func aWrongCommandLineEndsWith64(arguments: [String], message: String) throws {
        let result = try Tool.run(arguments)
        #expect(result.code == 64)
        #expect(result.output.isEmpty)
        #expect(result.errors.hasPrefix(message), "\(result.errors)")
    }

    @Test(arguments: [
        (["dump", "none.graph"], "error: none.graph: "),
        (["explain", "none.graph"], "error: none.graph: "),
        (["run", "none.graph"], "error: none.graph: "),
    ])
    func aMissingFileEndsWith1(arguments: [String], message: String) throws {
        let result = try Tool.run(arguments)
        #expect(result.code == 1)
        #expect(result.output.isEmpty)
        #expect(result.errors.hasPrefix(message))
        #expect(!result.errors.contains("Fatal error"))
    }

    @Test func graphTextErrorsShowLineAndCaret() throws {
        try Tool.withFolder { folder in
            let path = folder + "/bad.graph"
            try "module v1 @m {\n  func @f(%x: f23[2] \"x\") { }\n}\n".write(
                toFile: path, atomically: true, encoding: .utf8)
            let result = try Tool.run("dump", path)
            #expect(result.code == 1)
            #expect(result.errors.hasPrefix("error: \(path):2:15: "))
            #expect(result.errors.contains("^"))
        }
    }

    @Test func doctorTellsWhatIsThere() throws {
        let text = try Tool.run("doctor")
        #expect(text.output.contains("processor: "))
        #expect(text.output.contains("LLVM: "))
        let json = try Tool.run("doctor", "--json")
        #expect(json.output.hasPrefix("{\"complete\": "))
        #expect(text.code == json.code)
    }

    /// A file that is larger than memory is named, and nothing crashes.
    @Test(arguments: [
        ["dump", "LARGE"], ["import", "LARGE", "-o", "FOLDER"], ["run", "GRAPH", "--input", "x=LARGE"],
        ["run", "GRAPH", "--weights", "LARGE", "--function", "init"],
    ])
    func anEnormousFileEndsWith1(arguments: [String]) throws {
        try Tool.withGraph { path, folder in
            let large = folder + "/large"
            #expect(FileManager.default.createFile(atPath: large, contents: nil))
            #expect(truncate(large, 2 << 40) == 0)
            let result = try Tool.run(
                arguments.map {
                    $0.replacing("LARGE", with: large).replacing("GRAPH", with: path)
                        .replacing("FOLDER", with: folder)
                })
            #expect(result.code == 1)
            #expect(result.errors.contains("\(large): the whole file: expected memory for 2199023255552 bytes"))
            #expect(!result.errors.contains("Fatal error"))
        }
    }

    /// A shell's redirections of the program's streams: the status, and what is written to standard error.
    private func run(_ command: String, _ redirections: String) throws -> Tool.Result {
        let outcome = try Subprocess.run("/bin/sh", ["-c", "exec '\(Tool.path)' \(command) \(redirections)"])
        return Tool.Result(code: outcome.exitStatus, output: outcome.output, errors: outcome.standardError)
    }

    /// A large output fails on the way, a small one only at the end.
    @Test(arguments: ["ops", "--version"]) func outputThatIsLostIsAnError(command: String) throws {
        let full = try run(command, "> /dev/full")
        #expect(full.code == 1)
        #expect(full.errors.hasPrefix("error: the output can't be written: "), "\(full.errors)")
    }

    @Test func aReaderThatHasEnoughIsNoError() throws {
        let outcome = try Subprocess.run(
            "/bin/sh", ["-c", "{ '\(Tool.path)' ops; echo $? >&2; } | head -n 1"])
        #expect(outcome.output == "# Operations\n")
        #expect(outcome.standardError == "0\n")
    }

    /// None of the files that are written gets the number of a closed stream, and what is printed.
    @Test func closedStreamsLeaveFilesAlone() throws {
        try Tool.withGraph { path, folder in
            let arguments = "compile \(path) --emit header,ll --cpu baseline -o \(folder)"
            let wanted = try run(arguments + "/open", "")
            #expect(wanted.code == 0, "\(wanted.errors)")
            #expect(try run(arguments + "/closed", "<&- >&- 2>&-").code == 0)
            for file in ["small.h", "small.baseline.ll", "small.json"] {
                let contents = ["/open/", "/closed/"].map { FileManager.default.contents(atPath: folder + $0 + file) }
                #expect(contents[0] != nil && contents[0] == contents[1], "\(file)")
            }
        }
    }
}
