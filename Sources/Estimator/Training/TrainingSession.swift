import Cluster
import Datasets
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
    /// What computes the steps: `amx`, `amx, bfloat16`, `interpreted`.
    let code: String
    /// The number of training steps done.
    private(set) var step = 0
    /// The next batch to train on.
    private(set) var position = DataPosition()
    /// What `position` is a position in.
    private(set) var dataset = ""
    private let seed: UInt64
    /// The processes that train together; nil for this one alone.
    let cluster: Cluster?
    /// The states that evaluation adds up in, by path.
    let metricSums: [String]
    private let stepFunction: any StepFunction
    private let lossPlace: Int
    private let trainingLabels: [LabelCheck]
    /// What to look at in batches that are evaluated.
    let evaluationLabels: [LabelCheck]
    /// Where the training step's inputs are in a batch of the present dataset.
    private var places: [Int] = []

    /// Makes a callable model with fresh states.
    init(_ module: GraphModule, inputs: ExampleTypes, config: RunConfig) throws {
        let config = try config.placed()
        let cluster = config.sharing
        self.cluster = cluster
        let running = try Self.runs(module, together: cluster != nil)
        var module = module
        module.functions.removeAll { SharedStep.functions.contains($0.name) }
        self.module = module
        self.inputs = inputs
        seed = config.seed
        graph = Self.hash(module)
        let resets = module.functions.first { $0.name == "resetMetrics" }
        metricSums = resets?.updates.map { module.states[$0.state].path } ?? []
        if let train = module.functions.first(where: { $0.name == "train" }) { try Self.checkPrecision(train) }
        model = try Model(
            running, engine: config.engine, threads: config.threads, level: config.level,
            compiler: config.runningCompiler)
        let isExact = config.precision == .float32 || config.engine == .interpreted
        code =
            (isExact ? model.variant : "\(model.variant), \(config.precision)")
            + (cluster.map { ", \($0.count) processes" } ?? "")
        let model = self.model
        stepFunction = try cluster.map { try SharedStep(model, $0) } ?? WholeStep(model)
        try cluster?.requireSame("the model", "\(graph) \(seed) \(code)")
        let outputs = stepFunction.outputs
        guard let place = outputs.firstIndex(where: { $0.name == "loss" }), outputs[place].type == TensorType(.f32)
        else {
            throw ExecutionError(
                place: "function 'train'", expected: "an output 'loss', f32[]",
                actual: "outputs \(outputs.map { "\($0.name): \($0.type)" }.joined(separator: ", "))",
                remedy: "let 'train' give the loss")
        }
        lossPlace = place
        func checks(_ name: String) -> [LabelCheck] {
            module.functions.first { $0.name == name }.map { LabelCheck.all(in: $0, labels: inputs.labels) } ?? []
        }
        (trainingLabels, evaluationLabels) = (checks("train"), checks("evaluate"))
        try initialize()
    }

    /// The functions that are compiled; throws where processes cannot train together.
    private static func runs(_ module: GraphModule, together: Bool) throws -> GraphModule {
        var running = module
        running.functions.removeAll { together ? $0.name == "train" : SharedStep.functions.contains($0.name) }
        let missing = SharedStep.functions.filter { name in !module.functions.contains { $0.name == name } }
        guard together, let first = missing.first else { return running }
        throw ExecutionError(
            place: "RunConfig, cluster", expected: "a module with a function '\(first)'",
            actual: "functions \(module.functions.map(\.name).joined(separator: ", "))",
            remedy: "build it with TrainingModule.build(…, inParts: true)")
    }

    /// Throws when the loss has another precision than f32, as it has when features do.
    private static func checkPrecision(_ train: GraphFunction) throws {
        guard let loss = train.outputs.first(where: { $0.name == "loss" }).map({ train.type(of: $0.value) }),
            loss.shape.isEmpty, loss.dtype.isFloat, loss.dtype != .f32,
            let input = train.inputs.first(where: { train.type(of: $0.value).dtype == loss.dtype })
        else { return }
        throw ExecutionError(
            place: "function 'train', input '\(input.name)'",
            expected: "numbers of f32, in which models are trained",
            actual: "\(train.type(of: input.value)), which makes the loss \(loss)",
            remedy: "convert the tensor with converted(to: .f32) before it becomes a dataset, or cast it in the model")
    }

    private static func hash(_ module: GraphModule) -> String {
        var hash = ContentHash()
        hash.update(module.text(constants: .sideFile))
        return hash.hexadecimal()
    }

    /// Runs `init`; its only input, where it has one, is the seed.
    private func initialize() throws {
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
    func enter(_ dataset: Dataset) throws -> Bool {
        places = try inputs.places(of: stepFunction.inputs, in: dataset, parts: part.count)
        let identity = dataset.identity
        let size = dataset.count.map { "\($0) examples" } ?? "a stream"
        try cluster?.requireSame("the dataset", "\(size) \(dataset.columns), batches of \(dataset.batchSize)")
        let isOther = !self.dataset.isEmpty && identity != self.dataset
        if isOther { position = DataPosition() }
        try dataset.check(position)
        self.dataset = identity
        return isOther
    }

    /// The part of every batch that this process trains and evaluates on.
    var part: BatchPart { cluster.map { BatchPart($0.rank, of: $0.count) } ?? .whole }

    /// Trains on one batch, of which this may be a part, and gives the loss before the update, and what any process signals; throws when a
    /// label is none of the model's classes.
    func trainStep(on batch: Batch, signals: Cluster.Signals = []) throws -> (loss: Float, signals: Cluster.Signals) {
        for check in trainingLabels { try check.check(batch, places: places) }
        let heard = try stepFunction.run(batch, places: places, signals: signals)
        step += 1
        position = batch.next
        return (stepFunction.results[lossPlace].withUnsafeBytes { $0.load(as: Float.self) }, heard)
    }

    /// What the last training step gave, by name: the loss and the metrics of its batch.
    var figures: Metrics { Metrics(zip(stepFunction.outputs.map(\.name), stepFunction.results)) }

    /// Scratch memory of a training step on batches of a size, with what processes add up.
    func workspaceBytes(batchSize: Int) throws -> Int {
        let sizes = [ExampleTypes.batch.name: largestPart(of: batchSize)]
        let ofFunctions = try stepFunction.functions.map { function in
            let symbols = try model.signature.function(named: function).inputs.flatMap {
                $0.type.shape.flatMap(\.symbols)
            }
            return try model.workspaceBytes(function, dims: sizes.filter { symbols.contains($0.key) })
        }
        return (ofFunctions.max() ?? 0) + stepFunction.sharedBytes
    }

    /// The most examples of a batch that a process has.
    func largestPart(of batchSize: Int) -> Int { (batchSize + part.count - 1) / part.count }

    /// The inputs of the training step for a batch, by name.
    func arguments(_ batch: Batch) -> NamedTensors {
        NamedTensors(
            zip(stepFunction.inputs.map(\.name), places.map { batch.tensors[$0] }),
            uniquingKeysWith: { first, _ in first })
    }

    /// All of the training, to go on from later.
    func checkpoint() throws -> Checkpoint {
        Checkpoint(
            manifest: CheckpointManifest(
                step: step, seed: seed, position: position, dataset: dataset, graph: graph, inputs: inputs, code: code),
            states: try model.states())
    }

    /// Goes on from a checkpoint; throws when it is not one of this model, and then changes nothing.
    func restore(_ checkpoint: Checkpoint, from path: String) throws {
        do {
            try model.setStates(withOwnSums(checkpoint.states))
        } catch let error as ExecutionError {
            throw ExecutionError(
                place: path, expected: "the states of this model", actual: "those of another (\(error))",
                remedy:
                    "use another model directory for a changed model or optimizer; RunConfig(warmStart:) lets it start from "
                    + "this one")
        }
        step = checkpoint.manifest.step
        position = checkpoint.manifest.position
        dataset = checkpoint.manifest.dataset
    }

    /// States of a checkpoint with the sums of this model's metrics in the place of other metrics': what is measured may change during
    /// a training. Sums that were not there are zero, as at the beginning of every evaluation.
    private func withOwnSums(_ given: NamedTensors) throws -> NamedTensors {
        var states = given.filter { path, value in
            guard path.hasPrefix("metrics/") else { return true }
            return metricSums.contains(path) && (try? model.signature.check(value, forState: path)) != nil
        }
        for path in metricSums where states[path] == nil {
            let type = try model.signature.states[model.signature.stateIndex(path: path)].type
            states[path] = HostTensor(zeros: try type.shape([:]), dtype: type.dtype)
        }
        return states
    }
}
