import KernelIR

/// What the loops inside a tile loop do with its blocks, which decides how a part of a block is written.
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
}
