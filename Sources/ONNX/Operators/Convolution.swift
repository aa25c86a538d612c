import GraphIR
import GraphTracing

let convolutionOperators: [OperatorDefinition] = [
    row("Conv", Windows.attributes + ["group"], limits: "spatial sizes must be numbers") { node in
        try node.convolution(try node.x, try node.tensor(1), bias: node.optional(2)?.tensor)
    },
    row(
        "ConvTranspose", Windows.attributes + ["group", "output_padding", "output_shape"],
        limits: "spatial sizes must be numbers"
    ) { try $0.transposedConvolution() },
]

extension Node {
    /// The convolution that the attributes say.
    func convolution(_ x: Tensor, _ kernel: Tensor, bias: Tensor? = nil) throws -> Tensor {
        let windows = try Windows(self, taps: try taps(of: kernel), x: x)
        return GraphTracing.convolution(
            x, kernel, bias, strides: windows.strides, padding: .explicit(windows.padding), dilation: windows.dilations,
            groups: int("group", 1), layout: .channelsFirst)
    }

    /// The number of positions of a kernel on each spatial axis.
    fileprivate func taps(of kernel: Tensor) throws -> [Int] {
        try kernel.shape.dropFirst(2).map { size in
            guard let taps = size.constant else {
                throw failure("the sizes of the kernel \(kernel.type) must be numbers")
            }
            return taps
        }
    }

    /// The gradient of a convolution: one over the input with gaps, its kernel reversed.
    fileprivate func transposedConvolution() throws -> Tensor {
        let (x, kernel) = (try tensor(0), try tensor(1))
        let (groups, taps) = (int("group", 1), try taps(of: kernel))
        let windows = try Windows(self, taps: taps, x: x)
        let padding = try transposedPadding(windows, x)
        let spatial = Array(2..<(taps.count + 2))
        let letters = String("DHW".suffix(taps.count))
        let product = Tensor.apply(
            "conv", [x, try Self.grouped(kernel.reversed(axes: spatial), groups)],
            [
                "layout": .string("NC\(letters),IO\(letters),NC\(letters)"), "strides": .ints(taps.map { _ in 1 }),
                "padding": .intLists(padding.map { $0.map { max($0, 0) } }), "inputDilation": .ints(windows.strides),
                "kernelDilation": .ints(windows.dilations), "groups": .int(groups),
            ])
        let cut = try cropped(product, by: padding.map { $0.map { max(-$0, 0) } })
        guard let bias = optional(2)?.tensor else { return cut }
        return cut + bias.reshaped(to: [1, bias.dim(0)] + taps.map { _ in 1 })
    }

    /// What surrounds the input with gaps; negative where the result is cut.
    private func transposedPadding(_ windows: Windows, _ x: Tensor) throws -> [[Int]] {
        let count = windows.taps.count
        let extra = ints("output_padding") ?? Array(repeating: 0, count: count)
        let shape = ints("output_shape")
        let kind = text("auto_pad", "NOTSET")
        guard extra.count == count, shape.map({ $0.count == count }) ?? true else {
            throw failure("'output_padding' and 'output_shape' must have \(count) numbers")
        }
        return try (0..<count).map { axis in
            let (reach, stride) = (windows.reach[axis], windows.strides[axis])
            var pads = windows.padding[axis]
            if shape != nil || kind.hasPrefix("SAME") {
                guard let size = x.dim(axis + 2).constant else { throw failure("spatial sizes must be numbers") }
                let wanted = shape?[axis] ?? size * stride
                let total = stride * (size - 1) + extra[axis] + reach - wanted
                // Rounded down, also where more is wanted than there is.
                let half = total >> 1
                pads = kind == "SAME_UPPER" ? [half, total - half] : [total - half, half]
            }
            return [reach - 1 - pads[0], reach - 1 - pads[1] + extra[axis]]
        }
    }

    /// A kernel [inputs, results a group, …] as [inputs a group, results, …].
    private static func grouped(_ kernel: Tensor, _ groups: Int) throws -> Tensor {
        if groups == 1 { return kernel }
        let taps = Array(kernel.shape.dropFirst(2))
        let inputs = (kernel.dim(0).constant ?? groups) / groups
        let apart = kernel.reshaped(to: [Dim(groups), Dim(inputs), kernel.dim(1)] + taps)
        let order = [1, 0, 2] + (3..<(3 + taps.count))
        return apart.transposed(order).reshaped(to: [Dim(inputs), Dim(groups) * kernel.dim(1)] + taps)
    }

    private func cropped(_ x: Tensor, by sides: [[Int]]) throws -> Tensor {
        if sides.joined().allSatisfy({ $0 == 0 }) { return x }
        var (starts, sizes) = (x.shape.map { _ in 0 }, x.shape)
        for (axis, side) in sides.enumerated() {
            starts[axis + 2] = side[0]
            sizes[axis + 2] = sizes[axis + 2] - Dim(side[0] + side[1])
        }
        return Tensor.apply(
            "slice", [x],
            ["starts": .ints(starts), "sizes": .dims(sizes), "strides": .ints(starts.map { _ in 1 })])
    }
}
