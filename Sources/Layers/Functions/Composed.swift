import GraphIR
import GraphTracing
import HostTensors

// What layers compute, composed of the operations there are.

/// `(x - mean) / √(variance + ε)` over axes, with mean and variance.
private func normalized(
    _ x: Tensor, axes: [Int], epsilon: Double
) -> (result: Tensor, mean: Tensor, variance: Tensor) {
    let mean = x.mean(axes: axes, keepDims: true)
    let distance = x - mean
    let variance = (distance * distance).mean(axes: axes, keepDims: true)
    return (distance * rsqrt(variance + epsilon), mean, variance)
}

/// One number a channel, shaped to meet the channels of `x` at `axis`.
private func alongChannels(_ numbers: Tensor, of x: Tensor, axis: Int) -> Tensor {
    let at = axis < 0 ? axis + x.rank : axis
    return numbers.reshaped(to: x.shape.indices.map { $0 == at ? x.shape[at] : 1 })
}

/// All axes from `axis` on together to mean 0 and variance 1, then scaled and shifted element by element.
func layerNorm(_ x: Tensor, scale: Tensor, offset: Tensor, axis: Int, epsilon: Double) -> Tensor {
    let axes = Array((axis < 0 ? axis + x.rank : axis)..<x.rank)
    return normalized(x, axes: axes, epsilon: epsilon).result * scale + offset
}

/// All axes from `axis` on divided by the root of their mean square, then scaled element by element.
func rmsNorm(_ x: Tensor, scale: Tensor, axis: Int, epsilon: Double) -> Tensor {
    let axes = Array((axis < 0 ? axis + x.rank : axis)..<x.rank)
    return x * rsqrt((x * x).mean(axes: axes, keepDims: true) + epsilon) * scale
}

/// Every example's channels in groups, each over all other axes to mean 0 and variance 1, then scaled and shifted.
func groupNorm(
    _ x: Tensor, scale: Tensor, offset: Tensor, groups: Int, axis: Int, epsilon: Double
) -> Tensor {
    let at = axis < 0 ? axis + x.rank : axis
    guard let channels = x.dim(at).constant, groups > 0, channels % groups == 0 else {
        return Tensor(
            failure: GraphError(
                "\(groups) groups do not divide the \(x.dim(at)) channels of \(x.type)",
                place: PlaceScope.current?.description, remedy: "choose a number of groups that divides them"))
    }
    var grouped = x.shape
    grouped[at] = Dim(channels / groups)
    grouped.insert(Dim(groups), at: at)
    let axes = grouped.indices.filter { $0 != 0 && $0 != at }
    let normal = normalized(x.reshaped(to: grouped), axes: Array(axes), epsilon: epsilon).result
        .reshaped(to: x.shape)
    return normal * alongChannels(scale, of: x, axis: at) + alongChannels(offset, of: x, axis: at)
}

/// Every channel over all other axes to mean 0 and variance 1, then scaled and shifted; means and variances too.
func batchNorm(
    _ x: Tensor, scale: Tensor, offset: Tensor, axis: Int, epsilon: Double
) -> (result: Tensor, mean: Tensor, variance: Tensor) {
    let at = axis < 0 ? axis + x.rank : axis
    let batch = normalized(x, axes: x.shape.indices.filter { $0 != at }, epsilon: epsilon)
    let result = batch.result * alongChannels(scale, of: x, axis: at) + alongChannels(offset, of: x, axis: at)
    let channels = [x.dim(at)]
    return (result, batch.mean.reshaped(to: channels), batch.variance.reshaped(to: channels))
}

/// Every channel shifted and scaled by known means and variances.
func batchNorm(
    _ x: Tensor, scale: Tensor, offset: Tensor, mean: Tensor, variance: Tensor, axis: Int, epsilon: Double
) -> Tensor {
    let factor = scale * rsqrt(variance + epsilon)
    let shift = offset - mean * factor
    return x * alongChannels(factor, of: x, axis: axis) + alongChannels(shift, of: x, axis: axis)
}

/// `x` where it is positive, else `slope · x`.
func prelu(_ x: Tensor, _ slope: Tensor) -> Tensor { select(x .> 0, x, x * slope) }

/// Rows of a table: the product with one-hot rows; an index outside chooses zeros.
func embedding(_ table: Tensor, _ indices: Tensor) -> Tensor {
    guard let count = table.dim(0).constant else { return table }
    return matmul(indices.oneHot(classes: count, dtype: table.dtype), table)
}

/// `softmax(q kᵀ / √size) v` for q of [batch, heads, queries, size] and k, v of [batch, key heads, keys, size]; as many heads of
/// q share one of theirs as there are more.
func attention(_ q: Tensor, _ k: Tensor, _ v: Tensor, mask: Tensor?, causal: Bool) -> Tensor {
    for tensor in [q, k, v] where tensor.isFailed { return tensor }
    guard let heads = q.dim(1).constant, let shared = k.dim(1).constant, let size = q.dim(3).constant else {
        return .needsConstantAxis("attention", 1, q)
    }
    let apart = q.reshaped(to: [q.dim(0), Dim(shared), Dim(heads / shared), q.dim(2), Dim(size)])
    var scores = dot(
        apart * (1 / Double(size).squareRoot()), k, contracting: ([4], [3]), batch: ([0, 1], [0, 1]))
    if scores.isFailed { return scores }
    let hidden = Tensor.full(-1e30, TensorType(scores.dtype))
    if causal {
        let shape = [q.dim(2), k.dim(2)]
        scores = select(Tensor.iota(axis: 1, shape: shape) .<= Tensor.iota(axis: 0, shape: shape), scores, hidden)
    }
    if let mask {
        let isShared = mask.dim(1) == 1
        let spread = mask.reshaped(
            to: [mask.dim(0), isShared ? 1 : Dim(shared), isShared ? 1 : Dim(heads / shared), mask.dim(2), mask.dim(3)])
        scores = select(spread, scores, hidden)
    }
    return dot(softmax(scores), v, contracting: ([4], [2]), batch: ([0, 1], [0, 1]))
        .reshaped(to: [q.dim(0), q.dim(1), q.dim(2), v.dim(3)])
}

/// A body run once for each position of the first axis of sequences, from what it carries to what it carries on; outputs
/// are stacked along a new first axis.
func scan(
    _ initial: [Tensor], over sequences: [Tensor], reverse: Bool,
    body: (_ carries: [Tensor], _ elements: [Tensor]) -> (carries: [Tensor], outputs: [Tensor])
) -> (carries: [Tensor], outputs: [Tensor]) {
    guard let length = sequences.first?.dim(0).constant, length > 0 else {
        let failed = Tensor.needsConstantAxis("a recurrent layer", 1, sequences.first ?? initial[0])
        return (initial.map { _ in failed }, [failed])
    }
    var carries = initial
    var all: [[Tensor]] = []
    for step in reverse ? Array((0..<length).reversed()) : Array(0..<length) {
        let (new, outputs) = body(carries, sequences.map { $0[step] })
        carries = new
        all.append(outputs)
    }
    if reverse { all.reverse() }
    let outputs = (all.first ?? []).indices.map { at in stack(all.map { $0[at] }, axis: 0) }
    return (carries, outputs)
}
