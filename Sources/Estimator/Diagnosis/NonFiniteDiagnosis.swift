import Datasets
import Execution
import GraphIR
import HostTensors

/// Finds the operation that made the first infinite or undefined number of a training.
///
/// Training itself looks at nothing but the loss. When that is not finite, the steps since the last checkpoint are made
/// again, which gives the same bits, until one leaves a bad number behind; that one is interpreted operation by operation.
struct NonFiniteDiagnosis {
    /// What was found.
    struct Cause {
        /// The number of the bad step, counted from 1.
        let step: Int
        /// Where: the layer and the source line, or the input.
        let place: String
        /// What was made of what.
        let finding: String
    }

    private let session: TrainingSession
    private let dataset: Dataset

    init(_ session: TrainingSession, _ dataset: Dataset) {
        self.session = session
        self.dataset = dataset
    }

    /// Makes the steps after a checkpoint again; nil when the bad number does not come back.
    func run(from base: Checkpoint, to lastStep: Int) throws -> Cause? {
        try session.restore(base, from: "the last checkpoint")
        _ = try session.enter(dataset)
        let reader = try dataset.reader(from: session.position)
        while session.step < lastStep, let batch = try reader.next() {
            let before = try session.model.states()
            let loss = try session.trainStep(on: batch).loss
            guard try !loss.isFinite || session.model.states().values.contains(where: \.hasNonFinite) else { continue }
            return try inspect(states: before, batch, step: session.step)
        }
        return nil
    }

    private func inspect(states: NamedTensors, _ batch: Batch, step: Int) throws -> Cause? {
        let arguments = session.arguments(batch)
        for (name, tensor) in arguments where tensor.hasNonFinite {
            return Cause(
                step: step, place: "input '\(name)'",
                finding: "\(tensor.nonFiniteText) in batch \(batch.position.batch) of epoch \(batch.position.epoch)")
        }
        let function = try session.module.function(named: "train")
        let finder = FirstNonFinite()
        var values = Array(states.values)
        let named = Dictionary(arguments.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
        do {
            _ = try Interpreter(module: session.module).run(
                "train", inputs: named, states: &values, options: .init(observe: finder.observe))
        } catch let found as FirstNonFinite.Found {
            let place = found.place.map { "\($0)" } ?? "operation '\(found.op)' of '\(function.name)'"
            return Cause(
                step: step, place: place, finding: "operation '\(found.op)' made \(found.values) of finite numbers")
        }
        return Cause(
            step: step, place: "the compiled step",
            finding: "bad numbers where the interpreter has none: compiled code differs from its meaning")
    }
}

/// Watches an interpretation for the first operation that makes bad numbers of good ones.
private final class FirstNonFinite: @unchecked Sendable {
    struct Found: Error {
        let op: String
        let place: Place?
        let values: String
    }

    /// The values that are not finite throughout, by whether they contain NaN. Only the interpreting thread uses it.
    private var bad: [ValueID: Bool] = [:]

    func observe(_ index: Int, _ op: GraphOp, _ results: [HostTensor]) throws {
        for (value, tensor) in zip(op.results, results) where tensor.hasNonFinite {
            let hasNaN = tensor.hasNaN
            bad[value] = hasNaN
            // Infinities may be meant: a constant, or what selects and maxima do with one. NaN out of infinities is not.
            let operands = op.operands.compactMap { bad[$0] }
            let isNew = operands.isEmpty ? op.name != "constant" : hasNaN && !operands.contains(true)
            if isNew { throw Found(op: op.name, place: op.place, values: tensor.nonFiniteText) }
        }
    }
}

extension HostTensor {
    /// Whether an element of a floating-point tensor is infinite or NaN.
    var hasNonFinite: Bool {
        guard dtype.isFloat else { return false }
        if dtype == .f32 {
            return (try? withScalars(as: Float.self) { $0.contains { !$0.isFinite } }) ?? false
        }
        return doubles().contains { !$0.isFinite }
    }

    /// Whether an element is NaN.
    var hasNaN: Bool { dtype.isFloat && doubles().contains(where: \.isNaN) }

    /// `nan at [3, 0] and 11 more of 128 elements`.
    var nonFiniteText: String {
        let values = doubles()
        let places = values.indices.filter { !values[$0].isFinite }
        guard let first = places.first else { return "no bad value" }
        var rest = first
        var position: [Int] = []
        for size in shape.reversed() {
            position.insert(rest % size, at: 0)
            rest /= size
        }
        let more = places.count > 1 ? " and \(places.count - 1) more" : ""
        let value = values[first].isNaN ? "nan" : "\(values[first])"
        return "\(value) at \(position)\(more) of \(count) element\(count == 1 ? "" : "s")"
    }
}
