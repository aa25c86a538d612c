import GraphIR
import GraphTracing

/// Windows with gaps, and where the largest element of a window was: each position of the windows is taken on its own.
extension Node {
    /// For each position in the windows, the elements there; `fill` stands around `x`, whose first two axes have none.
    func taps(_ x: Tensor, _ windows: Windows, _ padding: [[Int]], fill: Tensor) throws -> [Tensor] {
        guard x.shape.dropFirst(2).allSatisfy({ $0.constant != nil }) else {
            throw failure("the spatial sizes of \(x.type) must be numbers", remedy: "give them with --dim")
        }
        guard windows.taps.reduce(1.0, { $0 * Double($1) }) <= 4096 else {
            throw failure(
                "windows \(windows.taps) with gaps or positions are too large", remedy: "4096 elements are the most")
        }
        let around = [[0, 0], [0, 0]] + padding
        let padded = Tensor.apply(
            "pad", [x, fill],
            [
                "low": .ints(around.map { $0[0] }), "high": .ints(around.map { $0[1] }),
                "interior": .ints(around.map { _ in 0 }),
            ])
        let strides = [1, 1] + windows.strides
        let sizes = padded.shape.indices.map { axis -> Dim in
            guard axis >= 2, let size = padded.shape[axis].constant else { return padded.shape[axis] }
            return Dim(max(size - windows.reach[axis - 2], 0) / windows.strides[axis - 2] + 1)
        }
        return Self.offsets(windows.taps).map { offset in
            let starts = [0, 0] + zip(offset, windows.dilations).map { $0 * $1 }
            return Tensor.apply(
                "slice", [padded], ["starts": .ints(starts), "sizes": .dims(sizes), "strides": .ints(strides)])
        }
    }

    /// The largest element of each window and, if asked for, where it is in the flattened input; the first of equal ones.
    func largest(_ x: Tensor, _ windows: Windows, _ padding: [[Int]]) throws -> [Tensor] {
        let least = Tensor.scalar(x.dtype.isFloat ? -.infinity : x.dtype.isSigned ? -128 : 0, dtype: x.dtype)
        let elements = try taps(x, windows, padding, fill: least)
        guard gives(1) else { return [elements.dropFirst().reduce(elements[0]) { maximum($0, $1) }] }
        let spatial = Array(x.shape[2...])
        guard let count = Dim.product(spatial).constant, count <= Int(Int32.max) else {
            throw failure("spatial sizes must be numbers")
        }
        var places = Tensor.iota(shape: [Dim(count)]).reshaped(to: [1, 1] + spatial)
        if bool("storage_order") {
            let order = Array(spatial.indices.reversed())
            places = Tensor.iota(shape: [Dim(count)]).reshaped(to: spatial.reversed()).transposed(order).reshaped(
                to: [1, 1] + spatial)
        }
        var (best, place): (Tensor?, Tensor?)
        for (element, at) in zip(elements, try taps(places, windows, padding, fill: .scalar(-1, dtype: .i32))) {
            // Padding never wins, not even among elements that are all -∞.
            guard let old = best, let there = place else {
                (best, place) = (element, at.broadcast(to: element.shape))
                continue
            }
            let isBetter = (element .> old) .| ((there .< 0) .& (at .>= 0))
            best = select(isBetter, element, old)
            place = select(isBetter, at, there)
        }
        let images = Tensor.iota(shape: [x.shape[0] * x.shape[1]], dtype: .i64) * Double(count)
        let all = images.reshaped(to: Array(x.shape[..<2]) + spatial.map { _ in 1 })
        return [best ?? x, (place ?? places).cast(to: .i64) + all]
    }

    /// The sum of the elements in each window, and how many of the input there are; of the padding too if `counts`.
    func sums(
        _ x: Tensor, _ windows: Windows, _ padding: [[Int]], extra: [Int], counts: Bool
    ) throws -> (sums: Tensor, counts: Tensor) {
        let whole = zip(padding, extra).map { [$0[0], $0[1] + $1] }
        func sum(_ x: Tensor, _ padding: [[Int]]) throws -> Tensor {
            let parts = try taps(x, windows, padding, fill: .scalar(0, dtype: x.dtype))
            return parts.dropFirst().reduce(parts[0], +)
        }
        var (ones, rest) = (Tensor.ones(TensorType(x.dtype, [1, 1] + x.shape[2...])), whole)
        if counts {
            let around = zip(ones.shape.dropFirst(2), padding).map { $0 + Dim($1[0] + $1[1]) }
            (ones, rest) = (.ones(TensorType(x.dtype, [1, 1] + around)), extra.map { [0, $0] })
        }
        return (try sum(x, whole), try sum(ones, rest))
    }

    /// All combinations of positions below so many on each axis, the last axis the fastest.
    private static func offsets(_ counts: [Int]) -> [[Int]] {
        counts.reduce([[]]) { all, count in all.flatMap { first in (0..<count).map { first + [$0] } } }
    }
}
