import GraphIR
import GraphTracing
import HostTensors

let selectionOperators: [OperatorDefinition] = [
    row("Gather", ["axis"], moves: .first) { node in
        let x = try node.x
        let axis = try node.axis(node.int("axis", 0), rank: x.rank)
        if let part = try node.block(of: x, axis: axis) { return part }
        return gather(x, try node.positions(1, in: x.shape[axis]), axis: axis)
    },
    row("GatherElements", since: 11, ["axis"]) { node in
        let (x, indices) = (try node.x, try node.tensor(1))
        let axis = try node.axis(node.int("axis", 0), rank: x.rank)
        guard indices.rank == x.rank else { throw node.failure("\(x.type) by \(indices.type): ranks must be equal") }
        // Other axes may be shorter: what lies beyond is not read.
        var sizes = indices.shape
        sizes[axis] = x.shape[axis]
        let block =
            sizes == x.shape
            ? x
            : Tensor.apply(
                "slice", [x],
                ["starts": .ints(sizes.map { _ in 0 }), "sizes": .dims(sizes), "strides": .ints(sizes.map { _ in 1 })])
        return takeAlong(block, try node.positions(1, in: x.shape[axis]), axis: axis)
    },
    row("GatherND", since: 11, ["batch_dims"]) { node in
        let (x, indices, batch) = (try node.x, try node.tensor(1), node.int("batch_dims", 0))
        guard (0..<min(x.rank, indices.rank)).contains(batch) else {
            throw node.failure("attribute 'batch_dims' is \(batch) for \(x.type) by \(indices.type)")
        }
        let (positions, end) = try node.flatPositions(indices, in: x, from: batch)
        let rows = x.reshaped(to: x.shape[..<batch] + [Dim.product(x.shape[batch..<end])] + x.shape[end...])
        return gather(rows, positions, axis: batch, batchAxes: batch)
    },
    row("OneHot", since: 9, ["axis"], limits: "`depth` must be a number") { node in
        let (indices, values) = (try node.x, try node.tensor(2))
        guard let given = try node.doubles(1, "depth")?.first, (1...0x1p31).contains(given) else {
            throw node.failure("input 1, 'depth', must be 1 to 2^31")
        }
        let depth = Int(given)
        let axis = try node.axis(node.int("axis", -1), rank: indices.rank + 1)
        let whole = indices.dtype.isFloat ? indices.cast(to: .i64) : indices
        let positions = Node.counted(whole, in: Dim(depth)).expanded(at: axis)
        var shape = positions.shape
        shape[axis] = Dim(depth)
        let isOn = Tensor.iota(axis: axis, shape: shape, dtype: positions.dtype) .== positions
        let both = values.split(count: 2, axis: 0).map { $0.reshaped(to: []) }
        return select(isOn, both[1], both[0])
    },
    row("ReverseSequence", since: 10, ["batch_axis", "time_axis"], limits: "`sequence_lens` must be constant") { node in
        let x = try node.x
        let (batch, time) = (node.int("batch_axis", 1), node.int("time_axis", 0))
        guard let lengths = try node.numbers(1, "sequence_lens"), let size = x.dim(time).constant, batch + time == 1
        else {
            throw node.failure("the axes must be 0 and 1, and that of time must have a size that is a number")
        }
        let positions = lengths.flatMap { length in (0..<size).map { Int32($0 < length ? length - 1 - $0 : $0) } }
        let order = Tensor(try HostTensor(positions, shape: [lengths.count, size]))
        let turned = batch == 0 ? x : x.transposed([1, 0] + (2..<x.rank))
        let result = gather(turned, order, axis: 1, batchAxes: 1)
        return batch == 0 ? result : result.transposed([1, 0] + (2..<x.rank))
    },
    OperatorDefinition(
        name: "Slice", since: 7, attributes: ["axes", "ends", "starts"],
        limits: "`starts`, `ends`, `axes`, `steps` must be known at import; results without elements, but for shapes",
        moves: .first
    ) { node in
        if let part = try node.sliced() { return [Value(part)] }
        // No tensor of a graph is empty, but a part of a shape may be.
        guard let whole = try node.value(0).sizes, whole.shape.count == 1 else {
            throw node.failure("no element of \(try node.x.type) is kept", remedy: "sizes are at least 1")
        }
        return [Value(sizes: SizeTensor(whole.dtype, [0], []))]
    },
    row("Trilu", since: 14, ["upper"], limits: "`k` must be a constant") { node in
        let (x, diagonal) = (try node.x, try node.number(1, "k") ?? 0)
        return node.bool("upper", true) ? x.upperTriangle(diagonal: diagonal) : x.lowerTriangle(diagonal: diagonal)
    },
]

extension Node {
    /// The elements of `x` at positions along an axis, if they are known and follow each other: a part can be looked at where it
    /// is. Throws when one lies outside.
    fileprivate func block(of x: Tensor, axis: Int) throws -> Tensor? {
        let indices = try value(1)
        guard let size = x.shape[axis].constant, let numbers = indices.sizes?.numbers,
            let shape = indices.constant?.shape
        else { return nil }
        for number in numbers where !(-size..<size).contains(number) {
            throw failure("position \(number) lies outside axis \(axis) of \(x.type)")
        }
        let positions = numbers.map { $0 < 0 ? $0 + size : $0 }
        guard let first = positions.first, positions == Array(first..<first + positions.count) else { return nil }
        var (starts, sizes) = (x.shape.map { _ in 0 }, x.shape)
        (starts[axis], sizes[axis]) = (first, Dim(positions.count))
        let part = Tensor.apply(
            "slice", [x],
            ["starts": .ints(starts), "sizes": .dims(sizes), "strides": .ints(starts.map { _ in 1 })])
        return part.reshaped(to: x.shape[..<axis] + shape.map { Dim($0) } + x.shape[(axis + 1)...])
    }

    /// An input of positions in an axis of that size, those counted from the end brought to the start.
    fileprivate func positions(_ at: Int, in size: Dim) throws -> Tensor {
        let value = try value(at)
        guard let numbers = value.sizes?.numbers, let shape = value.constant?.shape else {
            return Self.counted(value.tensor, in: size)
        }
        if numbers.allSatisfy({ $0 >= 0 }) { return value.tensor }
        guard let count = size.constant else { return Self.counted(value.tensor, in: size) }
        return Tensor(try HostTensor(numbers.map { Int64($0 < 0 ? $0 + count : $0) }, shape: shape))
    }

    /// Positions, those below 0 counted from the end of an axis of that size.
    static func counted(_ positions: Tensor, in size: Dim) -> Tensor {
        if !positions.dtype.isSigned { return positions }
        return select(positions .< 0, positions + SizeTensor.count(size, dtype: positions.dtype), positions)
    }
}

/// Slices.
extension Node {
    /// The part that the inputs say; nil if nothing is left.
    fileprivate func sliced() throws -> Tensor? {
        var x = try x
        guard let starts = try sizes(1, "starts"), let ends = try sizes(2, "ends"), starts.count == ends.count else {
            throw failure("'starts' and 'ends' must have as many numbers")
        }
        let axes = try self.axes(try numbers(3, "axes") ?? Array(0..<starts.count), rank: x.rank)
        let steps = try numbers(4, "steps") ?? starts.map { _ in 1 }
        guard axes.count == starts.count, steps.count == starts.count, !steps.contains(0) else {
            throw failure("'axes' and 'steps' must have \(starts.count) numbers, and no step may be 0")
        }
        for at in axes.indices {
            guard let part = try sliced(x, axes[at], from: starts[at], to: ends[at], by: steps[at]) else { return nil }
            x = part
        }
        return x
    }

    private func sliced(_ x: Tensor, _ axis: Int, from start: Dim, to end: Dim, by step: Int) throws -> Tensor? {
        let size = x.shape[axis]
        if step < 0 { return try reversed(x, axis, from: start, to: end, by: step) }
        let first = try clamped(start, to: size)
        let last = try clamped(end, to: size)
        if first == 0, last == size, step == 1 { return x }
        let count: Dim
        if step == 1 {
            count = last - first
        } else if let length = (last - first).constant {
            count = Dim(max(length + step - 1, 0) / step)
        } else {
            throw failure(
                "every \(step)th element of \(last - first)",
                remedy: "steps other than 1 need sizes that are numbers: --dim")
        }
        if let count = count.constant, count <= 0 { return nil }
        if let begin = first.constant {
            var (starts, sizes, strides) = (x.shape.map { _ in 0 }, x.shape, x.shape.map { _ in 1 })
            (starts[axis], sizes[axis], strides[axis]) = (begin, count, step)
            let block = Tensor.apply(
                "slice", [x], ["starts": .ints(starts), "sizes": .dims(sizes), "strides": .ints(strides)])
            // A block that lies inside only by what sizes are allowed is gathered.
            if !block.isFailed { return block }
        }
        let positions = Tensor.iota(shape: [count], dtype: .i64) * Double(step) + SizeTensor.count(first, dtype: .i64)
        return gather(x, positions, axis: axis)
    }

    /// A slice from the end to the start.
    private func reversed(_ x: Tensor, _ axis: Int, from start: Dim, to end: Dim, by step: Int) throws -> Tensor? {
        let size = x.shape[axis]
        if step == -1, start == -1 || isLess(start, size - 1) == false, end.constant.map({ $0 <= -0x7fff_ffff }) == true
        {
            return x.reversed(axes: [axis])
        }
        guard let size = size.constant, var first = start.constant, var last = end.constant else {
            throw failure("axis \(axis) of \(x.type) must have a size that is a number for a step of \(step)")
        }
        first = min(first < 0 ? first + size : first, size - 1)
        last = max(last < 0 ? last + size : last, -1)
        let positions = stride(from: max(first, -1), to: last, by: step).map { Int32(clamping: $0) }
        if positions.isEmpty || first < 0 { return nil }
        return gather(x, Tensor(HostTensor(positions)), axis: axis)
    }

    /// A position from 0 to `size`; throws when it depends on named dimensions which of them it is.
    private func clamped(_ position: Dim, to size: Dim) throws -> Dim {
        if let far = position.constant, far.magnitude >= UInt(Int32.max) { return far < 0 ? 0 : size }
        let isNegative = isLess(position, 0)
        let counted = isNegative == true ? position + size : position
        if isNegative == nil { throw failure("position \(position) may be counted from the start or the end") }
        if isLess(counted, 0) == true { return 0 }
        if isLess(size, counted) == false {
            return isLess(counted, 0) == false ? counted : try undecided(position, size)
        }
        if isLess(counted, size) == false { return size }
        return try undecided(position, size)
    }

    private func undecided(_ position: Dim, _ size: Dim) throws -> Dim {
        let symbol = (position.symbols + size.symbols).first ?? "N"
        throw failure(
            "whether position \(position) lies inside a size of \(size) depends on \(symbol)",
            remedy: "limit it when importing: --dim \(symbol)=LOW...HIGH")
    }
}
