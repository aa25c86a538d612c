import HostTensors

func evaluateConv(_ input: EvaluationInput) throws -> HostTensor {
    let types = input.operands.map { TensorType($0.dtype, $0.shape.map { Dim($0) }) }
    let geometry = try ConvGeometry(
        InferenceInput(opName: "conv", operands: types, attributes: input.attributes))
    return try input.operands[0].dtype.accumulate(Convolution(input: input, geometry: geometry))
}

/// Patches of the input become rows of a matrix, which is multiplied with the kernel as a matrix, image by image.
private struct Convolution: AccumulatorVisitor {
    let input: EvaluationInput
    let geometry: ConvGeometry

    func visit<Number: Accumulator>(_ type: Number.Type) throws -> HostTensor {
        let layout = geometry.layout
        let x = canonical(input.operands[0], layout.input, order: ["N"] + layout.spatial + ["C"], Number.dtype)
        let kernel = canonical(input.operands[1], layout.kernel, order: layout.spatial + ["I", "O"], Number.dtype)
        let order = ["N"] + layout.spatial + ["C"]
        let shape = try input.constantShape()
        var results = HostTensor(
            zeros: order.map { shape[layout.resultAxis($0)] }, dtype: Number.dtype)
        try x.withScalars(as: Number.self) { x in
            try kernel.withScalars(as: Number.self) { kernel in
                try results.withMutableScalars(as: Number.self) { results in
                    convolve(x, kernel, into: results)
                }
            }
        }
        return restored(results, order: order, shape: shape)
    }

    private func convolve<Number: Accumulator>(
        _ x: UnsafeBufferPointer<Number>, _ kernel: UnsafeBufferPointer<Number>,
        into results: UnsafeMutableBufferPointer<Number>
    ) {
        guard let target = results.baseAddress, let x = x.baseAddress, !kernel.isEmpty else { return }
        let taps = Taps(geometry)
        let channels = taps.channels / geometry.groups
        let resultChannels = results.count / max(taps.images * taps.positions, 1)
        let columns = resultChannels / geometry.groups
        let depth = taps.count * channels
        // Patches are gathered for a block of positions, so that the matrix stays small.
        let blockSize = max(1, min(taps.positions, (1 << 18) / max(depth, 1)))
        var patches = [Number](repeating: .zero, count: blockSize * depth)
        var products = [Number](repeating: .zero, count: blockSize * columns)
        for group in 0..<geometry.groups {
            let weights = groupWeights(kernel, rows: depth, group: group, columns: columns, of: resultChannels)
            for image in 0..<taps.images {
                let base = x + image * taps.imageSize + group * channels
                for start in stride(from: 0, to: taps.positions, by: blockSize) {
                    let rows = min(blockSize, taps.positions - start)
                    taps.gather(base, positions: start..<start + rows, channels: channels, into: &patches)
                    for index in 0..<rows * columns { products[index] = .zero }
                    products.withUnsafeMutableBufferPointer { products in
                        patches.withUnsafeBufferPointer { patches in
                            weights.withUnsafeBufferPointer { weights in
                                guard let patches = patches.baseAddress, let weights = weights.baseAddress,
                                    let products = products.baseAddress
                                else { return }
                                addProduct(
                                    patches, weights, to: products, rows: rows, columns: columns, depth: depth)
                            }
                        }
                    }
                    for row in 0..<rows {
                        let place = (image * taps.positions + start + row) * resultChannels + group * columns
                        for column in 0..<columns { target[place + column] = products[row * columns + column] }
                    }
                }
            }
        }
    }

    /// The kernel columns of one group, as a matrix of their own.
    private func groupWeights<Number: Accumulator>(
        _ kernel: UnsafeBufferPointer<Number>, rows: Int, group: Int, columns: Int, of total: Int
    ) -> [Number] {
        if geometry.groups == 1 { return Array(kernel) }
        var weights: [Number] = []
        weights.reserveCapacity(rows * columns)
        for row in 0..<rows {
            for column in 0..<columns { weights.append(kernel[row * total + group * columns + column]) }
        }
        return weights
    }

    private func canonical(
        _ x: HostTensor, _ letters: [Character], order: [Character], _ dtype: DType
    ) -> HostTensor {
        let converted = x.converted(to: dtype)
        if order == letters { return converted }
        let axes = order.map { letters.firstIndex(of: $0) ?? 0 }
        let strides = rowMajorStrides(x.shape)
        var result = HostTensor(zeros: axes.map { x.shape[$0] }, dtype: dtype)
        let target = StridedBlock(strides: rowMajorStrides(result.shape))
        copyBlock(result.shape, from: converted, StridedBlock(strides: axes.map { strides[$0] }), to: &result, target)
        return result
    }

    private func restored(_ results: HostTensor, order: [Character], shape: [Int]) -> HostTensor {
        let converted = results.converted(to: input.operands[0].dtype)
        if order == geometry.layout.result { return converted }
        let strides = rowMajorStrides(results.shape)
        let axes = geometry.layout.result.map { order.firstIndex(of: $0) ?? 0 }
        var result = HostTensor(zeros: shape, dtype: converted.dtype)
        let target = StridedBlock(strides: rowMajorStrides(shape))
        copyBlock(shape, from: converted, StridedBlock(strides: axes.map { strides[$0] }), to: &result, target)
        return result
    }
}

/// For every result position and kernel tap, where the input element lies within one image (channels last).
private struct Taps {
    let images: Int
    let imageSize: Int
    let channels: Int
    /// Result positions of one image.
    let positions: Int
    /// Kernel taps.
    let count: Int
    /// Element offset of each (position, tap) in an image, -1 in the padding or between spread elements.
    private let offsets: [Int]

    init(_ geometry: ConvGeometry) {
        let layout = geometry.layout
        images = geometry.inputType.shape[layout.inputAxis("N")].constant ?? 0
        channels = geometry.inputType.shape[layout.inputAxis("C")].constant ?? 0
        imageSize = geometry.inputSizes.reduce(1, *) * channels
        positions = geometry.resultSizes.reduce(1, *)
        count = geometry.kernelSizes.reduce(1, *)
        // Pixel index by (position, tap), built axis by axis.
        var pixels = [[0]]
        for axis in layout.spatial.indices {
            let along = (0..<geometry.resultSizes[axis]).map { position in
                (0..<geometry.kernelSizes[axis]).map { tap -> Int in
                    let spread =
                        position * geometry.strides[axis] + tap * geometry.kernelDilation[axis]
                        - geometry.padding[axis][0]
                    let dilation = geometry.inputDilation[axis]
                    guard spread >= 0, spread % dilation == 0 else { return -1 }
                    return spread / dilation < geometry.inputSizes[axis] ? spread / dilation : -1
                }
            }
            let size = geometry.inputSizes[axis]
            pixels = pixels.flatMap { outer in
                along.map { inner in
                    outer.flatMap { high in inner.map { high < 0 || $0 < 0 ? -1 : high * size + $0 } }
                }
            }
        }
        let channelCount = channels
        offsets = pixels.flatMap { $0.map { $0 < 0 ? -1 : $0 * channelCount } }
    }

    /// Writes one row of `count · channels` elements for each position.
    func gather<Number: Accumulator>(
        _ image: UnsafePointer<Number>, positions: Range<Int>, channels: Int, into patches: inout [Number]
    ) {
        offsets.withUnsafeBufferPointer { offsets in
            patches.withUnsafeMutableBufferPointer { patches in
                var place = 0
                for index in positions.lowerBound * count..<positions.upperBound * count {
                    let offset = offsets[index]
                    if offset < 0 {
                        for channel in 0..<channels { patches[place + channel] = .zero }
                    } else {
                        for channel in 0..<channels { patches[place + channel] = image[offset + channel] }
                    }
                    place += channels
                }
            }
        }
    }
}
