import GraphIR

/// How many things the whole numbers of a value choose from: labels among classes, indices among rows.
struct IndexLimits {
    /// All that is known of each.
    private var limits: [ValueID: Set<Dim>] = [:]

    /// Looks at how a function, without composites, uses its values; numbers that go into bodies are not followed.
    init(of function: GraphFunction) {
        let counts = Self.counts(of: function)
        for op in function.ops.reversed() {
            switch op.name {
            case "gather", "scatter":
                guard case .int(let axis) = op.attributes["axis"] else { continue }
                take([function.type(of: op.operands[0]).shape[axis]], for: op.operands[1])
            case "compare":
                for (one, other) in [(0, 1), (1, 0)] {
                    if let count = counts[op.operands[other]] { take([count], for: op.operands[one]) }
                }
            case let name where Self.movements.contains(name):
                guard let limit = op.results.first.flatMap({ limits[$0] }) else { continue }
                for operand in op.operands { take(limit, for: operand) }
            default: continue
            }
        }
    }

    /// The number of things that a value chooses from with named dimensions of these sizes; nil if it is not known that it does.
    func limit(of value: ValueID, sizes: [String: Int]) -> Int? {
        limits[value]?.compactMap { try? $0.value(sizes) }.min()
    }

    private mutating func take(_ more: Set<Dim>, for value: ValueID) { limits[value, default: []].formUnion(more) }

    /// Operations that give elements of their operands at other places, or in another type.
    private static let movements: Set = ["broadcast", "reshape", "transpose", "slice", "reverse", "concat", "cast"]

    /// Values that are positions along an axis, with its size.
    private static func counts(of function: GraphFunction) -> [ValueID: Dim] {
        var counts: [ValueID: Dim] = [:]
        for op in function.ops {
            guard let result = op.results.first else { continue }
            if op.name == "iota", case .int(let axis) = op.attributes["axis"] {
                counts[result] = function.type(of: result).shape[axis]
            } else if op.name == "argreduce", case .int(let axis) = op.attributes["axis"] {
                counts[result] = function.type(of: op.operands[0]).shape[axis]
            } else if movements.contains(op.name), op.operands.count == 1, let count = counts[op.operands[0]] {
                counts[result] = count
            }
        }
        return counts
    }
}
