import GraphIR
import GraphTracing

let reductionOperators: [OperatorDefinition] = [
    reduction("ReduceL1") { abs($0).sum(axes: $1, keepDims: $2) },
    reduction("ReduceL2") { x, axes, keeps in
        let root = sqrt(square(x.dtype.isFloat ? x : x.cast(to: .f64)).sum(axes: axes, keepDims: keeps))
        return root.cast(to: x.dtype)
    },
    reduction("ReduceLogSum") { log($0.sum(axes: $1, keepDims: $2)) },
    reduction("ReduceLogSumExp") { x, axes, keeps in x.logSumExp(axes: axes, keepDims: keeps) },
    reduction("ReduceMax") { x, axes, keeps in
        x.dtype == .bool ? x.any(axes: axes, keepDims: keeps) : x.max(axes: axes, keepDims: keeps)
    },
    reduction("ReduceMean") { x, axes, keeps in
        if x.dtype.isFloat { return x.mean(axes: axes, keepDims: keeps) }
        return x.cast(to: .f64).mean(axes: axes, keepDims: keeps).cast(to: x.dtype)
    },
    reduction("ReduceMin") { x, axes, keeps in
        x.dtype == .bool ? x.all(axes: axes, keepDims: keeps) : x.min(axes: axes, keepDims: keeps)
    },
    reduction("ReduceProd") { $0.product(axes: $1, keepDims: $2) },
    reduction("ReduceSum") { $0.sum(axes: $1, keepDims: $2) },
    reduction("ReduceSumSquare") { square($0).sum(axes: $1, keepDims: $2) },
]

/// A row for a reduction over axes that an attribute or the second input names: all if none are.
private func reduction(
    _ name: String, _ reduce: @escaping @Sendable (_ x: Tensor, _ axes: [Int]?, _ keepDims: Bool) -> Tensor
) -> OperatorDefinition {
    row(name, ["axes", "keepdims", "noop_with_empty_axes"]) { node in
        let x = try node.x
        let axes = try node.axes(input: 1, rank: x.rank)
        // No axes to reduce over may also mean none: what is left is done element by element.
        let none = axes == nil && node.bool("noop_with_empty_axes")
        return reduce(x, none ? [] : axes, node.bool("keepdims", true))
    }
}

let orderOperators: [OperatorDefinition] = [
    row("ArgMax", ["axis", "keepdims", "select_last_index"]) { try $0.extreme { $0.argmax(axis: $1) } },
    row("ArgMin", ["axis", "keepdims", "select_last_index"]) { try $0.extreme { $0.argmin(axis: $1) } },
    row("CumProd", since: 26, ["exclusive", "reverse"]) { try $0.cumulative("prod") },
    row("CumSum", since: 11, ["exclusive", "reverse"]) { try $0.cumulative("sum") },
    rows("TopK", ["axis", "k", "largest", "sorted"], limits: "`K` must be a number") { node in
        let x = try node.x
        let axis = try node.axis(node.int("axis", -1), rank: x.rank)
        let count = try node.number(1, "K") ?? node.int("k", 1)
        let top = x.topK(count, axis: axis, largest: node.bool("largest", true))
        return [top.values, top.positions.cast(to: .i64)]
    },
]

extension Node {
    /// The position of the first, or the last, largest or smallest element along an axis.
    fileprivate func extreme(_ position: (Tensor, Int) -> Tensor) throws -> Tensor {
        let x = try x
        let axis = try axis(int("axis", 0), rank: x.rank)
        let isLast = bool("select_last_index")
        var found = position(isLast ? x.reversed(axes: [axis]) : x, axis).cast(to: .i64)
        if isLast { found = SizeTensor.count(x.dim(axis) - 1, dtype: .i64) - found }
        return bool("keepdims", true) ? found.expanded(at: axis) : found
    }

    fileprivate func cumulative(_ kind: String) throws -> Tensor {
        let x = try x
        guard let given = try number(1, "axis") else { throw failure("input 1, 'axis', is missing") }
        let axis = try axis(given, rank: x.rank)
        return Tensor.apply(
            "cumulative", [x],
            [
                "kind": .keyword(kind), "axis": .int(axis), "exclusive": .bool(bool("exclusive")),
                "reverse": .bool(bool("reverse")),
            ])
    }
}
