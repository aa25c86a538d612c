import GraphIR

/// Goes through a function's operations in order and finds what is zero above a diagonal.
struct TriangleSearch {
    /// A bool that is false in a triangle.
    struct Mask {
        var triangle: Triangle
        /// Whether it is true everywhere else.
        var isWhole: Bool
    }

    /// Scores far below all others of their row.
    private struct Hidden {
        var triangle: Triangle
        /// The number of the scores whose row's largest one was taken away; nil before.
        var lessLargestOf: Int?
    }

    private(set) var masks: [ValueID: Mask] = [:]
    private(set) var zeros: [ValueID: Triangle] = [:]
    private var hidden: [ValueID: Hidden] = [:]
    /// The largest elements along an axis, and what they are of, by its number.
    private var largest: [ValueID: (axis: Int, of: Int)] = [:]
    /// Equal values have equal numbers: what is computed again is known to be the same.
    private var numbers: [ValueID: Int] = [:]
    private var known: [Formula: [(attributes: Attributes, result: ValueID)]] = [:]
    private var producers: [ValueID: GraphOp] = [:]
    private let function: GraphFunction

    private struct Formula: Hashable {
        var name: String
        var operands: [Int]
        var result: Int
    }

    init(_ function: GraphFunction) { self.function = function }

    mutating func visit(_ op: GraphOp) {
        guard let result = op.results.first else { return }
        producers[result] = op
        number(op)
        switch op.name {
        case "compare": masks[result] = comparison(op)
        case "and":
            let both = op.operands.map { masks[$0] }
            masks[result] = (both[0] ?? both[1]).map { Mask(triangle: $0.triangle, isWhole: false) }
        case "broadcast": visitBroadcast(op, result)
        case "select": visitSelect(op, result)
        case "reshape": visitReshape(op, result)
        case "reduce":
            let axes = op.attributes.ints("axes")
            if op.attributes.keyword("kind") == "max", axes.count == 1 {
                largest[result] = (axes[0], number(of: op.operands[0]))
            }
        case "sub":
            if let scores = hidden[op.operands[0]], scores.lessLargestOf == nil,
                let row = largest[op.operands[1]], row.axis == scores.triangle.columns,
                row.of == number(of: op.operands[0])
            {
                hidden[result] = Hidden(triangle: scores.triangle, lessLargestOf: row.of)
            } else if let one = zeros[op.operands[0]], one == zeros[op.operands[1]] {
                zeros[result] = one
            }
        case "exp":
            // Of what is -10³⁰ below the largest one.
            if let scores = hidden[op.operands[0]], scores.lessLargestOf != nil { zeros[result] = scores.triangle }
        case "mul": zeros[result] = zeros[op.operands[0]] ?? zeros[op.operands[1]]
        case "add":
            if let one = zeros[op.operands[0]], one == zeros[op.operands[1]] { zeros[result] = one }
        case "cast": zeros[result] = zeros[op.operands[0]] ?? masks[op.operands[0]]?.triangle
        case "div", "neg", "abs": zeros[result] = zeros[op.operands[0]]
        default: break
        }
    }

    private mutating func visitBroadcast(_ op: GraphOp, _ result: ValueID) {
        let (from, to) = (function.type(of: op.operands[0]).shape, function.type(of: result).shape)
        let axes = op.attributes.ints("axes")
        func moved(_ triangle: Triangle) -> Triangle? {
            let places = [triangle.rows, triangle.columns]
            guard places.allSatisfy({ from[$0] == to[axes[$0]] }) else { return nil }
            return Triangle(rows: axes[triangle.rows], columns: axes[triangle.columns], offset: triangle.offset)
        }
        if let mask = masks[op.operands[0]], let triangle = moved(mask.triangle) {
            masks[result] = Mask(triangle: triangle, isWhole: mask.isWhole)
        }
        if let zero = zeros[op.operands[0]] { zeros[result] = moved(zero) }
        // The largest of rows, given to each of their elements: the axis they were taken along is the one that is new.
        if let row = largest[op.operands[0]], from.count + 1 == to.count,
            axes == to.indices.filter({ $0 != row.axis }), from == axes.map({ to[$0] })
        {
            largest[result] = row
        }
    }

    private mutating func visitSelect(_ op: GraphOp, _ result: ValueID) {
        if let mask = masks[op.operands[0]], let number = splat(op.operands[2]) {
            if number == 0 { zeros[result] = mask.triangle }
            // A row that shows nothing has its largest score among the hidden ones.
            if number <= -1e29, mask.isWhole, mask.triangle.offset >= 0 {
                hidden[result] = Hidden(triangle: mask.triangle)
            }
        } else if let one = zeros[op.operands[1]], one == zeros[op.operands[2]] || splat(op.operands[2]) == 0 {
            zeros[result] = one
        } else if splat(op.operands[1]) == 0 {
            zeros[result] = zeros[op.operands[2]]
        }
    }

    /// Matrices that are counted otherwise, such as heads that are grouped.
    private mutating func visitReshape(_ op: GraphOp, _ result: ValueID) {
        let (from, to) = (function.type(of: op.operands[0]).shape, function.type(of: result).shape)
        guard let zero = zeros[op.operands[0]], zero.rows == from.count - 2, zero.columns == from.count - 1,
            to.count >= 2,
            from.suffix(2) == to.suffix(2)
        else { return }
        zeros[result] = Triangle(rows: to.count - 2, columns: to.count - 1, offset: zero.offset)
    }

    // MARK: Masks

    /// A comparison of the places along two axes.
    private func comparison(_ op: GraphOp) -> Mask? {
        guard let one = place(op.operands[0]), let other = place(op.operands[1]), one.axis != other.axis else {
            return nil
        }
        let distance = other.offset - one.offset
        let triangle: Triangle? =
            switch op.attributes.keyword("direction") {
            case "lessEqual": Triangle(rows: other.axis, columns: one.axis, offset: distance)
            case "less": Triangle(rows: other.axis, columns: one.axis, offset: distance - 1)
            case "greaterEqual": Triangle(rows: one.axis, columns: other.axis, offset: -distance)
            case "greater": Triangle(rows: one.axis, columns: other.axis, offset: -distance - 1)
            default: nil
            }
        return triangle.map { Mask(triangle: $0, isWhole: true) }
    }

    /// The axis along which a value counts, and what is added.
    private func place(_ value: ValueID) -> (axis: Int, offset: Int)? {
        guard let op = producers[value] else { return nil }
        switch op.name {
        case "iota": return (op.attributes.int("axis"), 0)
        case "add":
            for (at, operand) in op.operands.enumerated() {
                if let counted = place(operand), let added = splat(op.operands[1 - at]), added == added.rounded() {
                    return (counted.axis, counted.offset + Int(added))
                }
            }
            return nil
        default: return nil
        }
    }

    /// The number that all elements of a value are; nil where it is no such constant.
    private func splat(_ value: ValueID) -> Double? {
        guard let op = producers[value] else { return nil }
        if op.name == "broadcast" { return splat(op.operands[0]) }
        return op.name == "constant" ? op.attributes.tensor("value")?.splatValue : nil
    }

    // MARK: Equal values

    /// The place of a value in the function, or of the first one that is equal to it.
    private func number(of value: ValueID) -> Int { numbers[value] ?? value.index }

    private mutating func number(_ op: GraphOp) {
        for (at, result) in op.results.enumerated() where op.name != "constant" {
            let formula = Formula(name: op.name, operands: op.operands.map { number(of: $0) }, result: at)
            let equal = known[formula, default: []].first { $0.attributes == op.attributes }
            if let equal {
                numbers[result] = equal.result.index
            } else {
                known[formula, default: []].append((op.attributes, result))
            }
        }
    }
}
