import GraphIR

/// The forward half of a function, in segments that hand little to one another.
struct ForwardSegments {
    /// The operations before which a segment ends, in order; the last one ends the forward half.
    let ends: [Int]
    /// By value, whether it goes from one segment to a later one.
    let isHandedOver: [Bool]

    /// Divides the operations before `border` into at most so many segments, in which about as many bytes are made. Of the places
    /// that come into question for an end it is the one at which the fewest bytes are still to be read before the border.
    init(_ function: GraphFunction, count: Int, border: Int, memory: MemoryProfile) {
        let roles = FusionRole.roles(of: function)
        let producers = function.producers()
        var lastReads = [Int](repeating: -1, count: function.values.count)
        for (at, op) in function.ops.prefix(border).enumerated() {
            for operand in op.operands { lastReads[memory.home(operand).index] = at }
        }
        // By place, the bytes that are read at it or behind it and were made before; and how many were made before it.
        var changes = [Int](repeating: 0, count: border + 2)
        var made = [0]
        for at in 0..<border {
            var bytes = 0
            for result in function.ops[at].results where memory.takesMemory(result, made: at, roles) {
                bytes += memory.bytes[result.index]
                guard lastReads[result.index] > at else { continue }
                changes[at + 1] += memory.bytes[result.index]
                changes[lastReads[result.index] + 1] -= memory.bytes[result.index]
            }
            made.append(made[at] + bytes)
        }
        var crossing: [Int] = []
        for change in changes { crossing.append((crossing.last ?? 0) + change) }
        let total = made[border]
        var ends: [Int] = []
        for number in stride(from: 1, to: count, by: 1) {
            let window = (1..<max(1, border)).filter {
                let twice = 2 * made[$0] * count
                return twice >= (2 * number - 1) * total && twice < (2 * number + 1) * total
            }
            guard let best = window.min(by: { (crossing[$0], $0) < (crossing[$1], $1) }), best > ends.last ?? 0 else {
                continue
            }
            ends.append(best)
        }
        ends.append(border)
        var isHandedOver = [Bool](repeating: false, count: function.values.count)
        for value in function.values.indices {
            guard let maker = producers[value], maker < border, memory.takesMemory(ValueID(value), made: maker, roles)
            else { continue }
            let own = ends.firstIndex { maker < $0 } ?? 0
            isHandedOver[value] = lastReads[value] >= ends[own]
        }
        self.ends = ends
        self.isHandedOver = isHandedOver
    }

    /// The segment that an operation of the forward half is in.
    func segment(of op: Int) -> Int { ends.firstIndex { op < $0 } ?? ends.count - 1 }
}
