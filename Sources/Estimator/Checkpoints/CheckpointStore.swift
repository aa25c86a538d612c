import Execution
import FoundationEssentials
import Glibc
import GraphIR
import HostTensors

/// The checkpoints of one model directory.
///
/// A checkpoint is a folder `checkpoint-STEP` that holds `state.safetensors` and `manifest.json`. It is written under a
/// temporary name, flushed to the disk and renamed: a folder of the final name is complete, whatever happens meanwhile.
public struct CheckpointStore: Sendable {
    /// A checkpoint that could not be used, and why.
    public struct Damage: Sendable {
        /// The checkpoint's folder.
        public let path: String
        /// What is wrong.
        public let reason: String
    }

    /// The newest usable checkpoint, and the newer ones that were passed over.
    public struct Latest: Sendable {
        /// The checkpoint, nil if there is none.
        public let checkpoint: Checkpoint?
        /// Newer checkpoints that are damaged, the newest first.
        public let damaged: [Damage]
    }

    static let prefix = "checkpoint-"
    static let temporaryPrefix = ".checkpoint-"
    static let stateFile = "state.safetensors"
    static let manifestFile = "manifest.json"

    /// The folder that holds the checkpoints.
    public let directory: String
    /// How many of the newest checkpoints are kept; older ones are removed.
    public let keep: Int
    /// Checkpoints whose step is a multiple of this are never removed; nil for none.
    public let keepEvery: Int?
    private let writer: any CheckpointFileWriter

    /// Opens the checkpoints of a directory, which is made by the first save; `keep` below 1 counts as 1.
    public init(
        directory: String, keep: Int = 3, keepEvery: Int? = nil, writer: any CheckpointFileWriter = DiskFileWriter()
    ) {
        self.directory = directory
        self.keep = max(1, keep)
        self.keepEvery = keepEvery.map { max(1, $0) }
        self.writer = writer
    }

    /// The steps of the checkpoints that are there, complete or damaged, ascending.
    public func steps() throws -> [Int] {
        try entries().compactMap { name in
            guard name.hasPrefix(Self.prefix), let step = Int(name.dropFirst(Self.prefix.count)), step >= 0,
                name == "\(Self.prefix)\(step)"
            else { return nil }
            return step
        }.sorted()
    }

    /// The folder of a step's checkpoint.
    public func path(step: Int) -> String { "\(directory)/\(Self.prefix)\(step)" }

    private func entries() throws -> [String] {
        guard FileManager.default.fileExists(atPath: directory) else { return [] }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: directory)
        } catch {
            throw ExecutionError(
                place: directory, expected: "a readable model directory", actual: String(cString: strerror(errno)),
                remedy: "check the path and its permissions")
        }
    }
}

// MARK: - Reading

extension CheckpointStore {
    /// The newest checkpoint whose files are whole.
    ///
    /// Throws when checkpoints exist and every one is damaged: to start over silently would hide the loss; and when the newest that is not
    /// damaged is of another format, as passing it over would lose what is in it.
    public func latest() throws -> Latest {
        let steps = try steps()
        var damaged: [Damage] = []
        for step in steps.reversed() {
            try checkFormat("\(path(step: step))/\(Self.manifestFile)")
            do {
                return Latest(checkpoint: try read(step: step), damaged: damaged)
            } catch {
                damaged.append(Damage(path: path(step: step), reason: "\(error)"))
            }
        }
        if let first = damaged.first {
            // A process that trains here has removed those, and has written others.
            guard try self.steps() == steps else { return try latest() }
            throw ExecutionError(
                place: directory, expected: "a checkpoint that can be read",
                actual: "\(damaged.count) damaged, the newest because of \(first.reason)",
                remedy: "restore a checkpoint from a backup, or remove them all to start over")
        }
        return Latest(checkpoint: nil, damaged: [])
    }

    /// The checkpoint of a step; throws when it is missing or damaged.
    public func read(step: Int) throws -> Checkpoint {
        let folder = path(step: step)
        let steps = try steps()
        guard steps.contains(step) else {
            throw ExecutionError(
                place: directory, expected: "a checkpoint of step \(step)", actual: "none",
                remedy: steps.isEmpty
                    ? "there is no other either"
                    : "there are those of steps \(steps.map(String.init).joined(separator: ", "))")
        }
        let manifest = try readManifest("\(folder)/\(Self.manifestFile)")
        guard manifest.step == step else {
            throw damage("\(folder)/\(Self.manifestFile)", expected: "step \(step)", actual: "step \(manifest.step)")
        }
        let position = manifest.position
        guard position.epoch >= 0, position.batch >= 0 else {
            throw damage(
                "\(folder)/\(Self.manifestFile)", expected: "a position of epoch 0 or more, batch 0 or more",
                actual: "epoch \(position.epoch), batch \(position.batch)")
        }
        guard let file = manifest.files.first(where: { $0.name == Self.stateFile }) else {
            throw damage("\(folder)/\(Self.manifestFile)", expected: "an entry \(Self.stateFile)", actual: "none")
        }
        let path = "\(folder)/\(file.name)"
        let bytes = try WholeFile.read(path: path)
        guard bytes.count == file.bytes else {
            throw damage(path, expected: "\(file.bytes) bytes", actual: "\(bytes.count)")
        }
        let found = ContentHash.hexadecimal(of: bytes)
        guard found == file.sha256 else { throw damage(path, expected: "SHA-256 \(file.sha256)", actual: found) }
        let content = try Safetensors.decode(bytes, path: path)
        return Checkpoint(
            manifest: manifest,
            states: .init(content.entries.map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first }))
    }

    private func readManifest(_ path: String) throws -> CheckpointManifest {
        try checkFormat(path)
        let bytes = try WholeFile.read(path: path)
        do {
            return try JSONDecoder().decode(CheckpointManifest.self, from: Data(bytes))
        } catch {
            throw damage(path, expected: "a checkpoint manifest", actual: "other JSON, or none")
        }
    }

    /// Throws when a manifest says that it is of another format; one that says nothing is damaged, which `read` finds.
    private func checkFormat(_ path: String) throws {
        struct Head: Decodable { let format: Int }
        guard let bytes = try? WholeFile.read(path: path),
            let format = (try? JSONDecoder().decode(Head.self, from: Data(bytes)))?.format,
            format != CheckpointManifest.currentFormat
        else { return }
        throw ExecutionError(
            place: path, expected: "checkpoint format \(CheckpointManifest.currentFormat)", actual: "\(format)",
            remedy: "use the version of Strata that wrote it, or another model directory")
    }

    private func damage(_ path: String, expected: String, actual: String) -> ExecutionError {
        ExecutionError(
            place: path, expected: expected, actual: actual, remedy: "the file was changed or damaged since")
    }
}

// MARK: - Writing

extension CheckpointStore {
    /// Writes a checkpoint, then removes the oldest beyond those to keep, and gives the path of its folder.
    ///
    /// The checkpoint of step `best`, where there is one, is kept too. On an error nothing of the new checkpoint stays,
    /// and the earlier ones are as they were.
    @discardableResult
    public func save(_ checkpoint: Checkpoint, best: Int? = nil) throws -> String {
        let step = checkpoint.manifest.step
        let temporary = "\(directory)/\(Self.temporaryPrefix)\(step).partial"
        let final = path(step: step)
        do {
            try makeFolder(directory)
            try remove(temporary)
            try makeFolder(temporary)
            try writeFiles(checkpoint, in: temporary)
            Self.flush(temporary)
            // A folder of that step is from an earlier run, or damaged; a rename needs the name free.
            try remove(final)
            guard rename(temporary, final) == 0 else { throw systemError(final, "a checkpoint folder of that name") }
            Self.flush(directory)
        } catch {
            try? remove(temporary)
            throw describe(error, step: step, writing: temporary)
        }
        try removeOldest(besides: step, best)
        return final
    }

    /// Removes what a killed process left half written.
    public func removeUnfinished() throws {
        for name in try entries() {
            let isFolder = name.hasPrefix(Self.temporaryPrefix) && name.hasSuffix(".partial")
            // What `WholeFile` was about to rename.
            if isFolder || name.contains(".partial-") { try remove("\(directory)/\(name)") }
        }
    }

    /// Removes the checkpoints of later steps, the latest first: at any moment those that are left belong together.
    func removeLater(than step: Int) throws {
        for later in try steps().reversed() where later > step { try remove(path(step: later)) }
    }

    private func writeFiles(_ checkpoint: Checkpoint, in folder: String) throws {
        let bytes = try Safetensors.encode(
            checkpoint.states.map { ($0.key, $0.value) },
            metadata: ["format": "strata checkpoint", "step": "\(checkpoint.manifest.step)"])
        var manifest = checkpoint.manifest
        manifest.files = [.init(name: Self.stateFile, bytes: bytes.count, sha256: ContentHash.hexadecimal(of: bytes))]
        try writer.write(bytes, path: "\(folder)/\(Self.stateFile)")
        try writer.write(try manifest.encoded(), path: "\(folder)/\(Self.manifestFile)")
    }

    private func removeOldest(besides newest: Int, _ best: Int?) throws {
        for step in try steps().filter({ $0 != newest }).dropLast(keep - 1) where step != best {
            if let keepEvery, step % keepEvery == 0 { continue }
            try remove(path(step: step))
        }
    }

    private func makeFolder(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw systemError(path, "a folder that can be made")
        }
    }

    private func remove(_ path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else { return }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw systemError(path, "a folder that can be removed")
        }
    }

    /// Waits until the disk has a file, or the names in a folder; a file system that cannot do this still has them.
    static func flush(_ path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private func systemError(_ path: String, _ expected: String) -> ExecutionError {
        ExecutionError(
            place: path, expected: expected, actual: "\"\(String(cString: strerror(errno)))\"",
            remedy: "check its permissions and the free space")
    }

    /// The error as one of the checkpoint: the folder that it was written to, and that is gone, has the name that it would have got.
    private func describe(_ error: any Error, step: Int, writing temporary: String) -> ExecutionError {
        let reason = "\(error)".replacing(temporary, with: path(step: step))
        let previous = (try? steps())?.last
        return ExecutionError(
            place: "\(directory), checkpoint of step \(step)", expected: "a complete checkpoint on the disk",
            actual: "an error (\(reason))",
            remedy: previous.map {
                "the checkpoint of step \($0) is intact: make room and train again to go on from it"
            }
                ?? "there is no earlier checkpoint: make room and train again")
    }
}
