import GraphIR
import GraphTracing

let poolingOperators: [OperatorDefinition] = [
    row(
        "AveragePool", Windows.attributes + ["ceil_mode", "count_include_pad"],
        limits: "spatial sizes must be numbers; `dilations` must be 1"
    ) { node in
        let x = try node.x
        let windows = try node.windows()
        let extra = try windows.ceiling(node, x: x)
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
        limits: "spatial sizes must be numbers; `dilations` must be 1"
    ) { node in
        let (x, order) = (try node.x, Double(node.int("p", 2)))
        let windows = try node.windows()
        let extra = try windows.ceiling(node, x: x)
        let powers = order == 2 ? square(x) : pow(abs(x), order)
        let around = zip(windows.padding, extra).map { [$0[0], $0[1] + $1] }
        let sums = node.reduced("sum", powers, windows, around)
        return order == 2 ? sqrt(sums) : pow(sums, 1 / order)
    },
    row(
        "MaxPool", Windows.attributes + ["ceil_mode", "storage_order"],
        limits: "spatial sizes must be numbers; `dilations` must be 1; `Indices` are not given"
    ) { node in
        guard !node.gives(1) else { throw node.failure("the output 'Indices' is not supported") }
        let x = try node.x
        let windows = try node.windows()
        let extra = try windows.ceiling(node, x: x)
        return node.pooled(.max, x, windows, zip(windows.padding, extra).map { [$0[0], $0[1] + $1] })
    },
]

extension Node {
    /// The windows that the attributes of a pooling say.
    fileprivate func windows() throws -> Windows {
        guard let taps = ints("kernel_shape"), taps.allSatisfy({ $0 >= 1 }) else {
            throw failure("attribute 'kernel_shape' must have numbers of at least 1")
        }
        let windows = try Windows(self, taps: taps, x: try x)
        guard windows.dilations.allSatisfy({ $0 == 1 }) else {
            throw failure("attribute 'dilations' is \(windows.dilations), only 1 is supported")
        }
        return windows
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
