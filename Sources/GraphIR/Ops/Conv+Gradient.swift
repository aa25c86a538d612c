import HostTensors

/// Both cotangents are convolutions again; those of a few groups are made group by group.
@Sendable
func convGradient(_ builder: inout FunctionBuilder, _ input: GradientInput) throws -> [ValueID?] {
    let (x, kernel) = (input.operand(0), input.operand(1))
    let geometry = try ConvGeometry(
        InferenceInput(
            opName: "conv", operands: [builder.type(x), builder.type(kernel)], attributes: input.op.attributes))
    let layout = geometry.layout
    if geometry.groups == 1 {
        return [
            input.wanted[0] ? try inputGradient(&builder, geometry, kernel, input.cotangent) : nil,
            input.wanted[1] ? try kernelGradient(&builder, geometry, x, input.cotangent) : nil,
        ]
    }
    if geometry.groups > 4 {
        return [
            input.wanted[0]
                ? try inputGradient(
                    &builder, geometry, try exchangedWithinGroups(&builder, geometry, kernel), input.cotangent) : nil,
            input.wanted[1] ? try groupedKernelGradient(&builder, geometry, x, input.cotangent) : nil,
        ]
    }
    var forInput: [ValueID] = []
    var forKernel: [ValueID] = []
    for group in 0..<geometry.groups {
        let xPart = try part(&builder, x, axis: layout.inputAxis("C"), group, of: geometry.groups)
        let kernelPart = try part(&builder, kernel, axis: layout.kernelAxis("O"), group, of: geometry.groups)
        let cotangent = try part(&builder, input.cotangent, axis: layout.resultAxis("C"), group, of: geometry.groups)
        var attributes = input.op.attributes
        attributes["groups"] = .int(1)
        let one = try ConvGeometry(
            InferenceInput(
                opName: "conv", operands: [builder.type(xPart), builder.type(kernelPart)], attributes: attributes))
        forInput.append(try inputGradient(&builder, one, kernelPart, cotangent))
        forKernel.append(try kernelGradient(&builder, one, xPart, cotangent))
    }
    return [
        try builder.concat(forInput, axis: layout.inputAxis("C")),
        try builder.concat(forKernel, axis: layout.kernelAxis("O")),
    ]
}

/// One of `groups` equal blocks along an axis.
private func part(
    _ builder: inout FunctionBuilder, _ value: ValueID, axis: Int, _ group: Int, of groups: Int
) throws -> ValueID {
    var sizes = builder.type(value).shape
    let size = (sizes[axis].constant ?? 0) / groups
    sizes[axis] = Dim(size)
    var starts = sizes.map { _ in 0 }
    starts[axis] = group * size
    return try builder.slice(value, starts: starts, sizes: sizes, strides: sizes.map { _ in 1 })
}

/// The cotangent, spread by the strides, convolved with the reversed kernel; what lies in the padding is cut off.
private func inputGradient(
    _ builder: inout FunctionBuilder, _ geometry: ConvGeometry, _ kernel: ValueID, _ cotangent: ValueID
) throws -> ValueID {
    let layout = geometry.layout
    let axes = layout.spatial.indices
    // Padding that makes the result exactly the spread input; negative where the forward padding exceeds the kernel.
    let padding = axes.map { axis -> [Int] in
        let reach = spreadSize(geometry.kernelSizes[axis], geometry.kernelDilation[axis])
        let low = reach - 1 - geometry.padding[axis][0]
        let covered = (geometry.resultSizes[axis] - 1) * geometry.strides[axis]
        let high =
            spreadSize(geometry.inputSizes[axis], geometry.inputDilation[axis]) - 1
            + geometry.padding[axis][0] - covered
        return [low, high]
    }
    let exact = padding.joined().allSatisfy { $0 >= 0 }
    let flipped = try builder.reverse(kernel, axes: axes.map { layout.kernelAxis(layout.spatial[$0]) }.sorted())
    let whole = try builder.conv(
        cotangent, flipped, layout: layout.forInputGradient,
        strides: exact ? geometry.inputDilation : axes.map { _ in 1 },
        padding: padding.map { $0.map { max($0, 0) } }, inputDilation: geometry.strides,
        kernelDilation: geometry.kernelDilation, groups: geometry.groups)
    if exact { return whole }
    var starts = layout.input.map { _ in 0 }
    var strides = layout.input.map { _ in 1 }
    for axis in axes {
        let place = layout.inputAxis(layout.spatial[axis])
        starts[place] = max(-padding[axis][0], 0)
        strides[place] = geometry.inputDilation[axis]
    }
    return try builder.slice(whole, starts: starts, sizes: geometry.inputType.shape, strides: strides)
}

/// The input convolved with the cotangent as kernel: batch and channels change places through the layout's letters.
private func kernelGradient(
    _ builder: inout FunctionBuilder, _ geometry: ConvGeometry, _ x: ValueID, _ cotangent: ValueID
) throws -> ValueID {
    let layout = geometry.layout
    let padding = layout.spatial.indices.map { axis -> [Int] in
        let (low, high) = (geometry.padding[axis][0], geometry.padding[axis][1])
        let padded = low + spreadSize(geometry.inputSizes[axis], geometry.inputDilation[axis]) + high
        let reach = spreadSize(geometry.kernelSizes[axis], geometry.kernelDilation[axis])
        let unread = (padded - reach) % geometry.strides[axis]
        return [low, max(high - unread, 0)]
    }
    let whole = try builder.conv(
        x, cotangent, layout: layout.forKernelGradient, strides: geometry.kernelDilation, padding: padding,
        inputDilation: geometry.inputDilation, kernelDilation: geometry.strides)
    let shape = geometry.kernelType.shape
    if builder.type(whole).shape == shape { return whole }
    return try builder.slice(
        whole, starts: shape.map { _ in 0 }, sizes: shape, strides: shape.map { _ in 1 })
}
