import GraphIR

/// The gradient of a convolution by its input, used forward: every element of `x` adds a kernel to the result.
///
/// Kernels are [taps…, outputs, inputs], or [inputs, outputs, taps…] with channels first; their elements lie `dilation` apart.
/// Without padding the result has (size - 1) · stride + reach elements along an axis, at least size · stride, where the kernel
/// reaches over (taps - 1) · dilation + 1; with `same` size · stride. Inputs and outputs divide into `groups` that do not mix:
/// the kernel then has outputs / groups of them.
public func transposedConvolution(
    _ x: Tensor, _ kernel: Tensor, _ bias: Tensor? = nil, strides: [Int]? = nil, padding: Padding = .valid,
    dilation: [Int]? = nil, groups: Int = 1, layout: ImageLayout = .channelsLast, file: String = #fileID,
    line: Int = #line
) -> Tensor {
    let place = PlaceScope.call(file, line)
    return Tensor.catching([x, kernel] + (bias.map { [$0] } ?? []), place: place) {
        let count = x.rank - 2
        let ones = Array(repeating: 1, count: max(count, 0))
        let (strides, dilation) = (strides ?? ones, dilation ?? ones)
        guard (1...3).contains(count), kernel.rank == x.rank, strides.count == count, dilation.count == count else {
            throw GraphError(
                "transposed convolution: \(x.type), a kernel of \(kernel.type), strides \(strides) and dilation \(dilation) "
                    + "do not go together", remedy: "all have the same one to three spatial axes")
        }
        let isLast = layout == .channelsLast
        let taps = isLast ? kernel.shape.prefix(count) : kernel.shape.suffix(count)
        let reach = zip(taps, dilation).map { (($0.constant ?? 1) - 1) * $1 + 1 }
        let sizes = layout.spatialAxes(count).map { x.shape[$0] }
        let around = try (0..<count).map { axis -> [Int] in
            // The padding of the convolution whose gradient this is.
            let (tap, stride) = (reach[axis], strides[axis])
            let forward: [Int]
            switch padding {
            case .valid: forward = [0, -max(0, stride - tap)]
            case .same:
                let total = tap - stride
                forward = total >= 0 ? [total / 2, total - total / 2] : [0, total]
            case .explicit: forward = try padding.resolved(sizes, window: reach, strides: strides)[axis]
            case .causal:
                throw GraphError(
                    "transposed convolution: 'causal' padding is not defined", remedy: "use explicit padding")
            }
            return forward.map { tap - 1 - $0 }
        }
        let spatial = isLast ? Array(0..<count) : Array(2..<(2 + count))
        let letters = String("DHW".suffix(count))
        let all = layout.axes(spatial: count)
        let reversed = Tensor.apply("reverse", [kernel], ["axes": .ints(spatial)], place: place)
        let product = Tensor.apply(
            "conv", [x, try reversed.dividingInputs(by: groups, isLast: isLast, place: place)],
            [
                "layout": .string("\(all),\(isLast ? "\(letters)OI" : "IO\(letters)"),\(all)"),
                "strides": .ints(ones), "padding": .intLists(around), "inputDilation": .ints(strides),
                "kernelDilation": .ints(dilation), "groups": .int(groups),
            ], place: place)
        return bias.map { product.adding($0, toChannelsOf: layout, place: place) } ?? product
    }
}

extension Tensor {
    /// A kernel [taps…, outputs / groups, inputs] (or [inputs, outputs / groups, taps…]) as [taps…, outputs, inputs / groups].
    fileprivate func dividingInputs(by groups: Int, isLast: Bool, place: Place?) throws -> Tensor {
        if groups == 1 || isFailed { return self }
        let (inputAxis, outputAxis) = isLast ? (rank - 1, rank - 2) : (0, 1)
        guard groups > 0, let inputs = shape[inputAxis].constant, inputs % groups == 0 else {
            throw GraphError(
                "transposed convolution: \(groups) groups and a kernel of \(type)",
                remedy: "the number of groups divides that of the inputs")
        }
        var (apart, joined) = (shape, shape)
        apart[inputAxis] = Dim(inputs / groups)
        apart.insert(Dim(groups), at: inputAxis)
        joined[inputAxis] = Dim(inputs / groups)
        joined[outputAxis] = shape[outputAxis] * Dim(groups)
        // The groups of inputs, first of their axes, move in front of the outputs.
        var order = Array(apart.indices)
        let group = order.remove(at: inputAxis)
        order.insert(group, at: isLast ? outputAxis : 1)
        return reshaped(to: apart).transposed(order).reshaped(to: joined)
    }
}
