import Datasets
import Execution
import GraphIR
import HostTensors

/// Whole-number labels of a loss over classes: what is looked at in every batch before it is run.
///
/// A label outside the classes costs nothing in `crossEntropy`: trained with, it would pass for a perfect answer.
struct LabelCheck {
    /// Which of the function's inputs the labels are.
    let input: Int
    /// The name of that input.
    let name: String
    /// The number of classes.
    let classes: Int
    /// The labels that the function compares with, to ignore them.
    let ignored: [Double]
    /// Which of the function's inputs weigh examples, or may, so that those of weight 0 do not count: further labels, and what losses
    /// are multiplied by.
    let weights: [Int]

    /// What to look at in the batches of a function, found by following the labels of its losses back to its inputs.
    ///
    /// Labels that are compared with a bound are the model's own affair.
    static func all(in function: GraphFunction, labels: [ExampleTypes.Input]) -> [LabelCheck] {
        let producers = function.producers()
        func source(_ value: ValueID, through names: Set<String>) -> ValueID {
            var value = value
            while let op = producers[value.index].map({ function.ops[$0] }), names.contains(op.name) {
                value = op.operands[0]
            }
            return value
        }
        let sameElements: Set = ["cast", "reshape"]
        var found: [ValueID: Int] = [:]
        var losses: Set<ValueID> = []
        for op in function.ops where op.name == "crossEntropy" {
            guard let classes = function.type(of: op.operands[0]).shape.last?.constant else { continue }
            found[source(op.operands[1], through: sameElements)] = classes
            losses.formUnion(op.results)
        }
        var factors: Set<ValueID> = []
        for op in function.ops where op.name == "mul" {
            let sides = op.operands.map { source($0, through: sameElements) }
            if sides.contains(where: losses.contains) { factors.formUnion(sides) }
        }
        return function.inputs.enumerated().compactMap { at, input in
            guard let classes = found[input.value] else { return nil }
            var ignored: [Double] = []
            for op in function.ops where op.name == "compare" {
                let sides = op.operands.map { source($0, through: ["cast", "reshape", "broadcast"]) }
                guard let other = sides.first(where: { $0 != input.value }), sides.contains(input.value),
                    let constant = producers[other.index].map({ function.ops[$0] }),
                    case .tensor(let value)? = constant.attributes["value"]
                else { continue }
                guard ["equal", "notEqual"].contains(op.attributes["direction"]?.word) else { return nil }
                ignored += value.doubles()
            }
            let weights = function.inputs.indices.filter { other in
                let dtype = function.type(of: function.inputs[other].value).dtype
                let isLabel = labels.contains { $0.name == function.inputs[other].name }
                return other != at
                    && (factors.contains(function.inputs[other].value) || isLabel && (dtype.isFloat || dtype == .bool))
            }
            return LabelCheck(input: at, name: input.name, classes: classes, ignored: ignored, weights: weights)
        }
    }

    /// Throws an `ExecutionError` that names the first label of a batch that is none of the classes and counts.
    func check(_ batch: Batch, places: [Int]) throws {
        let labels = batch.tensors[places[input]]
        guard let bad = try labels.dtype.accept(Search(check: self, labels: labels, batch: batch, places: places))
        else { return }
        let example = batch.rows.lowerBound + bad.index / max(1, labels.count / max(1, batch.count))
        throw ExecutionError(
            place: "dataset, column '\(batch.columns[places[input]].name)', example \(example) of batch "
                + "\(batch.position.batch) in epoch \(batch.position.epoch)",
            expected: "a class from 0 to \(classes - 1), as the model has \(classes)",
            actual: bad.value == bad.value.rounded() && abs(bad.value) < 1e15 ? "\(Int(bad.value))" : "\(bad.value)",
            remedy: "number classes from 0, give the model more outputs, or leave a label out with ignoring(label:)")
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
                    if value > -1 && value < Double(check.classes) && (value >= 0 || !Scalar.dtype.isInteger) {
                        continue
                    }
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

extension Attribute {
    /// The word, if it is one.
    fileprivate var word: String? { if case .keyword(let word) = self { word } else { nil } }
}
