import GraphIR
import HostTensors
import KernelIR

/// A loop in machine code: its rounds, and the registers that go from one round to the next.
extension KernelEmitter {
    /// Runs `body` at `from`, `from + step`, … as long as a whole step (or, with `partialLast`, any of it) is left before `to`;
    /// gives the position after the last round.
    mutating func counted(
        _ from: Dim, _ to: Dim, step: Int, over loop: KernelLoop, partialLast: Bool = false,
        _ body: (inout Self, Dim) throws -> Void
    ) throws -> Dim {
        var limit = to
        if let first = from.constant, let last = to.constant {
            let rounds = partialLast ? (last - first + step - 1) / step : (last - first) / step
            if rounds <= 0 { return from }
            limit = Dim(first + rounds * step)
            if rounds == 1 {
                try body(&self, from)
                return limit
            }
        } else if step > 1, !partialLast {
            let rounds = writer.value("udiv i64 \(index(to - from)), \(step)")
            let scaled = writer.value("mul i64 \(rounds), \(step)")
            limit = Dim(symbol: writer.value("add i64 \(index(from)), \(scaled)"))
        }
        let known = Dictionary(
            ranges.map { ("%dim.\($0.key)", $0.value) }, uniquingKeysWith: { first, _ in first })
        let runsOnce = (to - from).bounds(known).lowerBound >= (partialLast ? 1 : step)
        try emitRounds(from, limit, step: step, over: loop, runsOnce: runsOnce, body)
        return limit
    }

    /// The rounds, with a phi for each register that one hands to the next.
    private mutating func emitRounds(
        _ from: Dim, _ limit: Dim, step: Int, over loop: KernelLoop, runsOnce: Bool,
        _ body: (inout Self, Dim) throws -> Void
    ) throws {
        let first = index(from)
        let last = index(limit)
        let head = writer.freshLabel("loop")
        let exit = writer.freshLabel("exit")
        let before = writer.block
        if runsOnce {
            writer.effect("br label %\(head)")
        } else {
            let enters = writer.value("icmp slt i64 \(first), \(last)")
            writer.effect("br i1 \(enters), label %\(head), label %\(exit)")
        }
        let outerRegisters = registers
        let carried = carriedRegisters(in: loop)
        forgetLoads(storedIn: loop)
        writer.begin(block: head)
        let variable = writer.freshName("i")
        let variableLine = writer.reserveLine()
        var phis: [(slot: RegisterSlot, line: Int, name: String)] = []
        for slot in carried {
            let name = writer.freshName("a")
            phis.append((slot, writer.reserveLine(), name))
            self[slot].name = name
        }
        writer.pushScope()
        loads.append([:])
        try body(&self, Dim(symbol: variable))
        let latch = writer.block
        let next = writer.freshName("i")
        writer.effect("\(next) = add nuw nsw i64 \(variable), \(step)")
        let again = writer.freshName("c")
        writer.effect("\(again) = icmp slt i64 \(next), \(last)")
        writer.effect("br i1 \(again), label %\(head), label %\(exit)")
        writer.popScope()
        loads.removeLast()
        writer.fill(variableLine, "  \(variable) = phi i64 [ \(first), %\(before) ], [ \(next), %\(latch) ]")
        let ended = registers
        registers = outerRegisters
        writer.begin(block: exit)
        for (slot, line, name) in phis {
            let start = self[slot]
            let finish = ended[slot.key]!.slot(slot.partial)
            let type = LLVMSpelling.vector(LLVMSpelling.element(start.dtype), start.lanes)
            writer.fill(
                line, "  \(name) = phi \(type) [ \(start.name), %\(before) ], [ \(finish.name), %\(latch) ]")
            if runsOnce {
                self[slot] = finish
            } else {
                let merged = writer.freshName("a")
                writer.effect("\(merged) = phi \(type) [ \(start.name), %\(before) ], [ \(finish.name), %\(latch) ]")
                self[slot].name = merged
            }
        }
    }

    // MARK: Registers that loops carry

    /// One SSA value of an accumulator register: its value, or one of its partial values.
    private struct RegisterSlot: Hashable {
        var key: String
        var partial: Int?
    }

    private subscript(slot: RegisterSlot) -> EmittedValue {
        get { registers[slot.key]!.slot(slot.partial) }
        set {
            if let partial = slot.partial {
                registers[slot.key]!.partials[partial] = newValue
            } else {
                registers[slot.key]!.value = newValue
            }
        }
    }

    /// The registers whose values go from round to round.
    private func carriedRegisters(in loop: KernelLoop) -> [RegisterSlot] {
        // What an iteration sets before it reads it is not carried: a register of that name is left from an earlier loop.
        let assigned = KernelStatement.loop(loop).assignedAccumulators.subtracting(loop.accumulatorsSetFirst)
        var slots: [RegisterSlot] = []
        for key in registerOrder where assigned.contains(String(key.prefix { $0 != "[" })) {
            guard let register = registers[key] else { continue }
            slots.append(RegisterSlot(key: key, partial: nil))
            for partial in register.partials.indices { slots.append(RegisterSlot(key: key, partial: partial)) }
        }
        return slots
    }

    /// Gives every accumulator that lanes are reduced into its partial registers, before any loop that does so begins.
    mutating func prepareLaneReductions(in loop: KernelLoop) {
        for (name, (kind, count)) in KernelStatement.loop(loop).laneReductions(within: nil).sorted(by: {
            $0.key < $1.key
        }) {
            for key in registerOrder where String(key.prefix { $0 != "[" }) == name {
                guard var register = registers[key] else { continue }
                register.kind = kind
                let neutral = splat(Self.neutral(kind, register.value.dtype), lanes)
                while register.partials.count < count { register.partials.append(neutral) }
                registers[key] = register
            }
        }
    }

    // MARK: Loads that a round cannot rely on

    private mutating func forgetLoads(storedIn loop: KernelLoop) {
        let stored = KernelStatement.loop(loop).storedBuffers
        for buffer in stored { forgetLoads(of: buffer) }
    }

    mutating func forgetLoads(of buffer: Int) {
        for at in loads.indices {
            loads[at] = buffersAreDistinct ? loads[at].filter { $0.key.buffer != buffer } : [:]
        }
    }
}

extension AccumulatorRegister {
    fileprivate func slot(_ partial: Int?) -> EmittedValue { partial.map { partials[$0] } ?? value }
}

extension KernelStatement {
    /// The numbers of the buffers written.
    fileprivate var storedBuffers: Set<Int> {
        switch self {
        case .loop(let loop): loop.body.reduce(into: []) { $0.formUnion($1.storedBuffers) }
        case .store(let buffer, _, _), .tile(.store(_, let buffer, _, _)): [buffer]
        default: []
        }
    }
}
