import Execution
import GraphIR
import HostTensors

/// A model in memory, with the position of its training.
final class TrainingSession {
    let module: GraphModule
    let model: Model
    let inputs: ExampleTypes
    /// The SHA-256 of the graph's text.
    let graph: String
    /// The number of training steps done.
    private(set) var step = 0
    /// The number of the next batch, over all epochs.
    private(set) var nextBatch = 0
    /// What `nextBatch` is a position in.
    private(set) var dataset = ""

    /// Makes a callable model with fresh states.
    init(_ module: GraphModule, inputs: ExampleTypes, config: RunConfig) throws {
        self.module = module
        self.inputs = inputs
        graph = Self.hash(module)
        model = try Model(
            module, engine: config.engine, threads: config.threads, level: config.level, compiler: config.compiler)
        try initialize(seed: config.seed)
    }

    private static func hash(_ module: GraphModule) -> String {
        var hash = ContentHash()
        hash.update(module.text(constants: .sideFile))
        return hash.hexadecimal()
    }

    /// Runs `init`; its only input, where it has one, is the seed.
    private func initialize(seed: UInt64) throws {
        let initial = try model.signature.function(named: "init")
        var given: NamedTensors = [:]
        for input in initial.inputs {
            guard input.type == TensorType(.i64) else {
                throw ExecutionError(
                    place: "function 'init', input '\(input.name)'", expected: "a seed, i64[]", actual: "\(input.type)",
                    remedy: "let 'init' take nothing but a seed")
            }
            given[input.name] = HostTensor(scalar: Int64(bitPattern: seed))
        }
        try model.run("init", given)
    }

    /// Goes on in a dataset, from where it was left if it is the same one; says whether it starts anew.
    func enter(_ dataset: Dataset) -> Bool {
        let identity = dataset.positionIdentity
        let isOther = !self.dataset.isEmpty && identity != self.dataset
        if isOther { nextBatch = 0 }
        self.dataset = identity
        return isOther
    }

    /// Trains on one batch and gives the loss before the update.
    func trainStep(on batch: Batch) throws -> Double {
        let outputs = try model.run("train", try arguments("train", batch))
        guard let loss = outputs["loss"] ?? outputs.values.first, loss.count == 1 else {
            throw ExecutionError(
                place: "function 'train'", expected: "an output 'loss' of one number",
                actual: "outputs \(outputs.keys.joined(separator: ", "))", remedy: "let 'train' give the loss")
        }
        step += 1
        nextBatch += 1
        return loss.doubles()[0]
    }

    /// The inputs of a function for a batch: features first, then labels.
    func arguments(_ function: String, _ batch: Batch) throws -> NamedTensors {
        let declared = try model.signature.function(named: function).inputs
        let tensors = [batch.features] + (batch.labels.map { [$0] } ?? [])
        guard declared.count <= tensors.count else {
            throw ExecutionError(
                place: "function '\(function)'", expected: "features and labels for its \(declared.count) inputs",
                actual: batch.labels == nil ? "a dataset of features only" : "two tensors",
                remedy: "make the dataset with Dataset(features:labels:)")
        }
        return NamedTensors(zip(declared.map(\.name), tensors), uniquingKeysWith: { first, _ in first })
    }

    /// All of the training, to go on from later.
    func checkpoint(seed: UInt64) throws -> Checkpoint {
        Checkpoint(
            manifest: CheckpointManifest(
                step: step, seed: seed, nextBatch: nextBatch, dataset: dataset, graph: graph, inputs: inputs),
            states: try model.states())
    }

    /// Goes on from a checkpoint; throws when it is not one of this model, and then changes nothing.
    func restore(_ checkpoint: Checkpoint, from path: String) throws {
        do {
            try model.setStates(checkpoint.states)
        } catch let error as ExecutionError {
            throw ExecutionError(
                place: path, expected: "the states of this model", actual: "those of another (\(error))",
                remedy: "use another model directory for a changed model")
        }
        step = checkpoint.manifest.step
        nextBatch = checkpoint.manifest.nextBatch
        dataset = checkpoint.manifest.dataset
    }
}
