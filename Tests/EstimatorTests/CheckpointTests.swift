import Estimator
import Execution
import Foundation
import HostTensors
import Synchronization
import Testing
import Toolchain

@Suite struct CheckpointTests {
    private let folder: TemporaryFolder
    private var directory: String { folder.path + "/model" }

    init() throws { folder = try TemporaryFolder() }

    private func checkpoint(_ step: Int) throws -> Checkpoint {
        let inputs = try ExampleTypes(RegressionModel.examples(2))
        return Checkpoint(
            manifest: CheckpointManifest(
                step: step, seed: 7, position: .init(epoch: 1, batch: step), dataset: "test", graph: "test",
                inputs: inputs),
            states: ["w": HostTensor([Float(step), 2, 3]), "n": HostTensor(scalar: Int64(step))])
    }

    @Test func whatIsSavedIsRead() throws {
        let store = CheckpointStore(directory: directory)
        #expect(try store.latest().checkpoint == nil)
        let path = try store.save(try checkpoint(5))
        #expect(path == "\(directory)/checkpoint-5")
        let read = try #require(try store.latest().checkpoint)
        #expect(read.states == (try checkpoint(5)).states)
        #expect(read.manifest.step == 5 && read.manifest.seed == 7 && read.manifest.files.count == 1)
    }

    @Test func equalCheckpointsAreEqualFiles() throws {
        let other = folder.path + "/other"
        try CheckpointStore(directory: directory).save(try checkpoint(5))
        try CheckpointStore(directory: other).save(try checkpoint(5))
        for name in ["state.safetensors", "manifest.json"] {
            #expect(
                try WholeFile.read(path: "\(directory)/checkpoint-5/\(name)")
                    == WholeFile.read(path: "\(other)/checkpoint-5/\(name)"))
        }
    }

    @Test(arguments: [(1, [4]), (3, [2, 3, 4])]) func onlyTheLastAreKept(keep: Int, steps: [Int]) throws {
        let store = CheckpointStore(directory: directory, keep: keep)
        for step in 1...4 { try store.save(try checkpoint(step)) }
        #expect(try store.steps() == steps)
    }

    /// Damage of every kind makes the checkpoint before it the latest, with a reason.
    @Test(arguments: [
        ("state.safetensors", "truncate", "bytes, got"), ("state.safetensors", "flip", "expected SHA-256"),
        ("state.safetensors", "remove", "No such file or directory"),
        ("manifest.json", "truncate", "expected a checkpoint manifest, got other JSON, or none"),
        ("manifest.json", "remove", "No such file or directory"),
    ]) func aDamagedCheckpointIsPassedOver(file: String, damage: String, reason: String) throws {
        let store = CheckpointStore(directory: directory)
        try store.save(try checkpoint(1))
        try store.save(try checkpoint(2))
        try Self.damage("\(directory)/checkpoint-2/\(file)", damage)
        let latest = try store.latest()
        #expect(latest.checkpoint?.manifest.step == 1)
        #expect(latest.damaged.map(\.path) == ["\(directory)/checkpoint-2"])
        #expect(latest.damaged.first?.reason.contains(reason) == true, "\(latest.damaged)")
    }

    @Test(arguments: [(-1, 0), (0, -1), (Int.min, Int.min)])
    func aPositionThatThereIsNotIsDamage(epoch: Int, batch: Int) throws {
        let store = CheckpointStore(directory: directory)
        var changed = try checkpoint(3)
        changed.manifest.position = .init(epoch: epoch, batch: batch)
        try store.save(changed)
        let error = #expect(throws: ExecutionError.self) { try store.read(step: 3) }
        #expect(
            error?.description
                == "\(directory)/checkpoint-3/manifest.json: expected a position of epoch 0 or more, batch "
                + "0 or more, got epoch \(epoch), batch \(batch); the file was changed or damaged since")
    }

    @Test func whenAllAreDamagedNothingStartsOverSilently() throws {
        let store = CheckpointStore(directory: directory)
        try store.save(try checkpoint(1))
        try Self.damage("\(directory)/checkpoint-1/manifest.json", "truncate")
        let error = #expect(throws: ExecutionError.self) { try store.latest() }
        #expect(
            error?.description
                == "\(directory): expected a checkpoint that can be read, got 1 damaged, the newest because "
                + "of \(directory)/checkpoint-1/manifest.json: expected a checkpoint manifest, got other JSON, or none; "
                + "the file was changed or damaged since; "
                + "restore a checkpoint from a backup, or remove them all to start over")
    }

    /// What another version wrote is whole: to go on from an older checkpoint would lose it.
    @Test(arguments: ["{\"format\": 3", "{\"format\": 3, \"unknown\": []}"]) func anotherFormatIsNotPassedOver(
        manifest: String
    ) throws {
        let store = CheckpointStore(directory: directory)
        try store.save(try checkpoint(1))
        try store.save(try checkpoint(2))
        let path = "\(directory)/checkpoint-2/manifest.json"
        try WholeFile.write(Array(manifest.utf8), path: path)
        guard manifest.hasSuffix("}") else {
            #expect(try store.latest().checkpoint?.manifest.step == 1)
            return
        }
        for read in [{ _ = try store.latest() }, { _ = try store.read(step: 2) }] {
            let error = #expect(throws: ExecutionError.self) { try read() }
            #expect(
                error?.description
                    == "\(path): expected checkpoint format 2, got 3; use the version of Strata that wrote it, or another model "
                    + "directory")
        }
    }

    /// Who evaluates while another process trains finds a checkpoint, also when it is removed for a newer one just then.
    @Test func theLatestIsFoundWhileOthersAreWritten() throws {
        let store = CheckpointStore(directory: directory, keep: 1)
        let checkpoints = try (1...60).map { try checkpoint($0) }
        try store.save(checkpoints[0])
        let isDone = Atomic(false)
        let failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 2) { worker in
            do {
                if worker == 0 {
                    defer { isDone.store(true, ordering: .relaxed) }
                    for next in checkpoints.dropFirst() { try store.save(next) }
                } else {
                    while !isDone.load(ordering: .relaxed) { #expect(try store.latest().checkpoint != nil) }
                }
            } catch { failures.withLock { $0.append("\(error)") } }
        }
        #expect(failures.withLock { $0 } == [])
    }

    @Test func otherNamesInTheDirectoryDoNotMatter() throws {
        let store = CheckpointStore(directory: directory)
        try store.save(try checkpoint(1))
        for name in ["checkpoint-", "checkpoint-x", "checkpoint-007", "notes"] {
            try FileManager.default.createDirectory(atPath: "\(directory)/\(name)", withIntermediateDirectories: true)
        }
        #expect(try store.steps() == [1])
    }

    static func damage(_ path: String, _ kind: String) throws {
        var bytes = try WholeFile.read(path: path)
        switch kind {
        case "truncate": try WholeFile.write(Array(bytes.prefix(bytes.count / 2)), path: path)
        case "flip":
            bytes[bytes.count - 1] ^= 1
            try WholeFile.write(bytes, path: path)
        default: try FileManager.default.removeItem(atPath: path)
        }
    }
}

// MARK: - Disks that fill and processes that die

extension CheckpointTests {
    /// A disk with room for so many bytes of each file.
    struct FullDisk: CheckpointFileWriter {
        let room: Int
        func write(_ bytes: [UInt8], path: String) throws {
            try WholeFile.write(Array(bytes.prefix(room)), path: path)
            if bytes.count > room {
                throw FileError(
                    path: path, place: .wholeFile, expected: "room for \(bytes.count - room) more bytes",
                    actual: "\"No space left on device\"", remedy: "free disk space")
            }
        }
    }

    @Test(arguments: [0, 200]) func aFullDiskLeavesThePreviousCheckpoint(room: Int) throws {
        try CheckpointStore(directory: directory).save(try checkpoint(1))
        let error = #expect(throws: ExecutionError.self) {
            try CheckpointStore(directory: directory, writer: FullDisk(room: room)).save(try checkpoint(2))
        }
        let text = try #require(error?.description)
        #expect(
            text.hasPrefix(
                "\(directory), checkpoint of step 2: expected a complete checkpoint on the disk, got an error ("
                    + "\(directory)/checkpoint-2/"))
        #expect(
            text.hasSuffix(
                "found \"No space left on device\"; free disk space); "
                    + "the checkpoint of step 1 is intact: make room and train again to go on from it"))
        try expectOnlyStepOne()
    }

    /// A real file system of 64 KiB that fills up.
    @Test func aRealFullFileSystemIsReported() throws {
        let mount = folder.path + "/tiny"
        try FileManager.default.createDirectory(atPath: mount, withIntermediateDirectories: true)
        let mounted = try Subprocess.run("/bin/mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", mount])
        // Mounting needs privileges that not every machine gives; the injected writer above tests the rest.
        guard mounted.isSuccess else { return }
        defer { _ = try? Subprocess.run("/bin/umount", [mount]) }
        let store = CheckpointStore(directory: mount + "/model")
        try store.save(try checkpoint(1))
        var large = try checkpoint(2)
        large.states["w"] = HostTensor(zeros: [100_000], dtype: .f32)
        let error = #expect(throws: ExecutionError.self) { try store.save(large) }
        #expect(error?.description.contains("No space left on device") == true, "\(String(describing: error))")
        #expect(try store.latest().checkpoint?.manifest.step == 1)
        try store.save(try checkpoint(3))
        #expect(try store.latest().checkpoint?.manifest.step == 3)
    }

    /// A process is killed while it writes: a half-written file is there, and the checkpoint before is whole.
    @Test func aKilledProcessLeavesThePreviousCheckpoint() throws {
        let process = Process()
        process.executableURL = try BuiltProgram.url("SlowCheckpoint")
        process.arguments = [directory]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        #expect(output.fileHandleForReading.readData(ofLength: 6) == Data("stuck\n".utf8))
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal)

        let leftover = "\(directory)/.checkpoint-2.partial/state.safetensors"
        #expect(FileManager.default.fileExists(atPath: leftover))
        let store = CheckpointStore(directory: directory)
        let latest = try store.latest()
        #expect(latest.checkpoint?.manifest.step == 1)
        #expect(latest.damaged.isEmpty)
        try WholeFile.write([0], path: "\(directory)/evaluations.json.partial-0")
        try store.removeUnfinished()
        try expectOnlyStepOne()
    }

    private func expectOnlyStepOne() throws {
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["checkpoint-1"])
        #expect(try CheckpointStore(directory: directory).latest().checkpoint?.states == checkpoint(1).states)
    }
}
