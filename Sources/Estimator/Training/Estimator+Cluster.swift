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

    /// What the first process finds or decides, for all of them.
    func shared<Value: Codable>(_ name: String, _ find: () throws -> Value) throws -> Value {
        guard let cluster = config.sharing else { return try find() }
        let bytes = try cluster.told(name) { [UInt8](try EvaluationLog.encoder.encode(find())) }
        return try EvaluationLog.decoder.decode(Value.self, from: Data(bytes))
    }

    /// The checkpoint that the first process finds, for all of them.
    func sharedCheckpoint(_ find: () throws -> Checkpoint?) throws -> Checkpoint? {
        guard let cluster = config.sharing else { return try find() }
        return try Checkpoint(bytes: cluster.told("reading a checkpoint") { try find()?.bytes() ?? [] })
    }

    /// Gives all processes the states that the first begins with.
    func shareStates(of session: TrainingSession) throws {
        guard let cluster = config.sharing else { return }
        let bytes = try cluster.told("sharing the first states") {
            try Safetensors.encode(session.model.states().map { ($0.key, $0.value) })
        }
        for entry in try Safetensors.decode(bytes, path: "states of process 0").entries {
            try session.model.setState(entry.name, to: entry.tensor)
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
    /// The bytes that the first process makes, which alone calls `make`; the others hear where it fails.
    func told(_ name: String, _ make: () throws -> [UInt8]) throws -> [UInt8] {
        guard isFirst else { return try broadcast([], name) }
        let made: [UInt8]
        do { made = try make() } catch {
            fail(name)
            throw error
        }
        return try broadcast(made, name)
    }

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
