import GraphIR
import HostTensors

/// Parts of a tensor, and repetitions of it.
extension Tensor {
    /// Parts of these sizes one after another along an axis.
    public func split(
        sizes: [Int], axis: Int = 0, file: String = #fileID, line: Int = #line
    ) -> [Tensor] {
        let place = PlaceScope.call(file, line)
        let at = axis < 0 ? axis + rank : axis
        var start = 0
        return sizes.map { size in
            defer { start += size }
            let begin = start
            return Tensor.catching([self], place: place) {
                guard shape.indices.contains(at), shape[at] == Dim(sizes.reduce(0, +)) else {
                    throw GraphError(
                        "split: sizes \(sizes) do not fill axis \(axis) of \(type)",
                        remedy: "they must add up to the size of an axis")
                }
                var (starts, block) = (shape.map { _ in 0 }, shape)
                starts[at] = begin
                block[at] = Dim(size)
                return Tensor.apply(
                    "slice", [self],
                    ["starts": .ints(starts), "sizes": .dims(block), "strides": .ints(shape.map { _ in 1 })],
                    place: place)
            }
        }
    }

    /// `count` equal parts one after another along an axis.
    public func split(
        count: Int, axis: Int = 0, file: String = #fileID, line: Int = #line
    ) -> [Tensor] {
        let size = dim(axis).constant ?? 0
        guard count > 0, size % count == 0, size > 0 || isFailed else {
            let failed = Tensor.catching([self], place: PlaceScope.call(file, line)) {
                throw GraphError(
                    "split: axis \(axis) of \(type) does not fall into \(count) equal parts",
                    remedy: "the count must divide a constant size")
            }
            return Array(repeating: failed, count: Swift.max(count, 0))
        }
        return split(sizes: Array(repeating: size / count, count: count), axis: axis, file: file, line: line)
    }

    /// The tensor `counts[i]` times in a row along axis i; further counts make new outer axes.
    public func tiled(_ counts: [Int], file: String = #fileID, line: Int = #line) -> Tensor {
        let place = PlaceScope.call(file, line)
        return Tensor.catching([self], place: place) {
            guard counts.allSatisfy({ $0 >= 1 }) else {
                throw GraphError("tiled: counts \(counts) must be at least 1")
            }
            let length = Swift.max(counts.count, rank)
            let counts = Array(repeating: 1, count: length - counts.count) + counts
            let sizes = Array(repeating: Dim(1), count: length - rank) + shape
            // [n] becomes [1, n], repeated to [count, n].
            let pairs = sizes.indices.flatMap { [Dim(1), sizes[$0]] }
            let repeated = zip(counts, sizes).flatMap { [Dim($0), $1] }
            return viewed(as: pairs, place: place).broadcast(to: repeated, place: place)
                .viewed(as: zip(counts, sizes).map { Dim($0) * $1 }, place: place)
        }
    }

    /// Every element `count` times in a row along an axis.
    public func repeated(
        _ count: Int, axis: Int = 0, file: String = #fileID, line: Int = #line
    ) -> Tensor {
        let place = PlaceScope.call(file, line)
        return Tensor.catching([self], place: place) {
            let at = axis < 0 ? axis + rank : axis
            guard shape.indices.contains(at), count >= 1 else {
                throw GraphError("repeated: \(count) times along axis \(axis) of \(type)")
            }
            var (view, goal, result) = (shape, shape, shape)
            view.insert(1, at: at + 1)
            goal.insert(Dim(count), at: at + 1)
            result[at] = shape[at] * Dim(count)
            return viewed(as: view, place: place).broadcast(to: goal, place: place).viewed(as: result, place: place)
        }
    }

    /// Elements moved by `shift` places along an axis of constant size; what leaves at one end comes in at the other.
    public func rolled(
        by shift: Int, axis: Int = 0, file: String = #fileID, line: Int = #line
    ) -> Tensor {
        let place = PlaceScope.call(file, line)
        return Tensor.catching([self], place: place) {
            let at = axis < 0 ? axis + rank : axis
            guard let size = dim(axis).constant, shape.indices.contains(at), size > 0 else {
                throw GraphError("rolled: axis \(axis) of \(type) must have a constant size")
            }
            let first = ((shift % size) + size) % size
            if first == 0 { return self }
            let parts = split(sizes: [size - first, first], axis: at, file: file, line: line)
            return Tensor.apply("concat", [parts[1], parts[0]], ["axis": .int(at)], place: place)
        }
    }

    /// The tensor without an axis of size 1.
    public func squeezed(at axis: Int, file: String = #fileID, line: Int = #line) -> Tensor {
        let place = PlaceScope.call(file, line)
        return Tensor.catching([self], place: place) {
            let at = axis < 0 ? axis + rank : axis
            guard shape.indices.contains(at), shape[at] == 1 else {
                throw GraphError("squeezed: axis \(axis) of \(type) does not have size 1")
            }
            var view = shape
            view.remove(at: at)
            return viewed(as: view, place: place)
        }
    }

    /// The last two axes, with the elements above the diagonal number `diagonal` (right of the main one) set to 0.
    public func lowerTriangle(
        diagonal: Int = 0, file: String = #fileID, line: Int = #line
    ) -> Tensor {
        triangle("lessEqual", diagonal, PlaceScope.call(file, line))
    }

    /// The last two axes, with the elements below the diagonal number `diagonal` (right of the main one) set to 0.
    public func upperTriangle(
        diagonal: Int = 0, file: String = #fileID, line: Int = #line
    ) -> Tensor {
        triangle("greaterEqual", diagonal, PlaceScope.call(file, line))
    }

    private func triangle(_ direction: String, _ diagonal: Int, _ place: Place?) -> Tensor {
        Tensor.catching([self], place: place) {
            guard rank >= 2 else { throw GraphError("a triangle needs two axes, got \(type)") }
            func positions(_ axis: Int) -> Tensor {
                Tensor.apply(
                    "iota", [], ["axis": .int(axis), "shape": .dims(shape), "dtype": .dtype(.i32)], place: place)
            }
            let end = Tensor.elementwise(
                "add", positions(rank - 2), Tensor.scalar(Double(diagonal), dtype: .i32), place: place)
            let isKept = Tensor.elementwise(
                "compare", positions(rank - 1), end, ["direction": .keyword(direction)], place: place)
            let zeros = Tensor.scalar(0, dtype: dtype).broadcast(to: shape, place: place)
            return Tensor.apply("select", [isKept, self, zeros], place: place)
        }
    }
}
