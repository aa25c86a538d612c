import Cluster
import Datasets
import Execution
import HostTensors
import Training

/// What makes a training step of a batch: one function of the model, or, in a cluster, two with a sum over processes between them.
protocol StepFunction: AnyObject {
    /// The functions of the model that it calls.
    var functions: [String] { get }
    /// Memory of what processes add up.
    var sharedBytes: Int { get }
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
    var sharedBytes: Int { 0 }
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

    let inputs: [TensorSignature]
    private let gradients: PreparedFunction
    private let apply: PreparedFunction
    private let cluster: Cluster
    private let process: HostTensor
    private let takesProcess: Bool
    /// What `apply` takes: the sums of what `gradients` gives.
    private var sums: [HostTensor]
    private let count: Int

    init(_ model: Model, _ cluster: Cluster) throws {
        self.cluster = cluster
        gradients = try model.prepare("gradients")
        apply = try model.prepare("apply")
        process = HostTensor(scalar: Int64(cluster.rank))
        inputs = gradients.signature.inputs.filter { $0.name != TrainingModule.processInput }
        takesProcess = inputs.count < gradients.signature.inputs.count
        sums = try apply.signature.inputs.map { HostTensor(zeros: try $0.type.shape([:]), dtype: .f32) }
        count = sums.reduce(0) { $0 + $1.count }
    }

    var functions: [String] { [gradients.signature.name, apply.signature.name] }
    // What was computed, the sums, and what is sent and received.
    var sharedBytes: Int { 4 * 4 * count }
    var outputs: [TensorSignature] { apply.signature.outputs }
    var results: [HostTensor] { apply.outputs }

    func run(_ batch: Batch, places: [Int], signals: Cluster.Signals) throws -> Cluster.Signals {
        if batch.count > 0 {
            try gradients(
                takesProcess ? batch.tensors + [process] : batch.tensors,
                places: takesProcess ? places + [batch.tensors.count] : places)
        }
        let heard = try cluster.sum(
            count, "training step", signals: signals,
            write: { write(batch.count > 0 ? gradients.outputs : [], to: $0) },
            read: read)
        try apply(sums)
        return heard
    }

    /// Puts this process's share one after another; without examples it has none.
    private func write(_ tensors: [HostTensor], to numbers: UnsafeMutableBufferPointer<Float>) {
        if tensors.isEmpty { numbers.update(repeating: 0) }
        var first = 0
        for tensor in tensors {
            tensor.withUnsafeBytes { bytes in
                UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(numbers)[first...]).copyMemory(
                    from: bytes)
            }
            first += tensor.byteCount
        }
    }

    /// Takes the sums.
    private func read(_ numbers: UnsafeBufferPointer<Float>) {
        var first = 0
        for at in sums.indices {
            let count = sums[at].byteCount
            sums[at].withUnsafeMutableBytes { bytes in
                bytes.copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(numbers)[first..<(first + count)]))
            }
            first += count
        }
    }
}
