import Cluster
import Execution
import FoundationEssentials
import GraphIR
import GraphTracing
import HostTensors
import KernelIR
import Toolchain

/// What the processes of a cluster do together. The first of them has the model directory: it alone reads and writes there, and tells the
/// others what they must know.
extension Estimator {
    /// Does what all processes do; where this one fails, the others hear of it instead of waiting for it.
    func together<Result>(_ name: String, _ body: () throws -> Result) throws -> Result {
        guard let cluster = config.sharing else { return try body() }
        do {
            let result = try body()
            try cluster.meet("end of \(name)")
            return result
        } catch let interruption as TrainingInterrupted {
            // All end here.
            try cluster.meet("end of \(name)")
            throw interruption
        } catch {
            cluster.fail(name)
            throw error
        }
    }

    /// What the first process decides.
    func decided(_ name: String, _ mine: Bool) throws -> Bool {
        guard let cluster = config.sharing else { return mine }
        return try cluster.broadcast([mine ? 1 : 0], name) == [1]
    }

    /// What the first process finds, for all of them.
    func shared<Value: Codable>(_ name: String, _ find: () throws -> Value) throws -> Value {
        guard let cluster = config.sharing else { return try find() }
        guard cluster.isFirst else {
            return try EvaluationLog.decoder.decode(Value.self, from: Data(cluster.broadcast([], name)))
        }
        let found = try telling(cluster, name, find)
        _ = try cluster.broadcast([UInt8](EvaluationLog.encoder.encode(found)), name)
        return found
    }

    /// The checkpoint that the first process finds, for all of them.
    func sharedCheckpoint(_ find: () throws -> Checkpoint?) throws -> Checkpoint? {
        guard let cluster = config.sharing else { return try find() }
        let name = "reading a checkpoint"
        guard cluster.isFirst else { return try Checkpoint(bytes: cluster.broadcast([], name)) }
        let found = try telling(cluster, name, find)
        _ = try cluster.broadcast(found?.bytes() ?? [], name)
        return found
    }

    /// Gives all processes the states that the first begins with.
    func shareStates(of session: TrainingSession) throws {
        guard let cluster = config.sharing else { return }
        let name = "sharing the first states"
        let states = try session.model.states()
        let bytes = cluster.isFirst ? try Safetensors.encode(states.map { ($0.key, $0.value) }) : []
        let shared = try Safetensors.decode(cluster.broadcast(bytes, name), path: "states of process 0")
        for (path, tensor) in shared.entries.map({ ($0.name, $0.tensor) }) {
            try session.model.setState(path, to: tensor)
        }
    }

    /// Tells the others of an error.
    private func telling<Value>(_ cluster: Cluster, _ name: String, _ body: () throws -> Value) throws -> Value {
        do { return try body() } catch {
            cluster.fail(name)
            throw error
        }
    }
}

extension RunConfig {
    /// This with what processes must agree on: the least capable of their CPU levels, for the same bits everywhere, and of the machine's
    /// processors an equal share each. What was asked for stays.
    func placed() throws -> RunConfig {
        guard let cluster = sharing else { return self }
        var placed = self
        let own = (level ?? compiler?.level ?? Target.host.level).rank
        let least = try cluster.agreeOnLeast(own, "agreeing on a CPU level")
        if least < own { placed.level = CPULevel.allCases[least] }
        let share = try cluster.processorsPerProcess()
        if threads == 0 { placed.threads = min(share, CompiledModel.threadCounts.upperBound) }
        return placed
    }
}

extension Checkpoint {
    /// All of it in one piece: the length of the manifest, the manifest, the states.
    func bytes() throws -> [UInt8] {
        let manifest = try manifest.encoded()
        let length = withUnsafeBytes(of: UInt64(manifest.count).littleEndian) { Array($0) }
        return length + manifest + (try Safetensors.encode(states.map { ($0.key, $0.value) }))
    }

    /// Reads what `bytes` gives; nil for no bytes.
    init?(bytes: [UInt8]) throws {
        guard bytes.count > 8 else { return nil }
        let length = Int(UInt64(littleEndian: bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }))
        let content = try Safetensors.decode(Array(bytes[(8 + length)...]), path: "checkpoint of process 0")
        self.init(
            manifest: try JSONDecoder().decode(CheckpointManifest.self, from: Data(bytes[8..<(8 + length)])),
            states: .init(content.entries.map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first }))
    }
}

extension Cluster {
    /// Throws a `ClusterError` in all processes where something of theirs that must be the same is not.
    func requireSame(_ what: String, _ text: String) throws {
        var hash = ContentHash()
        hash.update(text)
        let all = try gather(Array(hash.hexadecimal().utf8), "comparing \(what)")
        guard let other = all.firstIndex(where: { $0 != all[0] }) else { return }
        throw ClusterError(
            place: what, reason: "that of process \(other) is another than that of process 0",
            remedy: "let all processes run the same program on the same data, with the same configuration")
    }
}

extension TrainingSession {
    /// The figures of what all processes have summed up, each of its parts of the batches.
    func sharedMetrics(_ cluster: Cluster) throws -> Metrics {
        for state in metricSums {
            let own = try model.state(state)
            let all = try cluster.gather(own.withUnsafeBytes { Array($0) }, "adding up metrics")
            let parts = try all.map { Tensor(try HostTensor(bytes: $0, dtype: own.dtype, shape: own.shape)) }
            try model.setState(state, to: parts.dropFirst().reduce(parts[0]) { $0 + $1 }.evaluated())
        }
        return Metrics(try model.run("metrics").map { ($0.key, $0.value) })
    }
}
