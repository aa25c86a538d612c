import HostTensors

/// The primitives by name, for gradient rules, bodies and passes. Operands must agree in dtype and shape;
/// nothing is broadcast silently.
extension FunctionBuilder {
    /// A constant tensor.
    public mutating func constant(_ value: HostTensor) throws -> ValueID {
        try emit1("constant", attributes: ["value": .tensor(value)])
    }
    /// A rank-0 constant of a dtype.
    public mutating func scalar(_ value: Double, _ dtype: DType) throws -> ValueID {
        try constant(HostTensor(scalar: value).converted(to: dtype))
    }
    /// A tensor of a type, every element `value`.
    public mutating func splat(_ value: Double, _ type: TensorType) throws -> ValueID {
        let scalar = try scalar(value, type.dtype)
        return type.rank == 0 ? scalar : try broadcast(scalar, axes: [], shape: type.shape)
    }
    /// `splat` of the type of another value.
    public mutating func splat(_ value: Double, like other: ValueID) throws -> ValueID {
        try splat(value, type(other))
    }
    /// Positions along an axis: element (…, i, …) is i.
    public mutating func iota(axis: Int, shape: [Dim], dtype: DType) throws -> ValueID {
        try emit1("iota", attributes: ["axis": .int(axis), "shape": .dims(shape), "dtype": .dtype(dtype)])
    }
    /// Uniform f32 numbers in [0, 1) from (seed : i64[], stream, step : i64[]).
    public mutating func random(seed: ValueID, step: ValueID, stream: Int, shape: [Dim]) throws -> ValueID {
        try emit1("random", seed, step, attributes: ["stream": .int(stream), "shape": .dims(shape)])
    }
    /// Any elementwise unary primitive.
    public mutating func unary(_ name: String, _ x: ValueID) throws -> ValueID { try emit1(name, x) }
    /// Any elementwise binary primitive.
    public mutating func binary(_ name: String, _ x: ValueID, _ y: ValueID) throws -> ValueID { try emit1(name, x, y) }
    /// `x + y`.
    public mutating func add(_ x: ValueID, _ y: ValueID) throws -> ValueID { try emit1("add", x, y) }
    /// `x - y`.
    public mutating func sub(_ x: ValueID, _ y: ValueID) throws -> ValueID { try emit1("sub", x, y) }
    /// `x · y`.
    public mutating func mul(_ x: ValueID, _ y: ValueID) throws -> ValueID { try emit1("mul", x, y) }
    /// `x / y`.
    public mutating func div(_ x: ValueID, _ y: ValueID) throws -> ValueID { try emit1("div", x, y) }
    /// `-x`.
    public mutating func neg(_ x: ValueID) throws -> ValueID { try emit1("neg", x) }
    /// `x · constant`.
    public mutating func scaled(_ x: ValueID, by factor: Double) throws -> ValueID {
        try mul(x, splat(factor, like: x))
    }
    /// Elementwise comparison; direction is `equal notEqual less lessEqual greater greaterEqual`.
    public mutating func compare(_ direction: String, _ x: ValueID, _ y: ValueID) throws -> ValueID {
        try emit1("compare", x, y, attributes: ["direction": .keyword(direction)])
    }
    /// `condition ? x : y`, elementwise; `condition` is bool of the same shape.
    public mutating func select(_ condition: ValueID, _ x: ValueID, _ y: ValueID) throws -> ValueID {
        try emit1("select", condition, x, y)
    }
    /// Conversion to another dtype.
    public mutating func cast(_ x: ValueID, to dtype: DType) throws -> ValueID {
        type(x).dtype == dtype ? x : try emit1("cast", x, attributes: ["to": .dtype(dtype)])
    }
    /// Repeats `x`: axis i of `x` becomes axis `axes[i]` of `shape` (sizes equal); other axes are new.
    public mutating func broadcast(_ x: ValueID, axes: [Int], shape: [Dim]) throws -> ValueID {
        try emit1("broadcast", x, attributes: ["axes": .ints(axes), "shape": .dims(shape)])
    }
    /// The same elements in row-major order under another shape.
    public mutating func reshape(_ x: ValueID, _ shape: [Dim]) throws -> ValueID {
        type(x).shape == shape ? x : try emit1("reshape", x, attributes: ["shape": .dims(shape)])
    }
    /// Axis i of the result is axis `permutation[i]` of `x`.
    public mutating func transpose(_ x: ValueID, _ permutation: [Int]) throws -> ValueID {
        try emit1("transpose", x, attributes: ["permutation": .ints(permutation)])
    }
    /// The block that begins at `starts`, of `sizes`, taking every `strides`-th element.
    public mutating func slice(_ x: ValueID, starts: [Int], sizes: [Dim], strides: [Int]) throws -> ValueID {
        try emit1("slice", x, attributes: ["starts": .ints(starts), "sizes": .dims(sizes), "strides": .ints(strides)])
    }
    /// `x` with `low` and `high` elements of `value` (rank 0) around and `interior` between; low and high ≥ 0.
    public mutating func pad(
        _ x: ValueID, value: ValueID, low: [Int], high: [Int], interior: [Int]
    ) throws -> ValueID {
        try emit1("pad", x, value, attributes: ["low": .ints(low), "high": .ints(high), "interior": .ints(interior)])
    }
    /// Operands one after another along an axis.
    public mutating func concat(_ parts: [ValueID], axis: Int) throws -> ValueID {
        try emit("concat", parts, ["axis": .int(axis)])[0]
    }
    /// Reversed order along axes.
    public mutating func reverse(_ x: ValueID, axes: [Int]) throws -> ValueID {
        try emit1("reverse", x, attributes: ["axes": .ints(axes)])
    }
    /// Elements of `x` at positions along an axis; the first `batch` axes of `x` and `indices` go together.
    public mutating func gather(_ x: ValueID, _ indices: ValueID, axis: Int, batch: Int = 0) throws -> ValueID {
        try emit1("gather", x, indices, attributes: ["axis": .int(axis), "batch": .int(batch)])
    }
    /// `x` with `updates` added at positions along an axis: what `gather` reads, in reverse.
    public mutating func scatter(
        _ x: ValueID, _ indices: ValueID, _ updates: ValueID, axis: Int, batch: Int = 0
    ) throws -> ValueID {
        try emit1("scatter", x, indices, updates, attributes: ["axis": .int(axis), "batch": .int(batch)])
    }
    /// The block of `sizes` that begins where the elements of `starts` say.
    public mutating func dynamicSlice(_ x: ValueID, starts: ValueID, sizes: [Dim]) throws -> ValueID {
        try emit1("dynamicSlice", x, starts, attributes: ["sizes": .dims(sizes)])
    }
    /// `x` with `update` in place of the block that begins where the elements of `starts` say.
    public mutating func dynamicUpdateSlice(_ x: ValueID, _ update: ValueID, starts: ValueID) throws -> ValueID {
        try emit1("dynamicUpdateSlice", x, update, starts)
    }
    /// Reduction over axes, which disappear; kind is `sum prod max min and or`.
    public mutating func reduce(_ kind: String, _ x: ValueID, axes: [Int]) throws -> ValueID {
        try emit1("reduce", x, attributes: ["kind": .keyword(kind), "axes": .ints(axes)])
    }
    /// Running combination along an axis; kind is `sum prod max min`.
    public mutating func cumulative(
        _ kind: String, _ x: ValueID, axis: Int, exclusive: Bool = false, reverse: Bool = false
    ) throws -> ValueID {
        try emit1(
            "cumulative", x,
            attributes: [
                "kind": .keyword(kind), "axis": .int(axis), "exclusive": .bool(exclusive), "reverse": .bool(reverse),
            ])
    }
    /// Position (i32) of the first largest or smallest element along an axis, which disappears; kind is `max min`.
    public mutating func argreduce(_ kind: String, _ x: ValueID, axis: Int) throws -> ValueID {
        try emit1("argreduce", x, attributes: ["kind": .keyword(kind), "axis": .int(axis)])
    }
    /// Sum of products over contracted axes; result axes: batch, then free axes of `x`, then of `y`.
    public mutating func dot(
        _ x: ValueID, _ y: ValueID, contract: ([Int], [Int]), batch: ([Int], [Int]) = ([], [])
    ) throws -> ValueID {
        try emit1(
            "dot", x, y,
            attributes: [
                "contract": .intLists([contract.0, contract.1]), "batch": .intLists([batch.0, batch.1]),
            ])
    }
    /// Cross-correlation. `layout` says the axes of input, kernel and result: `NHWC,HWIO,NHWC` or `NCHW,OIHW,NCHW` or any
    /// permutation; `padding` is [low, high] a spatial axis; `inputDilation` spreads the input (for gradients).
    public mutating func conv(
        _ x: ValueID, _ kernel: ValueID, layout: String, strides: [Int], padding: [[Int]],
        inputDilation: [Int]? = nil, kernelDilation: [Int]? = nil, groups: Int = 1
    ) throws -> ValueID {
        try emit1(
            "conv", x, kernel,
            attributes: [
                "layout": .string(layout), "strides": .ints(strides), "padding": .intLists(padding),
                "inputDilation": .ints(inputDilation ?? strides.map { _ in 1 }),
                "kernelDilation": .ints(kernelDilation ?? strides.map { _ in 1 }), "groups": .int(groups),
            ])
    }
    /// Reduction of every window; one entry an axis of `x`; padding counts as the reduction's neutral element; kind is `sum max min`.
    public mutating func reduceWindow(
        _ kind: String, _ x: ValueID, window: [Int], strides: [Int], padding: [[Int]]
    ) throws -> ValueID {
        try emit1(
            "reduceWindow", x,
            attributes: [
                "kind": .keyword(kind), "window": .ints(window), "strides": .ints(strides),
                "padding": .intLists(padding),
            ])
    }
    /// Gradient of `reduceWindow`: adds each `cotangent` element to the window's first maximum of `x` (kind `max`), its first
    /// minimum (`min`) or to all its elements (`sum`); result has the type of `x`.
    public mutating func windowScatter(
        _ kind: String, _ x: ValueID, cotangent: ValueID, window: [Int], strides: [Int], padding: [[Int]]
    ) throws -> ValueID {
        try emit1(
            "windowScatter", x, cotangent,
            attributes: [
                "kind": .keyword(kind), "window": .ints(window), "strides": .ints(strides),
                "padding": .intLists(padding),
            ])
    }
}
