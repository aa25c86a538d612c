import GraphIR
import HostTensors

/// A size in bytes, every term rounded up to whole 64-byte lines, so that it is aligned for every value of the symbols.
private func aligned(_ bytes: Dim) -> Dim {
    Dim(terms: bytes.terms.map { Dim.Term(coefficient: ($0.coefficient + 63) / 64 * 64, symbols: $0.symbols) })
}

/// Buffers whose sizes are whole multiples of one size, so that offsets between them are exact for every value of the symbols.
private struct ArenaRegion {
    /// The size.
    var unit: Dim
    /// The buffers, and how many times the size each is.
    var members: [(buffer: Int, size: Int)] = []
}

/// Gives every arena buffer its offset; gives the arena's size.
///
/// Sizes with the same symbols share a region: the fixed sizes first, then `B ×` sizes and so on, then sums such as `4096·B + 512`,
/// those that differ in the fixed part only together. In a region the largest buffer is placed first, each at the lowest
/// offset where nothing that lives at the same time is. A buffer that takes over another's memory goes where that one is.
func layOutArena(_ buffers: inout [PlannedBuffer]) -> Dim {
    var base = Dim(0)
    var lifetimes = buffers.map(\.lifetime)
    for at in buffers.indices {
        let first = first(of: at, in: buffers)
        let (one, other) = (lifetimes[first], buffers[at].lifetime)
        lifetimes[first] = min(one.lowerBound, other.lowerBound)...max(one.upperBound, other.upperBound)
    }
    for region in arenaRegions(buffers) {
        var placed: [(range: Range<Int>, lifetime: ClosedRange<Int>)] = []
        let members = region.members.sorted { $0.size != $1.size ? $0.size > $1.size : $0.buffer < $1.buffer }
        for (at, size) in members {
            let lifetime = lifetimes[at]
            var offset = 0
            for other in placed.filter({ $0.lifetime.overlaps(lifetime) }).sorted(by: {
                $0.range.lowerBound < $1.range.lowerBound
            })
            where offset + size > other.range.lowerBound && offset < other.range.upperBound {
                offset = other.range.upperBound
            }
            placed.append((offset..<offset + size, lifetime))
            buffers[at].location = .arena(offset: base + region.unit * Dim(offset))
        }
        base = base + region.unit * Dim(placed.map(\.range.upperBound).max() ?? 0)
    }
    for at in buffers.indices where buffers[at].replaces != nil {
        buffers[at].location = buffers[first(of: at, in: buffers)].location
    }
    return base
}

/// The buffer that had the memory first which another one takes over, from hand to hand.
private func first(of buffer: Int, in buffers: [PlannedBuffer]) -> Int {
    var first = buffer
    while let before = buffers[first].replaces { first = before }
    return first
}

/// Gives every buffer in a slot its offset there; gives a slot's size. Slots are laid out as the arena is.
func layOutSlots(_ buffers: inout [PlannedBuffer]) -> Dim {
    var inSlots: [(number: Int, perItem: Dim)] = []
    for (number, buffer) in buffers.enumerated() {
        if case .slot(_, let perItem) = buffer.location { inSlots.append((number, perItem)) }
    }
    var laidOut = inSlots.map { buffers[$0.number] }
    for at in laidOut.indices { laidOut[at].location = .arena(offset: 0) }
    let bytes = layOutArena(&laidOut)
    for (place, made) in zip(inSlots, laidOut) {
        guard case .arena(let offset) = made.location else { continue }
        buffers[place.number].location = .slot(offset: offset, perItem: place.perItem)
    }
    return bytes
}

/// The regions of the arena, in order.
private func arenaRegions(_ buffers: [PlannedBuffer]) -> [ArenaRegion] {
    var regions: [Dim: ArenaRegion] = [:]
    for (at, buffer) in buffers.enumerated() {
        guard case .arena = buffer.location, buffer.replaces == nil else { continue }
        let size = aligned(buffer.type.byteCount)
        let isProduct = size.terms.count == 1
        let key =
            isProduct
            ? Dim(terms: [Dim.Term(coefficient: 1, symbols: size.terms[0].symbols)])
            : Dim(terms: size.terms.filter { !$0.symbols.isEmpty })
        var region = regions[key] ?? ArenaRegion(unit: isProduct ? key : size)
        region.members.append((at, isProduct ? size.terms[0].coefficient : 1))
        if !isProduct, (size - region.unit).constant ?? 0 > 0 { region.unit = size }
        regions[key] = region
    }
    func rank(_ region: ArenaRegion) -> (Int, Int, String) {
        (region.unit.terms.count, region.unit.symbols.count, region.unit.description)
    }
    return regions.values.sorted { rank($0) < rank($1) }
}

/// Checks a memory plan without regard to how it was made: buffers alive at the same time do not share a byte, but where the one call in which
/// both are reads each element of the first just before it writes that of the second; and all lie inside the arena. Checked at the smallest, the largest and a middle value of every symbol. Throws `GraphError` naming the two buffers.
public func checkOverlap(_ function: LoweredFunction, in module: LoweredModule) throws {
    let dims = module.module.dims
    for pick in 0..<3 {
        var bindings: [String: Int] = [:]
        for dim in dims {
            let middle = dim.range.lowerBound + (dim.range.upperBound - dim.range.lowerBound) / 3
            bindings[dim.name] = [dim.range.lowerBound, dim.range.upperBound, middle][pick]
        }
        let arena = try function.arenaBytes.value(bindings)
        let slot = try function.slotBytes.value(bindings)
        var spans: [(number: Int, isInSlot: Bool, bytes: Range<Int>)] = []
        for (number, buffer) in function.buffers.enumerated() {
            let (offset, size, isInSlot): (Dim, Int, Bool)
            switch buffer.location {
            case .arena(let place): (offset, size, isInSlot) = (place, arena, false)
            case .slot(let place, _): (offset, size, isInSlot) = (place, slot, true)
            default: continue
            }
            let start = try offset.value(bindings)
            let end = start + (try buffer.type.byteCount.value(bindings))
            guard start >= 0, end <= size, start % 64 == 0 else {
                throw GraphError(
                    "memory plan of \(function.name): \(buffer.name) at \(start)..<\(end) is not inside 0..<\(size) or not aligned"
                )
            }
            for (other, otherIsInSlot, bytes) in spans
            where isInSlot == otherIsInSlot && bytes.overlaps(start..<end) && start < end
                && function.buffers[other].lifetime.overlaps(buffer.lifetime)
                && !(bytes == start..<end && takesOver(function, in: module, number, other))
            {
                throw GraphError(
                    "memory plan of \(function.name): \(buffer.name) and \(function.buffers[other].name) share bytes while both are needed"
                )
            }
            spans.append((number, isInSlot, start..<end))
        }
        try checkChains(function)
    }
}

/// Whether two buffers of the workspace are needed together in one call only, which writes the second over the first.
private func takesOver(_ function: LoweredFunction, in module: LoweredModule, _ one: Int, _ other: Int) -> Bool {
    let (old, new) =
        function.buffers[one].lifetime.lowerBound < function.buffers[other].lifetime.lowerBound
        ? (one, other) : (other, one)
    let call = function.buffers[new].lifetime.lowerBound
    let isInChain = function.chains.contains { $0.calls.contains(call) }
    guard !isInChain, function.buffers[old].lifetime.upperBound == call else { return false }
    let arguments = function.calls[call].arguments
    guard let read = arguments.firstIndex(of: old), let written = arguments.firstIndex(of: new) else { return false }
    return module.kernels[function.calls[call].kernel].mayWrite(written, over: read)
}

/// Checks that what is used in a chain and stays behind it lives as long as the chain, and that slots are used in chains only.
private func checkChains(_ function: LoweredFunction) throws {
    for (number, call) in function.calls.enumerated() {
        let chain = function.chains.first { $0.calls.contains(number) }
        for argument in call.arguments {
            let buffer = function.buffers[argument]
            switch buffer.location {
            case .slot:
                guard chain == nil else { continue }
                throw GraphError("memory plan of \(function.name): \(buffer.name) is in a slot, but not call \(number)")
            case .arena:
                guard let chain else { continue }
                let isThere =
                    buffer.lifetime.lowerBound <= chain.calls.lowerBound
                    && buffer.lifetime.upperBound >= chain.calls.upperBound - 1
                if isThere { continue }
                throw GraphError(
                    "memory plan of \(function.name): \(buffer.name) is not there during the whole chain of call \(number)"
                )
            default: continue
            }
        }
    }
}
