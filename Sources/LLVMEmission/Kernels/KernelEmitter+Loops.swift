import GraphIR
import KernelIR

/// Loops by their kind: what each writes for whole steps, and for what is left behind them.
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

    func malformed(_ loop: KernelLoop) -> GraphError {
        GraphError("kernel \(kernel.name): loop '\(loop.variable)' has an extent its kind cannot take")
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

    /// A loop in steps, whose blocks loops inside it may cover: whole blocks, then what is left of one.
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
        try emitPartOfBlock(of: loop, (rest, range.to), step: step, isVector: isVector)
    }

    /// What is left behind the whole blocks of a tile loop, whose size is known at run time.
    private mutating func emitPartOfBlock(
        of loop: KernelLoop, _ range: (from: Dim, to: Dim), step: Int, isVector: Bool
    ) throws {
        let parts = remainders(of: loop, step: step)
        let unrolls = isVector || loop.body.contains { $0.unrollsRows(of: loop.variable) }
        if let parts, unrolls || parts.count < 2 {
            // At most one of them is what is left: the greatest that fits.
            var at = range.from
            for part in parts {
                at = try counted(at, range.to, step: part, over: loop) {
                    $0.tiles[loop.variable] = isVector ? .vectors(masks: $0.masks(part)) : .rows(part)
                    try $0.emitBody(of: loop, at: $1)
                }
            }
            return
        }
        if isVector {
            // Tile registers hold whole blocks, and copies have them in a row, in which a part of one has its place.
            let part = loop.body.contains { $0.usesTileRegisters || !$0.countsOn(in: loop.variable) } ? step : lanes
            _ = try counted(range.from, range.to, step: part, over: loop, partialLast: true) { emitter, at in
                emitter.tiles[loop.variable] = .vectors(
                    masks: stride(from: 0, to: part, by: emitter.lanes).map {
                        emitter.dynamicMask(from: at + Dim($0), to: range.to)
                    })
                try emitter.emitBody(of: loop, at: at)
            }
            return
        }
        if !unrolls {
            _ = try counted(range.from, range.to, step: step, over: loop, partialLast: true) { emitter, at in
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
        var at = range.from
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
}
