import GraphIR
import HostTensors

/// What a function does with its labels, found by following them from its losses back to where they come from.
struct LabelUses {
    /// What labels may be, by the value that they come from.
    private(set) var choices: [ValueID: LabelCheck.Choice] = [:]
    /// What losses are multiplied by.
    private(set) var weights: Set<ValueID> = []

    private let function: GraphFunction
    private let producers: [Int?]

    /// Operations that give the elements of their first operand.
    private static let sameElements: Set = ["cast", "reshape"]
    private static let repeatedElements = sameElements.union(["broadcast"])
    /// Operations whose results are losses where an operand is.
    private static let combining = repeatedElements.union(["add", "sub", "mul", "div", "reduce"])

    /// Looks at a function.
    init(_ function: GraphFunction) {
        self.function = function
        producers = function.producers()
        var losses: Set<ValueID> = []
        for op in function.ops where ["crossEntropy", "sigmoidCrossEntropy"].contains(op.name) {
            let choice =
                op.name == "crossEntropy"
                ? function.type(of: op.operands[0]).shape.last?.constant.map { LabelCheck.Choice.classes($0) }
                : .probability
            guard let choice else { continue }
            choices[source(given(op.operands[1]), through: Self.sameElements)] = choice
            losses.formUnion(op.results)
        }
        var factors: [ValueID] = []
        for op in function.ops where Self.combining.contains(op.name) && op.operands.contains(where: losses.contains) {
            losses.formUnion(op.results)
            if op.name == "mul" { factors += op.operands }
        }
        while let factor = factors.popLast().map({ source($0, through: Self.repeatedElements) }) {
            guard weights.insert(factor).inserted, let op = producer(factor), op.name == "mul" else { continue }
            factors += op.operands
        }
    }

    /// The numbers that labels from `label` are compared with, to ignore them; nil where they are compared with a bound.
    func ignored(_ label: ValueID, as choice: LabelCheck.Choice) -> [Double]? {
        var ignored: [Double] = []
        for op in function.ops where op.name == "compare" {
            let sides = op.operands.map { source($0, through: Self.repeatedElements) }
            guard let other = sides.first(where: { $0 != label }), sides.contains(label),
                case .tensor(let value)? = producer(other)?.attributes["value"]
            else { continue }
            let constants = value.doubles()
            if choice == .probability, constants.allSatisfy({ $0 > 0 && $0 < 1 }) { continue }
            guard ["equal", "notEqual"].contains(op.attributes["direction"]?.word) else { return nil }
            ignored += constants
        }
        return ignored
    }

    private func producer(_ value: ValueID) -> GraphOp? { producers[value.index].map { function.ops[$0] } }

    private func source(_ value: ValueID, through names: Set<String>) -> ValueID {
        var value = value
        while let op = producer(value), names.contains(op.name) { value = op.operands[0] }
        return value
    }

    /// The label itself where a loss takes another number for one that is missing, which then counts nothing.
    private func given(_ label: ValueID) -> ValueID {
        guard let choice = producer(label), choice.name == "select", let isMissing = producer(choice.operands[0]),
            isMissing.name == "and", let test = producer(isMissing.operands[0]), test.name == "compare",
            test.operands == [choice.operands[2], choice.operands[2]]
        else { return label }
        return choice.operands[2]
    }
}

extension Attribute {
    /// The word, if it is one.
    fileprivate var word: String? { if case .keyword(let word) = self { word } else { nil } }
}
