import HostTensors

// The cotangents of a convolution in many groups. For the input it is a convolution in as many groups again; for the kernel, of which
// each tap meets every place of the result once, a product for each tap.

/// The kernel with the channels of input and result exchanged within each group: axis I has all input channels, O those of a group's
/// results.
func exchangedWithinGroups(
    _ builder: inout FunctionBuilder, _ geometry: ConvGeometry, _ kernel: ValueID
) throws -> ValueID {
    let (inputs, results) = (geometry.layout.kernelAxis("I"), geometry.layout.kernelAxis("O"))
    let groups = Dim(geometry.groups)
    let shape = geometry.kernelType.shape
    var split = shape
    split[results] = geometry.resultsPerGroup
    var merged = split
    merged[inputs] = shape[inputs] * groups
    split.insert(groups, at: results)
    var order = split.indices.filter { $0 != results }
    order.insert(results, at: order.firstIndex(of: inputs < results ? inputs : inputs + 1) ?? 0)
    let parts = try builder.reshape(kernel, split)
    return try builder.reshape(try builder.permuted(parts, order), merged)
}

/// The kernel's cotangent: for each tap, the input elements it meets times the result's cotangents, summed over batch and places.
func groupedKernelGradient(
    _ builder: inout FunctionBuilder, _ geometry: ConvGeometry, _ x: ValueID, _ cotangent: ValueID
) throws -> ValueID {
    let layout = geometry.layout
    let padded = try paddedInput(&builder, geometry, x)
    let count = geometry.kernelSizes.reduce(1, *)
    let parts = try (0..<count).map { tap in
        let met = try elements(&builder, geometry, padded, metBy: tap)
        let sums = try sumsOfProducts(&builder, geometry, met, cotangent)
        return try builder.reshape(sums, [1] + builder.type(sums).shape)
    }
    let taps = geometry.kernelSizes.map { Dim($0) }
    let channels = Array(builder.type(parts[0]).shape.dropFirst())
    let all = try builder.reshape(try builder.concat(parts, axis: 0), taps + channels)
    let order = layout.kernel.flatMap { letter -> [Int] in
        switch letter {
        case "I": [taps.count + 1]
        case "O": [taps.count, taps.count + 2]
        default: [layout.spatial.firstIndex(of: letter) ?? 0]
        }
    }
    return try builder.reshape(try builder.permuted(all, order), geometry.kernelType.shape)
}

/// The input with its dilation and padding in place.
private func paddedInput(
    _ builder: inout FunctionBuilder, _ geometry: ConvGeometry, _ x: ValueID
) throws -> ValueID {
    let none = geometry.inputType.shape.map { _ in 0 }
    var (low, high, interior) = (none, none, none)
    for (axis, letter) in geometry.layout.spatial.enumerated() {
        let place = geometry.layout.inputAxis(letter)
        (low[place], high[place]) = (geometry.padding[axis][0], geometry.padding[axis][1])
        interior[place] = geometry.inputDilation[axis] - 1
    }
    if (low + high + interior).allSatisfy({ $0 == 0 }) { return x }
    let zero = try builder.scalar(0, geometry.inputType.dtype)
    return try builder.pad(x, value: zero, low: low, high: high, interior: interior)
}

/// What one tap of the kernel (counted row by row) meets for each place of the result, in the order of the result's axes.
private func elements(
    _ builder: inout FunctionBuilder, _ geometry: ConvGeometry, _ padded: ValueID, metBy tap: Int
) throws -> ValueID {
    let layout = geometry.layout
    var starts = layout.input.map { _ in 0 }
    var strides = layout.input.map { _ in 1 }
    var sizes = builder.type(padded).shape
    var rest = tap
    for (axis, letter) in layout.spatial.enumerated().reversed() {
        let place = layout.inputAxis(letter)
        starts[place] = rest % geometry.kernelSizes[axis] * geometry.kernelDilation[axis]
        strides[place] = geometry.strides[axis]
        sizes[place] = Dim(geometry.resultSizes[axis])
        rest /= geometry.kernelSizes[axis]
    }
    let met = try builder.slice(padded, starts: starts, sizes: sizes, strides: strides)
    return try builder.permuted(met, layout.result.map { layout.inputAxis($0) })
}

/// Σ x · c over batch and places: [groups, input channels, result channels] of a group.
private func sumsOfProducts(
    _ builder: inout FunctionBuilder, _ geometry: ConvGeometry, _ x: ValueID, _ cotangent: ValueID
) throws -> ValueID {
    let layout = geometry.layout
    let channels = layout.resultAxis("C")
    let others = layout.result.indices.filter { $0 != channels }
    let groups = Dim(geometry.groups)
    let inputs = geometry.kernelType.shape[layout.kernelAxis("I")]
    let results = geometry.resultsPerGroup
    if inputs == 1, results == 1 {
        let sums = try builder.reduce("sum", try builder.mul(x, cotangent), axes: others)
        return try builder.reshape(sums, [groups, 1, 1])
    }
    func grouped(_ value: ValueID, _ size: Dim) throws -> ValueID {
        var shape = builder.type(value).shape
        shape.replaceSubrange(channels...channels, with: [groups, size])
        return try builder.reshape(value, shape)
    }
    let (left, right) = (try grouped(x, inputs), try grouped(cotangent, results))
    let summed = others.map { $0 < channels ? $0 : $0 + 1 }
    return try builder.dot(left, right, contract: (summed, summed), batch: ([channels], [channels]))
}

extension ConvGeometry {
    /// The result channels of each group.
    fileprivate var resultsPerGroup: Dim {
        kernelType.shape[layout.kernelAxis("O")].dividedExactly(by: Dim(groups)) ?? 1
    }
}

extension FunctionBuilder {
    /// The axes in another order; the value itself where the order is the same.
    fileprivate mutating func permuted(_ value: ValueID, _ order: [Int]) throws -> ValueID {
        order == Array(order.indices) ? value : try transpose(value, order)
    }
}
