import GraphIR
import GraphTracing
import HostTensors

let activationOperators: [OperatorDefinition] = [
    row("Celu", since: 12, ["alpha"]) { node in
        let (x, alpha) = (try node.x, node.float("alpha", 1))
        return maximum(x, 0) + minimum(alpha * expm1(minimum(x, 0) / alpha), 0)
    },
    row("Elu", ["alpha"]) { elu(try $0.x, alpha: $0.float("alpha", 1)) },
    row("Gelu", since: 20, ["approximate"]) { node in
        let kind = node.text("approximate", "none")
        guard ["none", "tanh"].contains(kind) else {
            throw node.failure("attribute 'approximate' is '\(kind)', expected none or tanh")
        }
        return Tensor.apply("gelu", [try node.x], ["approximate": .keyword(kind == "none" ? "exact" : "tanh")])
    },
    row("HardSigmoid", ["alpha", "beta"]) { node in
        let (x, alpha, beta) = (try node.x, node.float("alpha", 0.2), node.float("beta", 0.5))
        if abs(alpha - 1 / 6) < 1e-7, beta == 0.5, x.dtype.isFloat { return hardSigmoid(x) }
        return clip(x * alpha + beta, 0, 1)
    },
    row("HardSwish", since: 14) { hardSwish(try $0.x) },
    row("Hardmax", ["axis"]) { node in
        try node.alongAxis { x, axis in
            let largest = x.argmax(axis: axis).expanded(at: axis)
            return (Tensor.iota(axis: axis, shape: x.shape) .== largest).cast(to: x.dtype)
        }
    },
    row("LeakyRelu", ["alpha"]) { leakyRelu(try $0.x, slope: $0.float("alpha", 0.01)) },
    row("LogSoftmax", ["axis"]) { try $0.alongAxis { logSoftmax($0, axis: $1) } },
    row("Mish", since: 18) { mish(try $0.x) },
    row("PRelu") { node in
        let (x, slope) = (try node.x, try node.tensor(1))
        if x.dtype.isFloat, slope.rank <= x.rank, slope.shape == Array(x.shape.suffix(slope.rank)) {
            return prelu(x, slope)
        }
        return select(x .< 0, x * slope, x)
    },
    row("Relu") { node in
        let x = try node.x
        return x.dtype.isFloat ? relu(x) : maximum(x, 0)
    },
    row("Selu", ["alpha", "gamma"]) { node in
        let x = try node.x
        let (alpha, gamma) = (node.float("alpha", 1.673_263_2), node.float("gamma", 1.050_701))
        if abs(alpha - 1.673_263_2) < 1e-6, abs(gamma - 1.050_701) < 1e-6 { return selu(x) }
        return gamma * elu(x, alpha: alpha)
    },
    row("Shrink", since: 9, ["bias", "lambd"]) { node in
        let (x, bias, lambda) = (try node.x, node.float("bias", 0), node.float("lambd", 0.5))
        let zero = Tensor.scalar(0, dtype: x.dtype)
        if !x.dtype.isFloat { throw node.failure("\(x.type) has no floating-point elements") }
        return select(x .< -lambda, x + bias, select(x .> lambda, x - bias, zero))
    },
    row("Sigmoid") { sigmoid(try $0.x) },
    row("Softmax", ["axis"]) { try $0.alongAxis { softmax($0, axis: $1) } },
    row("Softplus") { softplus(try $0.x) },
    row("Softsign") { softsign(try $0.x) },
    row("Swish", since: 24, ["alpha"]) { node in
        let (x, alpha) = (try node.x, node.float("alpha", 1))
        return alpha == 1 ? silu(x) : x * sigmoid(alpha * x)
    },
    row("Tanh") { tanh(try $0.x) },
    row("ThresholdedRelu", since: 10, ["alpha"]) { node in
        let x = try node.x
        return select(x .> node.float("alpha", 1), x, Tensor.scalar(0, dtype: x.dtype))
    },
]

extension Node {
    /// What a function gives along the attribute `axis`. Before operator set 13 it goes along that axis and all behind it as one.
    fileprivate func alongAxis(_ function: (_ x: Tensor, _ axis: Int) -> Tensor) throws -> Tensor {
        let x = try x
        let axis = try axis(int("axis", opset < 13 ? 1 : -1), rank: x.rank)
        if opset >= 13 || x.shape[(axis + 1)...].allSatisfy({ $0 == 1 }) { return function(x, axis) }
        let rows = x.reshaped(to: x.shape[..<axis] + [Dim.product(x.shape[axis...])])
        return function(rows, axis).reshaped(to: x.shape)
    }
}
