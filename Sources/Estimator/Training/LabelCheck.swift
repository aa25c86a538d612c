import Datasets
import Execution
import GraphIR
import HostTensors

/// Labels of a cross-entropy: what is looked at in every batch before it is run.
///
/// A label outside the classes costs nothing in `crossEntropy`: trained with, it would pass for a perfect answer. One outside 0 to 1 makes
/// `sigmoidCrossEntropy` fall without end.
struct LabelCheck {
    /// What a label may be.
    enum Choice: Hashable {
        /// The index of one of so many classes.
        case classes(Int)
        /// A probability.
        case probability

        /// Whether a label is one of them; fractions are cut off where classes are meant.
        @inline(__always) func contains(_ value: Double, isInteger: Bool) -> Bool {
            switch self {
            case .classes(let count): value > -1 && value < Double(count) && (value >= 0 || !isInteger)
            case .probability: value >= 0 && value <= 1
            }
        }
    }

    /// Which of the function's inputs the labels are.
    let input: Int
    /// The name of that input.
    let name: String
    /// What the labels may be.
    let choice: Choice
    /// The labels that the function compares with, to ignore them.
    let ignored: [Double]
    /// Which of the function's inputs weigh examples, or may, so that those of weight 0 do not count: further labels, and what losses
    /// are multiplied by.
    let weights: [Int]

    /// What to look at in the batches of a function, found by following the labels of its losses back to its inputs.
    ///
    /// Labels that are compared with a bound are the model's own affair, but for probabilities and a bound between 0 and 1, as metrics have.
    static func all(in function: GraphFunction, labels: [ExampleTypes.Input]) -> [LabelCheck] {
        let uses = LabelUses(function)
        return function.inputs.enumerated().compactMap { at, input in
            guard let choice = uses.choices[input.value], let ignored = uses.ignored(input.value, as: choice) else {
                return nil
            }
            let weights = function.inputs.indices.filter { other in
                let value = function.inputs[other].value
                let dtype = function.type(of: value).dtype
                let isLabel = labels.contains { $0.name == function.inputs[other].name }
                return other != at && (uses.weights.contains(value) || isLabel && (dtype.isFloat || dtype == .bool))
            }
            return LabelCheck(input: at, name: input.name, choice: choice, ignored: ignored, weights: weights)
        }
    }

    /// Throws an `ExecutionError` that names the first label of a batch that is none of the choice and counts.
    func check(_ batch: Batch, places: [Int]) throws {
        let labels = batch.tensors[places[input]]
        // There may be as many as an image has pixels.
        if labels.dtype == .f32,
            try labels.withScalars(as: Float.self, { $0.allSatisfy { choice.contains(Double($0), isInteger: false) } })
        {
            return
        }
        guard let bad = try labels.dtype.accept(Search(check: self, labels: labels, batch: batch, places: places))
        else { return }
        let example = batch.rows.lowerBound + bad.index / max(1, labels.count / max(1, batch.count))
        throw ExecutionError(
            place: "dataset, column '\(batch.columns[places[input]].name)', example \(example) of batch "
                + "\(batch.position.batch) in epoch \(batch.position.epoch)",
            expected: choice.text,
            actual: bad.value == bad.value.rounded() && abs(bad.value) < 1e15 ? "\(Int(bad.value))" : "\(bad.value)",
            remedy: choice.remedy)
    }

    /// The first label that is wrong, in labels of any type.
    private struct Search: DTypeVisitor {
        let check: LabelCheck
        let labels: HostTensor
        let batch: Batch
        let places: [Int]

        func visit<Scalar: HostScalar>(_ type: Scalar.Type) throws -> (index: Int, value: Double)? {
            try labels.withScalars(as: type) { labels in
                // Read when they are first needed: wrong labels are rare.
                var weights: [[Double]]?
                for at in labels.indices {
                    let value: Double = labels[at].cast(to: Double.self)
                    if check.choice.contains(value, isInteger: Scalar.dtype.isInteger) { continue }
                    if check.ignored.contains(value) { continue }
                    let known = weights ?? check.weights.map { batch.tensors[places[$0]].doubles() }
                    weights = known
                    let isWeightless = known.contains { weights in
                        !weights.isEmpty && labels.count % weights.count == 0
                            && weights[at / (labels.count / weights.count)] == 0
                    }
                    if !isWeightless { return (at, value) }
                }
                return nil
            }
        }
    }
}

extension LabelCheck.Choice {
    /// What is expected of a label.
    fileprivate var text: String {
        switch self {
        case .classes(let count): "a class from 0 to \(count - 1), as the model has \(count)"
        case .probability: "a label from 0 for no to 1 for yes"
        }
    }

    /// What to do about another.
    fileprivate var remedy: String {
        switch self {
        case .classes:
            "number classes from 0, give the model more outputs, or leave a label out with ignoring(label:)"
        case .probability: "map the labels to 0 and 1, or leave one out with ignoring(label:)"
        }
    }
}
