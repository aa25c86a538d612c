import GraphIR
import KernelIR

/// Unrolled loops that load under conditions, such as squares of a matrix that may go beyond its end. Most do not: their conditions hold
/// in every lane of every round, which one comparison for each says, and they are written without.
extension KernelEmitter {
    /// Writes an unrolled loop, and once more without conditions where it stores what it loads under some.
    mutating func emitUnrolled(_ loop: KernelLoop, count: Int) throws {
        func rounds(_ emitter: inout Self) throws {
            try emitter.gatheringColumns { for at in 0..<count { try $0.emitBody(of: loop, at: Dim(at)) } }
        }
        let tests = columns == nil && !conditionsHold ? try tests(of: loop, count: count) : []
        guard !tests.isEmpty else { return try rounds(&self) }
        let holds = tests.dropFirst().reduce(tests[0]) { writer.value("and i1 \($0), \($1)") }
        let (whole, part, end) = (writer.freshLabel("whole"), writer.freshLabel("part"), writer.freshLabel("end"))
        writer.effect("br i1 \(holds), label %\(whole), label %\(part)")
        for label in [whole, part] {
            writer.begin(block: label)
            writer.pushScope()
            loads.append([:])
            conditionsHold = label == whole
            try rounds(&self)
            conditionsHold = false
            loads.removeLast()
            writer.popScope()
            writer.effect("br label %\(end)")
        }
        writer.begin(block: end)
    }

    /// Comparisons that hold together where all conditions of a loop hold in all lanes and rounds; none where that is known, or is never so, or where
    /// the loop does more than store what it loads.
    private mutating func tests(of loop: KernelLoop, count: Int) throws -> [String] {
        var lefts: [Dim] = []
        for statement in loop.body {
            guard case .loop(let vectors) = statement, case .vector = vectors.kind,
                case .count(let extent) = vectors.extent,
                let all = extent.constant
            else { return [] }
            let lastLane = (all + lanes - 1) / lanes * lanes - 1
            for statement in vectors.body {
                guard case .store(_, _, let value) = statement else { return [] }
                for condition in value.conditions {
                    let last = (condition.limit - condition.index).substituting(loop.variable, by: Dim(count - 1))
                        .substituting(vectors.variable, by: Dim(lastLane))
                    let left = resolve(last)
                    if !lefts.contains(left) { lefts.append(left) }
                }
            }
        }
        if lefts.contains(where: { $0.constant.map { $0 <= 0 } ?? false }) { return [] }
        return lefts.filter { $0.constant == nil }.map { writer.value("icmp sgt i64 \(index($0)), 0") }
    }
}

extension KernelExpression {
    /// The conditions of loads in the expression.
    fileprivate var conditions: [IndexCondition] {
        switch self {
        case .number, .local, .load, .index, .accumulator, .random: []
        case .loadWhere(_, _, let conditions): conditions
        case .bits(let value, _): value.conditions
        case .apply(_, let operands, _): operands.flatMap(\.conditions)
        }
    }
}
