import GraphIR
import HostTensors
import KernelIR

extension KernelEmitter {
    mutating func emit(_ loop: KernelLoop) throws {
        prepareLaneReductions(in: loop)
        switch (loop.extent, loop.kind) {
        case (.tile(let tile), .unroll):
            guard case .rows(let count)? = tiles[tile] else { throw malformed(loop) }
            try gatheringColumns { for row in 0..<count { try $0.emitBody(of: loop, at: Dim(row)) } }
        case (.tile(let tile), .serial):
            try emitSerial(loop, inWindow(of: loop, (0, rows(of: tile, in: loop)), step: 1), unroll: 1)
        case (.tile(let tile), .tile(let step)):
            try emitTile(loop, inWindow(of: loop, (0, rows(of: tile, in: loop)), step: step), step: step)
        case (.tile(let tile), .vector):
            guard case .vectors(let masks)? = tiles[tile] else { throw malformed(loop) }
            for (at, mask) in masks.enumerated() {
                try withVector(loop.variable, mask: mask, partial: 0, reducesLanes: false) {
                    try $0.emitBody(of: loop, at: Dim(at * $0.lanes))
                }
            }
        case (.count(let count), .unroll):
            guard let count = resolve(count).constant else { throw malformed(loop) }
            try emitVersions(of: loop) {
                try $0.gatheringColumns { for at in 0..<count { try $0.emitBody(of: loop, at: Dim(at)) } }
            }
        case (.count(let count), .serial(let unroll)):
            try emitSerial(loop, inWindow(of: loop, range(of: loop, count), step: 1), unroll: unroll)
        case (.count(let count), .tile(let step)):
            try emitTile(loop, inWindow(of: loop, range(of: loop, count), step: step), step: step)
        case (.count(let count), .vector(let unroll)):
            try emitVersions(of: loop) { try $0.emitVector(loop, $0.range(of: loop, count), unroll: unroll) }
        }
    }

    /// The number of iterations of a loop over a tile.
    private func rows(of tile: String, in loop: KernelLoop) throws -> Dim {
        switch tiles[tile] {
        case .rows(let count)?: Dim(count)
        case .counted(let count, _)?: Dim(symbol: count)
        case .vectors?, nil: throw malformed(loop)
        }
    }

    private func malformed(_ loop: KernelLoop) -> GraphError {
        GraphError("kernel \(kernel.name): loop '\(loop.variable)' has an extent its kind cannot take")
    }

    /// The first and the past-the-end value of a loop's variable: all of it, or this task's chunks.
    private mutating func range(of loop: KernelLoop, _ count: Dim) -> (from: Dim, to: Dim) {
        guard let parallel = kernel.parallel, parallel.variable == loop.variable else { return (0, resolve(count)) }
        let from = writer.value("mul i64 %begin, \(parallel.chunk)")
        let end = writer.value("mul i64 %end, \(parallel.chunk)")
        let all = index(resolve(count))
        let isLess = writer.value("icmp slt i64 \(end), \(all)")
        let to = writer.value("select i1 \(isLess), i64 \(end), i64 \(all)")
        return (Dim(symbol: from), Dim(symbol: to))
    }

    /// What a loop's window leaves of a range; it begins at a multiple of the step, and does not end before it begins.
    private mutating func inWindow(of loop: KernelLoop, _ range: (from: Dim, to: Dim), step: Int) throws -> (
        from: Dim, to: Dim
    ) {
        guard let window = loop.window else { return range }
        if step > 1, loop.body.contains(where: { $0.runsOver(tile: loop.variable) }) {
            return try wholeBlocks(of: loop, window, range, step: step)
        }
        var (from, to) = range
        if window.from != 0 {
            from = chosen("sgt", resolve(window.from), from)
            if step > 1 {
                let blocks = writer.value("udiv i64 \(index(from)), \(step)")
                from = Dim(symbol: writer.value("mul i64 \(blocks), \(step)"))
            }
        }
        if let below = window.below { to = chosen("slt", resolve(below), to) }
        return (from, chosen("sgt", to, from))
    }

    /// The same of a loop over parts of blocks: these are counted from the loop's beginning, whatever is left of the last one, so that a
    /// window has to be known.
    private mutating func wholeBlocks(
        of loop: KernelLoop, _ window: LoopWindow, _ range: (from: Dim, to: Dim), step: Int
    ) throws -> (from: Dim, to: Dim) {
        guard range.from == 0, let from = window.from.constant, from >= 0, let below = (window.below ?? 0).constant
        else { throw malformed(loop) }
        let first = Dim(from / step * step)
        let to = window.below == nil ? range.to : chosen("slt", Dim((max(0, below) + step - 1) / step * step), range.to)
        return (first, chosen("sgt", to, first))
    }

    /// One of two numbers by how they compare, known where both are.
    private mutating func chosen(_ comparison: String, _ one: Dim, _ other: Dim) -> Dim {
        if let first = one.constant, let second = other.constant {
            return (comparison == "slt" ? first < second : first > second) ? one : other
        }
        let (one, other) = (index(one), index(other))
        let isOne = writer.value("icmp \(comparison) i64 \(one), \(other)")
        return Dim(symbol: writer.value("select i1 \(isOne), i64 \(one), i64 \(other)"))
    }

    mutating func emitBody(of loop: KernelLoop, at position: Dim) throws {
        let outer = bindings[loop.variable]
        bindings[loop.variable] = position
        locals.append([:])
        try emitStatements(loop.body)
        locals.removeLast()
        bindings[loop.variable] = outer
    }

    private mutating func withVector(
        _ variable: String, mask: String?, partial: Int, reducesLanes: Bool, _ body: (inout Self) throws -> Void
    ) throws {
        let outer = vector
        vector = VectorContext(variable: variable, mask: mask, partial: partial, reducesLanes: reducesLanes)
        try body(&self)
        vector = outer
    }

    // MARK: Kinds of loop

    private mutating func emitSerial(_ loop: KernelLoop, _ range: (from: Dim, to: Dim), unroll: Int) throws {
        let rest = try counted(range.from, range.to, step: unroll, over: loop) { emitter, at in
            for step in 0..<unroll { try emitter.emitBody(of: loop, at: at + Dim(step)) }
        }
        guard unroll > 1 else { return }
        _ = try counted(rest, range.to, step: 1, over: loop) { try $0.emitBody(of: loop, at: $1) }
    }

    private mutating func emitTile(_ loop: KernelLoop, _ range: (from: Dim, to: Dim), step: Int) throws {
        if loop.body.contains(where: { $0.isBlocked(by: loop.variable) }) {
            return try emitBlocks(loop, range, step: step)
        }
        if !loop.body.contains(where: { $0.runsOver(tile: loop.variable) }) {
            _ = try counted(range.from, range.to, step: step, over: loop, partialLast: true) {
                try $0.emitBody(of: loop, at: $1)
            }
            return
        }
        let isVector = loop.body.contains { $0.containsVectorLoop(over: loop.variable) }
        let full: TileSize = isVector ? .vectors(masks: Array(repeating: nil, count: step / lanes)) : .rows(step)
        let rest = try counted(range.from, range.to, step: step, over: loop) {
            $0.tiles[loop.variable] = full
            try $0.emitBody(of: loop, at: $1)
        }
        if let from = rest.constant, let to = range.to.constant {
            guard to > from else { return }
            tiles[loop.variable] = isVector ? .vectors(masks: masks(to - from)) : .rows(to - from)
            try emitBody(of: loop, at: rest)
            return
        }
        let parts = remainders(of: loop, step: step)
        let unrolls = isVector || loop.body.contains { $0.unrollsRows(of: loop.variable) }
        if let parts, unrolls || parts.count < 2 {
            // At most one of them is what is left: the greatest that fits.
            var at = rest
            for part in parts {
                at = try counted(at, range.to, step: part, over: loop) {
                    $0.tiles[loop.variable] =
                        isVector ? .vectors(masks: $0.masks(part)) : .rows(part)
                    try $0.emitBody(of: loop, at: $1)
                }
            }
            return
        }
        if isVector {
            // Tile registers hold whole blocks, and copies have them in a row, in which a part of one has its place.
            let part = loop.body.contains { $0.usesTileRegisters || !$0.countsOn(in: loop.variable) } ? step : lanes
            _ = try counted(rest, range.to, step: part, over: loop, partialLast: true) { emitter, at in
                emitter.tiles[loop.variable] = .vectors(
                    masks: stride(from: 0, to: part, by: emitter.lanes).map {
                        emitter.dynamicMask(from: at + Dim($0), to: range.to)
                    })
                try emitter.emitBody(of: loop, at: at)
            }
            return
        }
        if !unrolls {
            _ = try counted(rest, range.to, step: step, over: loop, partialLast: true) { emitter, at in
                emitter.tiles[loop.variable] = .counted(emitter.index(range.to - at), sizes: parts ?? [])
                try emitter.emitBody(of: loop, at: at)
            }
            return
        }
        guard loop.body.allSatisfy({ $0.countsOn(in: loop.variable) }) else {
            throw GraphError(
                "kernel \(kernel.name): a part of a block of '\(loop.variable)' has another place than the block's beginning says"
            )
        }
        var at = rest
        for size in [4, 1] where size < step {
            at = try counted(at, range.to, step: size, over: loop) {
                $0.tiles[loop.variable] = .rows(size)
                try $0.emitBody(of: loop, at: $1)
            }
        }
    }

    /// A tile loop around tile loops: one body for whole and partial blocks, whose size is known at run time.
    private mutating func emitBlocks(_ loop: KernelLoop, _ range: (from: Dim, to: Dim), step: Int) throws {
        let remainders = remainders(of: loop, step: step)
        let isWhole = remainders?.isEmpty ?? false
        _ = try counted(range.from, range.to, step: step, over: loop, partialLast: true) { emitter, at in
            var size = TileSize.rows(step)
            if !isWhole, let left = (range.to - at).constant {
                size = .rows(min(left, step))
            } else if !isWhole {
                let left = emitter.index(range.to - at)
                let isLess = emitter.writer.value("icmp slt i64 \(left), \(step)")
                size = .counted(
                    emitter.writer.value("select i1 \(isLess), i64 \(left), i64 \(step)"),
                    sizes: remainders.map { [step] + $0 } ?? [])
            }
            emitter.tiles[loop.variable] = size
            try emitter.emitBody(of: loop, at: at)
        }
    }

    /// What may be left of a loop behind its whole blocks, the greatest first; none where they cover it, nil where it is not known
    /// or could be a third number.
    private func remainders(of loop: KernelLoop, step: Int) -> [Int]? {
        let sizes: [Int]
        switch loop.extent {
        case .count(let count):
            guard let count = resolve(count).constant else { return nil }
            if let parallel = kernel.parallel, parallel.variable == loop.variable, parallel.chunk % step != 0 {
                return nil
            }
            sizes = [count]
        case .tile(let tile):
            guard case .counted(_, let known)? = tiles[tile], !known.isEmpty else { return nil }
            sizes = known
        }
        let left = Set(sizes.map { $0 % step }).subtracting([0]).sorted(by: >)
        return left.count > 2 ? nil : left
    }

    private mutating func emitVector(_ loop: KernelLoop, _ range: (from: Dim, to: Dim), unroll: Int) throws {
        let chunk = kernel.parallel.flatMap { $0.variable == loop.variable ? $0.chunk : nil }
        let isAligned = (range.from.constant ?? chunk ?? 1) % 64 == 0 && unroll * lanes % 64 == 0
        let rest = try counted(range.from, range.to, step: unroll * lanes, over: loop) { emitter, at in
            if isAligned { emitter.multiplesOf64.formUnion(at.symbols) }
            for part in 0..<unroll {
                try emitter.withVector(loop.variable, mask: nil, partial: part, reducesLanes: true) {
                    try $0.emitBody(of: loop, at: at + Dim(part * $0.lanes))
                }
            }
        }
        if let from = rest.constant, let to = range.to.constant {
            for at in stride(from: from, to: to, by: lanes) {
                let mask = at + lanes <= to ? nil : staticMask(to - at)
                try withVector(loop.variable, mask: mask, partial: 0, reducesLanes: true) {
                    try $0.emitBody(of: loop, at: Dim(at))
                }
            }
            return
        }
        if remainders(of: loop, step: unroll * lanes) == [] { return }
        _ = try counted(rest, range.to, step: lanes, over: loop, partialLast: true) { emitter, at in
            let mask = emitter.dynamicMask(from: at, to: range.to)
            try emitter.withVector(loop.variable, mask: mask, partial: 0, reducesLanes: true) {
                try $0.emitBody(of: loop, at: at)
            }
        }
    }

    // MARK: Masks

    /// One mask for each vector of so many lanes in a row; the last may be partial.
    private func masks(_ count: Int) -> [String?] {
        [String?](repeating: nil, count: (count - 1) / lanes) + [staticMask(count % lanes)]
    }

    /// The mask of the first lanes; nil for all (or none) of them.
    func staticMask(_ count: Int) -> String? {
        guard count % lanes != 0 else { return nil }
        return "<" + (0..<lanes).map { "i1 \($0 < count ? "true" : "false")" }.joined(separator: ", ") + ">"
    }

    /// How many lanes a mask says are in use, where that is known: the first ones.
    func count(of mask: String?) -> Int? {
        guard let mask else { return lanes }
        return (1..<lanes).first { staticMask($0) == mask }
    }

    mutating func dynamicMask(from: Dim, to: Dim) -> String {
        let left = writer.value("trunc i64 \(index(to - from)) to i32")
        let splatted = splat(EmittedValue(name: left, dtype: .i32, lanes: 1), lanes).name
        let numbers = "<" + (0..<lanes).map { "i32 \($0)" }.joined(separator: ", ") + ">"
        return writer.value("icmp sgt <\(lanes) x i32> \(splatted), \(numbers)")
    }

    // MARK: The loop itself

    /// Runs `body` at `from`, `from + step`, … as long as a whole step (or, with `partialLast`, any of it) is left before `to`;
    /// gives the position after the last round.
    private mutating func counted(
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
    struct RegisterSlot: Hashable {
        var key: String
        var partial: Int?
    }

    subscript(slot: RegisterSlot) -> EmittedValue {
        get { registers[slot.key]!.slot(slot.partial) }
        set {
            if let partial = slot.partial {
                registers[slot.key]!.partials[partial] = newValue
            } else {
                registers[slot.key]!.value = newValue
            }
        }
    }

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
    private mutating func prepareLaneReductions(in loop: KernelLoop) {
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
    func slot(_ partial: Int?) -> EmittedValue { partial.map { partials[$0] } ?? value }
}

extension KernelStatement {
    /// Whether a vector loop covers blocks of the tile loop over `tile`.
    func containsVectorLoop(over tile: String) -> Bool {
        guard case .loop(let loop) = self else { return false }
        if case .vector = loop.kind, loop.extent == .tile(tile) { return true }
        return loop.body.contains { $0.containsVectorLoop(over: tile) }
    }

    /// Whether loops over blocks of the tile loop over `tile` count on where the block begins, in the same steps: smaller blocks
    /// are then the same.
    func countsOn(in tile: String) -> Bool {
        guard case .loop(let loop) = self else { return true }
        guard loop.extent == .tile(tile) else { return loop.body.allSatisfy { $0.countsOn(in: tile) } }
        return loop.body.flatMap(\.indexExpressions).allSatisfy {
            $0.split(by: tile)?.factor == $0.split(by: loop.variable)?.factor
        }
    }

    /// Whether a tile loop covers blocks of the tile loop over `tile`.
    func isBlocked(by tile: String) -> Bool {
        guard case .loop(let loop) = self else { return false }
        if case .tile = loop.kind, loop.extent == .tile(tile) { return true }
        return loop.body.contains { $0.isBlocked(by: tile) }
    }

    /// Whether a loop covers blocks of the tile loop over `tile`; without one, whole blocks and a part of one are the same code.
    func runsOver(tile: String) -> Bool {
        guard case .loop(let loop) = self else { return false }
        return loop.extent == .tile(tile) || loop.body.contains { $0.runsOver(tile: tile) }
    }

    /// Whether an unrolled loop covers blocks of the tile loop over `tile`, so that their size must be known.
    func unrollsRows(of tile: String) -> Bool {
        guard case .loop(let loop) = self else { return false }
        if loop.kind == .unroll, loop.extent == .tile(tile) { return true }
        return loop.body.contains { $0.unrollsRows(of: tile) }
    }

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

    /// The numbers of the buffers written.
    var storedBuffers: Set<Int> {
        switch self {
        case .loop(let loop): loop.body.reduce(into: []) { $0.formUnion($1.storedBuffers) }
        case .store(let buffer, _, _), .tile(.store(_, let buffer, _, _)): [buffer]
        default: []
        }
    }
}
