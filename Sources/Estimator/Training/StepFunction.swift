import Cluster
import Datasets
import Execution
import HostTensors

/// What makes a training step of a batch: one function of the model, or, in a cluster, two with a sum over processes between them.
protocol StepFunction: AnyObject {
    /// The functions of the model that it calls.
    var functions: [String] { get }
    /// What is taken from a batch.
    var inputs: [TensorSignature] { get }
    /// What a step gives.
    var outputs: [TensorSignature] { get }
    /// What the last step gave, in that order.
    var results: [HostTensor] { get }

    /// Makes a step; gives what other processes signal along with this one.
    func run(_ batch: Batch, places: [Int], signals: Cluster.Signals) throws -> Cluster.Signals
}

/// A step in one process: `train`.
final class WholeStep: StepFunction {
    private let train: PreparedFunction

    init(_ model: Model) throws { train = try model.prepare("train") }

    var functions: [String] { [train.signature.name] }
    var inputs: [TensorSignature] { train.signature.inputs }
    var outputs: [TensorSignature] { train.signature.outputs }
    var results: [HostTensor] { train.outputs }

    func run(_ batch: Batch, places: [Int], signals: Cluster.Signals) throws -> Cluster.Signals {
        try train(batch.tensors, places: places)
        return signals
    }
}

/// A step of all processes: each computes `gradients` of its part of the batch, the sums are added up, and each does `apply` with them.
final class SharedStep: StepFunction {
    /// What a module must have for processes to train together.
    static let functions = ["gradients", "apply", "metrics"]
    private static let process = "process"

    let inputs: [TensorSignature]
    private let gradients: PreparedFunction
    private let apply: PreparedFunction
    private let cluster: Cluster
    private let process: HostTensor
    private let takesProcess: Bool
    private let nothing: HostTensor
    private var sums: HostTensor

    init(_ model: Model, _ cluster: Cluster) throws {
        self.cluster = cluster
        gradients = try model.prepare("gradients")
        apply = try model.prepare("apply")
        process = HostTensor(scalar: Int64(cluster.rank))
        inputs = gradients.signature.inputs.filter { $0.name != Self.process }
        takesProcess = inputs.count < gradients.signature.inputs.count
        nothing = HostTensor(zeros: try gradients.signature.outputs[0].type.shape([:]), dtype: .f32)
        sums = nothing
    }

    var functions: [String] { [gradients.signature.name, apply.signature.name] }
    var outputs: [TensorSignature] { apply.signature.outputs }
    var results: [HostTensor] { apply.outputs }

    func run(_ batch: Batch, places: [Int], signals: Cluster.Signals) throws -> Cluster.Signals {
        var mine = nothing
        if batch.count > 0 {
            try gradients(
                takesProcess ? batch.tensors + [process] : batch.tensors,
                places: takesProcess ? places + [batch.tensors.count] : places)
            mine = gradients.outputs[0]
        }
        let heard = try mine.withUnsafeBytes { mine in
            try sums.withUnsafeMutableBytes { sums in
                try cluster.sum(
                    mine.assumingMemoryBound(to: Float.self), into: sums.assumingMemoryBound(to: Float.self),
                    "training step", signals: signals)
            }
        }
        try apply([sums])
        return heard
    }
}
