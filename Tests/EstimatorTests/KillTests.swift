import Estimator
import Execution
import Foundation
import HostTensors
import Testing
import Toolchain

/// A training that is killed, however often, ends with the same bytes as one that is not.
@Suite struct KillTests {
    private let folder: TemporaryFolder
    static let steps = 60

    init() throws { folder = try TemporaryFolder() }

    private struct Ending {
        var status: Int32
        var isSignal: Bool
        var lastStep: Int
    }

    /// Runs the program on a directory; `kill` is given each step it announces, and may give signals to send it.
    private func run(_ directory: String, kill signals: (Int) -> [Int32] = { _ in [] }) throws -> Ending {
        let process = Process()
        process.executableURL = try BuiltProgram.url("ResumableTraining")
        process.arguments = ["\(folder.path)/\(directory)", "\(Self.steps)", "pause=500"]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var text = ""
        var seen = 0
        while true {
            let data = output.fileHandleForReading.availableData
            if data.isEmpty { break }
            text += String(decoding: data, as: UTF8.self)
            var lines = text.components(separatedBy: "\n")
            text = lines.removeLast()
            for line in lines {
                guard let step = Int(line.dropFirst(5)) else { continue }
                seen = step
                for signal in signals(step) { kill(process.processIdentifier, signal) }
            }
        }
        process.waitUntilExit()
        return Ending(
            status: process.terminationStatus, isSignal: process.terminationReason == .uncaughtSignal, lastStep: seen)
    }

    private func finalFiles(_ directory: String) throws -> [[UInt8]] {
        try [
            "checkpoint-\(Self.steps)/state.safetensors", "checkpoint-\(Self.steps)/manifest.json", "evaluations.json",
        ]
        .map { try WholeFile.read(path: "\(folder.path)/\(directory)/\($0)") }
    }

    @Test func killedTrainingsEndWithTheSameBytes() throws {
        let straight = try run("straight")
        #expect(straight.status == TrainingProgram.done && !straight.isSignal)
        let expected = try finalFiles("straight")

        // Each run is ended some steps after it began, between checkpoints as well as at one.
        let plan: [(signal: Int32, after: Int)] = [
            (SIGKILL, 2), (SIGTERM, 7), (SIGKILL, 9), (SIGTERM, 5), (SIGKILL, 11),
        ]
        for (signal, after) in plan {
            var first: Int?
            let ending = try run("killed") { step in
                first = first ?? step
                return step - (first ?? step) == after ? [signal] : []
            }
            if signal == SIGKILL {
                #expect(ending.isSignal && ending.status == SIGKILL, "\(ending)")
            } else {
                #expect(ending.status == TrainingProgram.runAgain && !ending.isSignal, "\(ending)")
                let steps = try CheckpointStore(directory: "\(folder.path)/killed").steps()
                #expect(steps.last == ending.lastStep, "SIGTERM saves the step that was just made")
            }
        }
        let last = try run("killed")
        #expect(last.status == TrainingProgram.done && last.lastStep == Self.steps)
        #expect(try finalFiles("killed") == expected)
        // Done is done: nothing is trained again.
        #expect(try run("killed").lastStep == 0)
        #expect(try finalFiles("killed") == expected)
    }

    /// The program sleeps for a quarter of an hour after its first step: the first signal is heard but can't be obeyed yet.
    @Test func aSecondSignalEndsAtOnce() throws {
        let process = Process()
        process.executableURL = try BuiltProgram.url("ResumableTraining")
        process.arguments = ["\(folder.path)/twice", "\(Self.steps)", "pause=900000000"]
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        #expect(output.fileHandleForReading.readData(ofLength: 7) == Data("step 1\n".utf8))
        kill(process.processIdentifier, SIGTERM)
        let answer = "signal 15: saving a checkpoint; a second signal ends at once\n"
        #expect(errors.fileHandleForReading.readData(ofLength: answer.utf8.count) == Data(answer.utf8))
        // Those that follow closely count as the first.
        var sent = 0
        while process.isRunning, sent < 2_000 {
            kill(process.processIdentifier, SIGTERM)
            usleep(10_000)
            sent += 1
        }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 128 + SIGTERM)
        #expect(sent > 1)
        #expect(try CheckpointStore(directory: "\(folder.path)/twice").steps() == [0])
    }

    /// `timeout` sends a signal to the program and to the group it is in. Two that are the same may arrive as one, so here
    /// are two that are not.
    @Test func signalsThatFollowCloselyAreOne() throws {
        let ending = try run("once") { $0 == 3 ? [SIGTERM, SIGINT] : [] }
        #expect(ending.status == TrainingProgram.runAgain && !ending.isSignal)
        #expect(try CheckpointStore(directory: "\(folder.path)/once").steps().last == ending.lastStep)
    }

    /// A limit on the size of files is met in the middle, as a full disk would be: an error that says so, and nothing is lost.
    @Test func aFileThatMayNotGrowIsAnErrorAfterWhichTheTrainingGoesOn() throws {
        #expect(try run("straight").status == TrainingProgram.done)
        // In blocks of 512 bytes: room for checkpoints, but not for all evaluations and records.
        let program = try BuiltProgram.url("ResumableTraining").path
        let limited = try Subprocess.run(
            "/bin/sh", ["-c", "ulimit -f 8; exec \(program) \(folder.path)/limited \(Self.steps)"])
        #expect(limited.exitStatus == TrainingProgram.failed)
        #expect(limited.standardError.contains("File too large"), "\(limited.standardError)")
        let reached = try #require(try CheckpointStore(directory: "\(folder.path)/limited").steps().last)
        #expect(reached < Self.steps)
        #expect(try run("limited").status == TrainingProgram.done)
        #expect(try finalFiles("limited") == finalFiles("straight"))
    }

    @Test func somethingWrongIsNeitherDoneNorToBeRunAgain() throws {
        try WholeFile.write([0], path: "\(folder.path)/file")
        #expect(try run("file/model").status == TrainingProgram.failed)
    }
}
