import GraphIR
import GraphTracing

let normalizationOperators: [OperatorDefinition] = [
    row(
        "BatchNormalization", ["epsilon", "momentum", "spatial", "training_mode"],
        limits: "`training_mode` 1, `spatial` 0"
    ) {
        node in
        try node.require("spatial", 1)
        try node.require("training_mode", 0)
        guard !node.gives(1) else { throw node.failure("only the output 'Y' is supported") }
        let x = try node.x
        let channels = try (1...4).map { try node.tensor($0).cast(to: x.dtype) }
        return batchNorm(
            x, scale: channels[0], offset: channels[1], mean: channels[2], variance: channels[3], axis: 1,
            epsilon: node.float("epsilon", 1e-5))
    },
    row("GroupNormalization", since: 21, ["epsilon", "num_groups", "stash_type"]) { node in
        let (x, scale, offset) = (try node.x, try node.tensor(1), try node.tensor(2))
        let groups = node.int("num_groups", 0)
        return node.computed(x) { x in
            groupNorm(
                x, scale: scale.cast(to: x.dtype), offset: offset.cast(to: x.dtype), groups: groups, axis: 1,
                epsilon: node.float("epsilon", 1e-5))
        }
    },
    row("InstanceNormalization", ["epsilon"]) { node in
        let x = try node.x
        return groupNorm(
            x, scale: try node.tensor(1), offset: try node.tensor(2), groups: x.dim(1).constant ?? 0, axis: 1,
            epsilon: node.float("epsilon", 1e-5))
    },
    rows("LayerNormalization", since: 17, ["axis", "epsilon", "stash_type"]) { try $0.layerNormalization() },
    row("LpNormalization", ["axis", "p"]) { node in
        let x = try node.x
        let axis = try node.axis(node.int("axis", -1), rank: x.rank)
        let length = x.norm(Double(node.int("p", 2)), axes: [axis], keepDims: true)
        let zero = Tensor.scalar(0, dtype: x.dtype)
        return select(length .== 0, zero, x / length)
    },
    row("LRN", ["alpha", "beta", "bias", "size"], limits: "a symbolic number of channels") { node in
        let (x, size) = (try node.x, node.int("size", 1))
        let (ones, none) = (x.shape.map { _ in 1 }, x.shape.map { _ in [0, 0] })
        var (window, padding) = (ones, none)
        window[1] = size
        padding[1] = [(size - 1) / 2, size / 2]
        let sums = Tensor.apply(
            "reduceWindow", [square(x)],
            ["kind": .keyword("sum"), "window": .ints(window), "strides": .ints(ones), "padding": .intLists(padding)])
        return x
            / pow(node.float("bias", 1) + node.float("alpha", 1e-4) / Double(size) * sums, node.float("beta", 0.75))
    },
    row("MeanVarianceNormalization", since: 9, ["axes"]) { node in
        let x = try node.x
        let axes = try node.axes(node.ints("axes") ?? [0, 2, 3], rank: x.rank)
        let centered = x - x.mean(axes: axes, keepDims: true)
        return centered / (sqrt(square(centered).mean(axes: axes, keepDims: true)) + 1e-9)
    },
    row("RMSNormalization", since: 23, ["axis", "epsilon", "stash_type"]) { node in
        let (x, scale) = (try node.x, try node.tensor(1))
        let axis = try node.axis(node.int("axis", -1), rank: x.rank)
        let epsilon = node.float("epsilon", 1e-5)
        if x.dtype == .f32 || x.dtype == .f64, scale.type == TensorType(x.dtype, Array(x.shape[axis...])) {
            return rmsNorm(x, scale: scale, axis: axis, epsilon: epsilon)
        }
        let normal = node.computed(x) { x in
            let axes = Array(axis..<x.rank)
            return x * rsqrt(square(x).mean(axes: axes, keepDims: true) + epsilon)
        }
        return normal * scale.cast(to: x.dtype)
    },
]

extension Node {
    /// What a body gives of `x` in f32 where its own type is shorter, as `stash_type` says unless it says otherwise.
    fileprivate func computed(_ x: Tensor, _ body: (Tensor) -> Tensor) -> Tensor {
        guard x.dtype == .f16 || x.dtype == .bf16, int("stash_type", 1) == 1 else { return body(x) }
        return body(x.cast(to: .f32)).cast(to: x.dtype)
    }

    fileprivate func layerNormalization() throws -> [Tensor] {
        let (x, scale, offset) = (try x, try tensor(1), optional(2)?.tensor)
        let axis = try axis(int("axis", -1), rank: x.rank)
        let (axes, epsilon) = (Array(axis..<x.rank), float("epsilon", 1e-5))
        let part = TensorType(x.dtype, Array(x.shape[axis...]))
        if !gives(1), !gives(2), x.dtype == .f32 || x.dtype == .f64, scale.type == part,
            part.constantShape != nil, offset.map({ $0.type == part }) ?? true
        {
            return [
                layerNorm(x, scale: scale, offset: offset ?? .zeros(part), axis: axis, epsilon: epsilon)
            ]
        }
        let isShort = x.dtype == .f16 || x.dtype == .bf16
        let wide = isShort ? x.cast(to: .f32) : x
        let mean = wide.mean(axes: axes, keepDims: true)
        let centered = wide - mean
        let factor = rsqrt(square(centered).mean(axes: axes, keepDims: true) + epsilon)
        let scaled = (centered * factor).cast(to: x.dtype) * scale
        return [offset.map { scaled + $0 } ?? scaled, mean, factor]
    }
}
