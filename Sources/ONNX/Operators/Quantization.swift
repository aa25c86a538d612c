import GraphIR
import GraphTracing
import HostTensors

/// Numbers as whole numbers of 8 or 16 bits: x ≈ scale · (q - zero point).
let quantizationOperators: [OperatorDefinition] = [
    row("ConvInteger", since: 10, Windows.attributes + ["group"], limits: "spatial sizes must be numbers") { node in
        let x = try node.shifted(0, zeroPoint: 2, axis: 1)
        return try node.convolution(x, try node.shifted(1, zeroPoint: 3, axis: 0))
    },
    row("DequantizeLinear", since: 10, ["axis", "block_size", "output_dtype"], limits: quantizationLimits) { node in
        let (x, given) = (try node.x, try node.tensor(1))
        let dtype = try node.dtype("output_dtype") ?? given.dtype
        let scale = try node.spread(given.cast(to: .f32), over: x)
        guard let zero = try node.optional(2).map({ try node.spread($0.tensor, over: x) }) else {
            return (x.cast(to: .f32) * scale).cast(to: dtype)
        }
        return ((x.cast(to: .f32) - zero.cast(to: .f32)) * scale).cast(to: dtype)
    },
    rows("DynamicQuantizeLinear", since: 11) { node in
        let x = try node.x
        let (low, high) = (minimum(x.min(), 0), maximum(x.max(), 0))
        let scale = (high - low) / 255
        // All zeros are quantized with any scale.
        let factor = select(scale .== 0, .scalar(1), scale)
        let zero = round(clip(-low / factor, 0, 255))
        return [(round(x / factor) + zero).cast(to: .u8), scale, zero.cast(to: .u8)]
    },
    row("MatMulInteger", since: 10) { node in
        let x = try node.shifted(0, zeroPoint: 2, axis: -2)
        return try product(x, try node.shifted(1, zeroPoint: 3, axis: -1))
    },
    row("QLinearConv", since: 10, Windows.attributes + ["group"], limits: "spatial sizes must be numbers") { node in
        let x = try node.shifted(0, zeroPoint: 2, axis: 1)
        var sums = try node.convolution(x, try node.shifted(3, zeroPoint: 5, axis: 0))
        if let bias = node.optional(8)?.tensor { sums = sums + Node.along(bias, axis: 1, rank: sums.rank) }
        let scale = try node.tensor(1) * (try node.tensor(4)) / (try node.tensor(6))
        return try node.requantized(sums, by: Node.along(scale, axis: 1, rank: sums.rank), zeroPoint: 7)
    },
    row("QLinearMatMul", since: 10) { node in
        let x = try node.shifted(0, zeroPoint: 2, axis: -2)
        let sums = try product(x, try node.shifted(3, zeroPoint: 5, axis: -1))
        let (left, right) = (try node.tensor(1), try node.tensor(4))
        let factors = Node.along(left, axis: -2, rank: sums.rank) * Node.along(right, axis: -1, rank: sums.rank)
        return try node.requantized(sums, by: factors / (try node.tensor(6)), zeroPoint: 7)
    },
    row(
        "QuantizeLinear", since: 10, ["axis", "block_size", "output_dtype", "precision", "saturate"],
        limits: quantizationLimits
    ) { node in
        let x = try node.x
        let scale = try node.spread(try node.tensor(1).cast(to: .f32), over: x)
        let zero = try node.optional(2).map { try node.spread($0.tensor, over: x) }
        let dtype = try zero?.dtype ?? node.dtype("output_dtype") ?? .u8
        guard dtype.isInteger else { throw node.failure("\(dtype) as the type of the result is not supported") }
        let whole = round(x.cast(to: .f32) / scale)
        return (zero.map { whole + $0.cast(to: .f32) } ?? whole).cast(to: dtype)
    },
]

private let quantizationLimits = "types of less than 8 bits, and floats of 8"

extension Node {
    /// Input number `at` less its zero point, as i32. A zero point of one number an axis goes along that one.
    fileprivate func shifted(_ at: Int, zeroPoint: Int, axis: Int) throws -> Tensor {
        let x = try tensor(at).cast(to: .i32)
        guard let zero = optional(zeroPoint) else { return x }
        if zero.constant?.doubles().allSatisfy({ $0 == 0 }) == true { return x }
        return x - Self.along(zero.tensor, axis: axis, rank: x.rank).cast(to: .i32)
    }

    /// Sums of products of whole numbers, as numbers of the type of a zero point.
    fileprivate func requantized(_ sums: Tensor, by factor: Tensor, zeroPoint: Int) throws -> Tensor {
        let zero = try tensor(zeroPoint)
        let whole = round(sums.cast(to: .f32) * factor.cast(to: .f32))
        return (whole + zero.cast(to: .f32)).cast(to: zero.dtype)
    }

    /// One number, or one for each position of an axis, in the shape that goes with tensors of that rank.
    fileprivate static func along(_ numbers: Tensor, axis: Int, rank: Int) -> Tensor {
        if numbers.rank != 1 { return numbers }
        if numbers.dim(0) == 1 { return numbers.reshaped(to: []) }
        let at = axis < 0 ? axis + rank : axis
        return numbers.reshaped(to: (0..<rank).map { $0 == at ? numbers.dim(0) : 1 })
    }

    /// A scale or zero point for each element of `x`: one number for all, one for each position of an axis, or one a block of it.
    fileprivate func spread(_ numbers: Tensor, over x: Tensor) throws -> Tensor {
        if numbers.rank == 0 || numbers.count == 1 { return numbers.reshaped(to: []) }
        let axis = try axis(int("axis", 1), rank: x.rank)
        if numbers.rank == 1 { return Self.along(numbers, axis: axis, rank: x.rank) }
        let size = int("block_size", 0)
        let isEnough = (numbers.shape.indices.contains(axis) ? numbers.shape[axis] : 0).constant.flatMap { count in
            x.shape[axis].constant.map { (count - 1) * size < $0 && $0 <= count * size }
        }
        guard size >= 1, numbers.rank == x.rank, isEnough == true else {
            throw failure("scales or zero points of \(numbers.type) do not go with \(x.type) in blocks of \(size)")
        }
        // The last block may be shorter.
        let whole = numbers.repeated(size, axis: axis)
        guard whole.shape[axis] != x.shape[axis] else { return whole }
        return Tensor.apply(
            "slice", [whole],
            [
                "starts": .ints(x.shape.map { _ in 0 }), "sizes": .dims(x.shape),
                "strides": .ints(x.shape.map { _ in 1 }),
            ])
    }
}
