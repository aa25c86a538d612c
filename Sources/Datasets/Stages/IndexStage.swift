import HostTensors

/// An indexed source with its examples renumbered: another order, or only some of them.
struct IndexStage: IndexedSource {
    /// Which example of the base a number stands for.
    enum Order: Sendable {
        /// Another one each epoch.
        case shuffled(seed: UInt64)
        /// Every `step`-th from `first` on.
        case strided(first: Int, step: Int)
    }

    let base: any IndexedSource
    let size: Int
    let order: Order

    var columns: [Column] { base.columns }
    var identity: String {
        switch order {
        case .shuffled(let seed): "\(base.identity), shuffled by seed \(seed)"
        case .strided(let first, let step): "\(base.identity), \(size) from \(first) in steps of \(step)"
        }
    }

    func gather(_ indices: UnsafeMutableBufferPointer<Int>, epoch: Int, into slot: ExampleBuffer.Slot) throws {
        switch order {
        case .shuffled(let seed):
            let permutation = Permutation(count: size, seed: seed, epoch: epoch)
            for at in indices.indices { indices[at] = permutation[indices[at]] }
        case .strided(let first, let step):
            for at in indices.indices { indices[at] = first + step * indices[at] }
        }
        try base.gather(indices, epoch: epoch, into: slot)
    }
}

/// Several passes over a source as one, each in an order of its own.
struct RepeatedSource: IndexedSource {
    let base: any IndexedSource
    let times: Int

    var size: Int { base.size.multipliedOrLargest(by: times) }
    var columns: [Column] { base.columns }
    var identity: String { "\(base.identity), \(times) times" }

    func gather(_ indices: UnsafeMutableBufferPointer<Int>, epoch: Int, into slot: ExampleBuffer.Slot) throws {
        // Neighbours mostly belong to the same pass, and go to the base together.
        var start = 0
        while start < indices.count {
            let pass = indices[start] / base.size
            var end = start
            while end < indices.count, indices[end] / base.size == pass {
                indices[end] -= pass * base.size
                end += 1
            }
            try base.gather(
                UnsafeMutableBufferPointer(rebasing: indices[start..<end]), epoch: epoch &* times &+ pass,
                into: slot.advanced(by: start))
            start = end
        }
    }
}

/// The columns of two indexed sources side by side.
struct ZippedSource: IndexedSource {
    let left: any IndexedSource
    let right: any IndexedSource

    var size: Int { min(left.size, right.size) }
    var columns: [Column] { left.columns + right.columns }
    var identity: String { "(\(left.identity)) beside (\(right.identity))" }

    func gather(_ indices: UnsafeMutableBufferPointer<Int>, epoch: Int, into slot: ExampleBuffer.Slot) throws {
        var copy = Array(indices)
        try left.gather(indices, epoch: epoch, into: slot)
        try copy.withUnsafeMutableBufferPointer {
            try right.gather($0, epoch: epoch, into: slot.beside(left.columns.count))
        }
    }
}

/// An indexed source with each example replaced by what a function makes of it.
struct MappedSource: IndexedSource {
    let base: any IndexedSource
    let columns: [Column]
    let transform: @Sendable (Example) throws -> NamedTensors

    var size: Int { base.size }
    var identity: String { "\(base.identity), mapped" }

    func gather(_ indices: UnsafeMutableBufferPointer<Int>, epoch: Int, into slot: ExampleBuffer.Slot) throws {
        let numbers = Array(indices)
        let scratch = ExampleBuffer(columns: base.columns, capacity: numbers.count)
        try base.gather(indices, epoch: epoch, into: .init(buffer: scratch, row: 0, column: 0))
        for (row, number) in numbers.enumerated() {
            let values = try transform(scratch.example(row: row, epoch: epoch, index: number))
            try slot.buffer.set(values, columns: columns, at: slot.advanced(by: row))
        }
    }
}

extension Int {
    /// The quotient of a number of at least 0, rounded up, without overflow.
    func dividedRoundingUp(by divisor: Int) -> Int { self / divisor + (self % divisor == 0 ? 0 : 1) }

    /// The product of numbers of at least 0, or the largest number where it is larger.
    func multipliedOrLargest(by factor: Int) -> Int {
        let (product, isTooLarge) = multipliedReportingOverflow(by: factor)
        return isTooLarge ? .max : product
    }
}
