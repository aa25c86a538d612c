import GraphIR

/// Where the channels of a batch of lines, images or volumes are, and how a convolution kernel is laid out to match.
public enum ImageLayout: String, Sendable, Hashable, CaseIterable {
    /// Images are [batch, height, width, channels], kernels [height, width, inputs, outputs].
    case channelsLast
    /// Images are [batch, channels, height, width], kernels [outputs, inputs, height, width].
    case channelsFirst

    /// The axes of a batch with so many spatial axes: `NHWC` for two.
    public func axes(spatial count: Int = 2) -> String {
        let spatial = Self.letters(count)
        return self == .channelsLast ? "N\(spatial)C" : "NC\(spatial)"
    }

    /// The axes of input, kernel and result of a convolution over so many spatial axes.
    public func convolution(spatial count: Int = 2) -> String {
        let (spatial, all) = (Self.letters(count), axes(spatial: count))
        return self == .channelsLast ? "\(all),\(spatial)IO,\(all)" : "\(all),OI\(spatial),\(all)"
    }

    /// The axis of the channels in a batch with so many spatial axes.
    public func channelAxis(spatial count: Int = 2) -> Int { self == .channelsLast ? count + 1 : 1 }

    /// The spatial axes of a batch with so many of them.
    public func spatialAxes(_ count: Int = 2) -> [Int] {
        let first = self == .channelsLast ? 1 : 2
        return Array(first..<(first + count))
    }

    /// The shape of a kernel of so many taps along each spatial axis.
    public func kernelShape(_ taps: [Int], inputs: Dim, outputs: Dim) -> [Dim] {
        let spatial = taps.map { Dim($0) }
        return self == .channelsLast ? spatial + [inputs, outputs] : [outputs, inputs] + spatial
    }

    /// One to three spatial letters.
    private static func letters(_ count: Int) -> String { String("DHW".suffix(count)) }
}

/// Elements added around an image before a window slides over it.
public enum Padding: Sendable, Hashable {
    /// None: windows lie inside the image.
    case valid
    /// As many as give ceil(size / stride) windows, the odd one behind.
    case same
    /// All before, so that no window sees what comes after its last element (one spatial axis: time).
    case causal
    /// Before and after each spatial axis: height, then width.
    case explicit([[Int]])

    /// The elements before and after each spatial axis for windows that reach over so many; throws for `same` on a
    /// symbolic size, for strides below 1, and for `explicit` numbers that are not two for each axis.
    public func resolved(_ sizes: [Dim], window: [Int], strides: [Int]) throws -> [[Int]] {
        guard strides.allSatisfy({ $0 >= 1 }) else {
            throw GraphError("strides \(strides) of a window", remedy: "give numbers of at least 1")
        }
        switch self {
        case .valid: return sizes.map { _ in [0, 0] }
        case .explicit(let padding):
            guard padding.count == sizes.count, padding.allSatisfy({ $0.count == 2 }) else {
                throw GraphError(
                    "padding \(padding) of \(sizes.count) spatial ax\(sizes.count == 1 ? "is" : "es")",
                    remedy: "give two numbers, before and after, for each")
            }
            return padding
        case .causal: return window.map { [$0 - 1, 0] }
        case .same:
            return try sizes.indices.map { axis in
                if strides[axis] == 1 { return [(window[axis] - 1) / 2, window[axis] / 2] }
                guard let size = sizes[axis].constant else {
                    throw GraphError("padding 'same' needs constant spatial sizes, got \(sizes[axis])")
                }
                let count = (size + strides[axis] - 1) / strides[axis]
                let total = max(0, (count - 1) * strides[axis] + window[axis] - size)
                return [total / 2, total - total / 2]
            }
        }
    }
}

/// The cross-correlation of a batch of lines, images or volumes with a kernel, plus a bias on each result channel.
///
/// The number of spatial axes is that of `x` less two. Kernel elements lie `dilation` apart. Inputs and outputs divide into
/// `groups` that do not mix: the kernel then has inputs / groups of them.
public func convolution(
    _ x: Tensor, _ kernel: Tensor, _ bias: Tensor? = nil, strides: [Int]? = nil, padding: Padding = .valid,
    dilation: [Int]? = nil, groups: Int = 1, layout: ImageLayout = .channelsLast, file: String = #fileID,
    line: Int = #line
) -> Tensor {
    let place = PlaceScope.call(file, line)
    let operands = [x, kernel] + (bias.map { [$0] } ?? [])
    return Tensor.catching(operands, place: place) {
        let count = x.rank - 2
        guard (1...3).contains(count), kernel.rank == x.rank else {
            throw GraphError(
                "convolution: \(x.type) and a kernel of \(kernel.type) do not go together",
                remedy: "both have one to three spatial axes and two more, layout \(layout.convolution())")
        }
        let ones = Array(repeating: 1, count: count)
        let (strides, dilation) = (strides ?? ones, dilation ?? ones)
        guard strides.count == count, dilation.count == count else {
            throw GraphError(
                "convolution: strides \(strides) and dilation \(dilation) of \(x.type)",
                remedy: "give one number for each of its \(count) spatial axes")
        }
        let taps = layout == .channelsLast ? Array(kernel.shape.prefix(count)) : Array(kernel.shape.suffix(count))
        let reach = zip(taps, dilation).map { ($0.constant.map { $0 - 1 } ?? 0) * $1 + 1 }
        let around = try padding.resolved(
            layout.spatialAxes(count).map { x.shape[$0] }, window: reach, strides: strides)
        var attributes: Attributes = [
            "layout": .string(layout.convolution(spatial: count)), "strides": .ints(strides),
            "padding": .intLists(around),
        ]
        if bias != nil, count == 2, dilation == ones, groups == 1 {
            return Tensor.apply("conv2d", operands, attributes, place: place)
        }
        attributes["inputDilation"] = .ints(ones)
        attributes["kernelDilation"] = .ints(dilation)
        attributes["groups"] = .int(groups)
        let product = Tensor.apply("conv", [x, kernel], attributes, place: place)
        guard let bias else { return product }
        return product.adding(bias, toChannelsOf: layout, place: place)
    }
}

extension Tensor {
    /// One number a channel added to all of its elements.
    func adding(_ bias: Tensor, toChannelsOf layout: ImageLayout, place: Place?) -> Tensor {
        if isFailed { return self }
        let axis = layout.channelAxis(spatial: rank - 2)
        let spread = Tensor.apply(
            "broadcast", [bias], ["axes": .ints([axis]), "shape": .dims(shape)], place: place)
        return Tensor.elementwise("add", self, spread, place: place)
    }
}

/// The cross-correlation of an image batch with a kernel, over height and width, plus a bias on each result channel.
public func conv2d(
    _ x: Tensor, _ kernel: Tensor, _ bias: Tensor? = nil, strides: [Int] = [1, 1], padding: Padding = .valid,
    layout: ImageLayout = .channelsLast, file: String = #fileID, line: Int = #line
) -> Tensor {
    convolution(
        x, kernel, bias, strides: strides, padding: padding, layout: layout, file: file, line: line)
}
