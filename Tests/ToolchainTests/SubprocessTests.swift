import Testing
import Toolchain

@Suite struct SubprocessTests {
    @Test func bothStreamsAndTheStatusComeBack() throws {
        let outcome = try Subprocess.run("/bin/sh", ["-c", "echo out; echo err >&2; exit 3"])
        #expect(outcome.exitStatus == 3 && outcome.signal == nil && !outcome.isSuccess)
        #expect(outcome.output == "out\n")
        #expect(outcome.standardError == "err\n")
    }

    @Test func aSignalIsNoExitStatus() throws {
        let outcome = try Subprocess.run("/bin/sh", ["-c", "kill -TERM $$"])
        #expect(outcome.exitStatus == nil && outcome.signal == 15)
    }

    @Test func muchOnBothStreamsDoesNotBlock() throws {
        let script =
            "i=0; while [ $i -lt 3000 ]; do echo 0123456789012345678901234567890123456789; "
            + "echo 0123456789012345678901234567890123456789 >&2; i=$((i+1)); done"
        let outcome = try Subprocess.run("/bin/sh", ["-c", script])
        #expect(outcome.standardOutput.count == 3000 * 41)
        #expect(outcome.standardError.utf8.count == 3000 * 41)
    }

    @Test func theEnvironmentIsTheOneGiven() throws {
        let outcome = try Subprocess.run("/usr/bin/env", [], environment: ["B": "2", "A": "1"])
        #expect(outcome.output == "A=1\nB=2\n")
    }

    @Test func manyAtOnceKeepTheirStreamsApart() async throws {
        let outputs = try await withThrowingTaskGroup(of: (Int, String).self) { group in
            for index in 0..<16 {
                group.addTask { (index, try Subprocess.run("/bin/sh", ["-c", "echo \(index)"]).output) }
            }
            return try await group.reduce(into: [Int: String]()) { $0[$1.0] = $1.1 }
        }
        for index in 0..<16 { #expect(outputs[index] == "\(index)\n") }
    }

    @Test func aMissingProgramIsAnError() {
        let error = #expect(throws: ProgramError.self) { try Subprocess.run("/nowhere/program", []) }
        #expect(error?.description == "/nowhere/program can't be started: No such file or directory")
    }
}
