import GraphIR
import KernelIR

extension KernelLoop {
    /// The accumulators that an iteration sets before it reads or reduces into them.
    var accumulatorsSetFirst: Set<String> {
        var first: [String: Bool] = [:]
        for statement in body { statement.noteFirstUse(&first) }
        return Set(first.filter(\.value).keys)
    }
}

extension KernelStatement {
    /// The accumulators that vector loops reduce lanes into, with the kind and the number of partial registers.
    func laneReductions(within vector: (variable: String, unroll: Int)?) -> [String: (ReductionKind, Int)] {
        switch self {
        case .reduce(let name, let axes, let kind, _):
            guard let vector, !axes.contains(vector.variable) else { return [:] }
            return [name: (kind, vector.unroll)]
        case .loop(let loop):
            var inner = vector
            if case .vector(let unroll) = loop.kind, case .count = loop.extent { inner = (loop.variable, unroll) }
            return loop.body.reduce(into: [:]) { found, statement in
                found.merge(statement.laneReductions(within: inner)) { ($0.0, max($0.1, $1.1)) }
            }
        default: return [:]
        }
    }

    /// Notes for each accumulator, in the order of execution, whether its first use sets it.
    fileprivate func noteFirstUse(_ first: inout [String: Bool]) {
        func note(_ name: String, sets: Bool) { if first[name] == nil { first[name] = sets } }
        switch self {
        case .loop(let loop): for statement in loop.body { statement.noteFirstUse(&first) }
        case .tile, .prefetch: break
        case .define(_, let expression), .store(_, _, let expression), .position(_, _, let expression):
            for name in expression.accumulators { note(name, sets: false) }
        case .set(let name, _, let expression):
            for read in expression.accumulators { note(read, sets: false) }
            note(name, sets: true)
        case .reduce(let name, _, _, let expression):
            for read in expression.accumulators { note(read, sets: false) }
            note(name, sets: false)
        }
    }
}

extension KernelExpression {
    /// The accumulators it reads.
    fileprivate var accumulators: [String] {
        switch self {
        case .accumulator(let name, _): [name]
        case .apply(_, let operands, _): operands.flatMap(\.accumulators)
        case .random(let seed, let step, _, _): seed.accumulators + step.accumulators
        case .bits(let value, _): value.accumulators
        case .number, .local, .load, .loadWhere, .index: []
        }
    }
}
