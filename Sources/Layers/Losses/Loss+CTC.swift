import GraphIR
import GraphTracing
import HostTensors

extension Loss {
    /// Connectionist temporal classification (Graves et al., 2006): the negative log-likelihood of a label sequence under
    /// all ways to stretch it over the time steps, with blanks between.
    ///
    /// Outputs are logits [B, time, classes] of a constant time, class 0 the blank. Labels are `i32[B, length]`, padded
    /// with 0 at the end. An example whose labels do not fit into the time costs about 10³⁰.
    public static let ctc = builtIn(
        "ctc", labels: { TensorType(.i32, Array($0.shape.prefix(2))) },
        measure: { logits, labels in
            if logits.isFailed || labels.isFailed { return logits.isFailed ? logits : labels }
            guard logits.rank == 3, labels.rank == 2, let time = logits.shape[1].constant, time > 0,
                let classes = logits.shape[2].constant, let length = labels.shape[1].constant
            else {
                return Tensor(
                    failure: GraphError(
                        "ctc needs logits [B, time, classes] with constant time and classes and labels [B, length], got "
                            + "\(logits.type) and \(labels.type)", place: PlaceScope.current?.description,
                        remedy: "reshape the outputs; the label 0 stands for no label"))
            }
            return CTC(logits: logits, labels: labels, time: time, classes: classes, length: length).loss()
        })
}

/// The forward recursion in logarithms over the labels with a blank before, between and after them.
private struct CTC {
    let logits: Tensor
    let labels: Tensor
    let time: Int
    let classes: Int
    let length: Int
    /// Stands for the logarithm of 0; finite, so that differences are never NaN.
    private let never = -1e30

    func loss() -> Tensor {
        let batch = logits.dim(0)
        let states = 2 * length + 1
        // blank, label, blank, label, …, blank
        let blank = Tensor.zeros(TensorType(labels.dtype, [batch, Dim(length)]))
        let pairs = stack([blank, labels], axis: 2).reshaped(to: [batch, Dim(2 * length)])
        let extended = concat([pairs, Tensor.zeros(TensorType(labels.dtype, [batch, 1]))], axis: 1)
        let chosen = extended.oneHot(classes: classes, dtype: logits.dtype)
        // [batch, time, states]
        let logs = dot(logSoftmax(logits), chosen, contracting: ([2], [2]), batch: ([0], [0]))

        let positions = Tensor.iota(axis: 1, shape: [batch, Dim(states)])
        let impossible = Tensor.full(never, TensorType(logits.dtype, [batch, Dim(states)]))
        let maySkip = (extended .!= 0) .& (extended .!= shifted(extended, by: 2, with: 0))
        var alpha = select(positions .<= 1, at(0, of: logs), impossible)
        for step in 1..<max(time, 1) {
            let skipped = select(maySkip, shifted(alpha, by: 2, with: never), impossible)
            alpha = logSumExp([alpha, shifted(alpha, by: 1, with: never), skipped]) + at(step, of: logs)
        }
        // The sequence ends in its last label or in the blank behind it.
        let lengths = (labels .!= 0).cast(to: .i32).sum(axes: [1]).expanded(at: 1)
        let isEnd = (positions .== lengths * 2) .| (positions .== lengths * 2 - 1)
        let ends = select(isEnd, alpha, impossible)
        let largest = ends.max(axes: [1], keepDims: true)
        return -(log(exp(ends - largest).sum(axes: [1])) + largest.reshaped(to: [batch]))
    }

    private func at(_ step: Int, of logs: Tensor) -> Tensor { logs[AxisSelection.all, step] }

    /// Each position takes the value `count` places before it.
    private func shifted(_ x: Tensor, by count: Int, with value: Double) -> Tensor {
        let size = 2 * length + 1
        if count >= size { return Tensor.full(value, x.type) }
        return x[AxisSelection.all, 0..<(size - count)].padded(low: [0, count], high: [0, 0], with: value)
    }

    private func logSumExp(_ parts: [Tensor]) -> Tensor {
        let largest = parts.dropFirst().reduce(parts[0]) { maximum($0, $1) }
        let sum = parts.map { exp($0 - largest) }
        return log(sum.dropFirst().reduce(sum[0]) { $0 + $1 }) + largest
    }
}
