import GraphIR
import GraphTracing

let poolingOperators: [OperatorDefinition] = [
    row(
        "AveragePool", Windows.attributes + ["ceil_mode", "count_include_pad"],
        limits: "spatial sizes must be numbers"
    ) { node in
        let x = try node.x
        let windows = try node.windows()
        let extra = try windows.ceiling(node, x: x)
        if windows.hasGaps {
            let all = try node.sums(
                x, windows, windows.padding, extra: extra, counts: node.bool("count_include_pad"))
            return all.sums / all.counts
        }
        if node.bool("count_include_pad") {
            let around = [[0, 0], [0, 0]] + windows.padding
            let padded = x.padded(low: around.map { $0[0] }, high: around.map { $0[1] })
            return node.pooled(.average, padded, windows, extra.map { [0, $0] })
        }
        return node.pooled(.average, x, windows, zip(windows.padding, extra).map { [$0[0], $0[1] + $1] })
    },
    row("GlobalAveragePool") { node in
        let x = try node.x
        return x.mean(axes: Array(x.shape.indices.dropFirst(2)), keepDims: true)
    },
    row("GlobalLpPool", ["p"]) { node in
        let x = try node.x
        return x.norm(Double(node.int("p", 2)), axes: Array(x.shape.indices.dropFirst(2)), keepDims: true)
    },
    row("GlobalMaxPool") { node in
        let x = try node.x
        return x.max(axes: Array(x.shape.indices.dropFirst(2)), keepDims: true)
    },
    row(
        "LpPool", Windows.attributes + ["ceil_mode", "p"],
        limits: "spatial sizes must be numbers"
    ) { node in
        let (x, order) = (try node.x, Double(node.int("p", 2)))
        let windows = try node.windows()
        let extra = try windows.ceiling(node, x: x)
        let powers = order == 2 ? square(x) : pow(abs(x), order)
        let around = zip(windows.padding, extra).map { [$0[0], $0[1] + $1] }
        let sums =
            windows.hasGaps
            ? try node.sums(powers, windows, windows.padding, extra: extra, counts: false).sums
            : node.reduced("sum", powers, windows, around)
        return order == 2 ? sqrt(sums) : pow(sums, 1 / order)
    },
    rows(
        "MaxPool", Windows.attributes + ["ceil_mode", "storage_order"], limits: "spatial sizes must be numbers"
    ) { node in
        let x = try node.x
        let windows = try node.windows()
        let extra = try windows.ceiling(node, x: x)
        let padding = zip(windows.padding, extra).map { [$0[0], $0[1] + $1] }
        if windows.hasGaps || node.gives(1) { return try node.largest(x, windows, padding) }
        return [node.pooled(.max, x, windows, padding)]
    },
]

extension Node {
    /// The windows that the attributes of a pooling say.
    fileprivate func windows() throws -> Windows {
        guard let taps = ints("kernel_shape"), taps.allSatisfy({ $0 >= 1 }) else {
            throw failure("attribute 'kernel_shape' must have numbers of at least 1")
        }
        return try Windows(self, taps: taps, x: try x)
    }

    /// The windows combined; whole numbers by the operation that works on them too.
    fileprivate func pooled(_ kind: PoolingKind, _ x: Tensor, _ windows: Windows, _ padding: [[Int]]) -> Tensor {
        if kind == .max, !x.dtype.isFloat { return reduced("max", x, windows, padding) }
        return pool(
            kind, x, window: windows.taps, strides: windows.strides, padding: .explicit(padding), layout: .channelsFirst
        )
    }

    fileprivate func reduced(_ kind: String, _ x: Tensor, _ windows: Windows, _ padding: [[Int]]) -> Tensor {
        Tensor.apply(
            "reduceWindow", [x],
            [
                "kind": .keyword(kind), "window": .ints([1, 1] + windows.taps),
                "strides": .ints([1, 1] + windows.strides),
                "padding": .intLists([[0, 0], [0, 0]] + padding),
            ])
    }
}
