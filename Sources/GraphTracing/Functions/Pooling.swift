import GraphIR

/// What becomes of the elements of a window.
public enum PoolingKind: String, Sendable, Hashable, CaseIterable {
    /// The largest; padding never wins.
    case max
    /// Their mean; padding is not counted.
    case average
}

/// Each window over the one to three spatial axes of `x` combined.
public func pool(
    _ kind: PoolingKind, _ x: Tensor, window: [Int], strides: [Int]? = nil, padding: Padding = .valid,
    layout: ImageLayout = .channelsLast, file: String = #fileID, line: Int = #line
) -> Tensor {
    let place = PlaceScope.call(file, line)
    return Tensor.catching([x], place: place) {
        let count = x.rank - 2
        let strides = strides ?? window
        guard (1...3).contains(count), window.count == count, strides.count == count else {
            throw GraphError(
                "\(kind.rawValue) pooling: a window \(window) with strides \(strides) over \(x.type)",
                remedy: "the input has batch, channels and one to three spatial axes, layout \(layout.axes()) for two; "
                    + "give one number for each")
        }
        let spatial = layout.spatialAxes(count)
        let around = try padding.resolved(spatial.map { x.shape[$0] }, window: window, strides: strides)
        if count == 2 {
            return Tensor.apply(
                kind == .max ? "maxPool" : "avgPool", [x],
                [
                    "window": .ints(window), "strides": .ints(strides), "padding": .intLists(around),
                    "layout": .string(layout.axes()),
                ], place: place)
        }
        func windows(_ kind: String, _ x: Tensor) -> Tensor {
            var all: Attributes = ["kind": .keyword(kind)]
            func spread<Entry>(_ entries: [Entry], _ neutral: Entry) -> [Entry] {
                x.shape.indices.map { axis in spatial.firstIndex(of: axis).map { entries[$0] } ?? neutral }
            }
            all["window"] = .ints(spread(window, 1))
            all["strides"] = .ints(spread(strides, 1))
            all["padding"] = .intLists(spread(around, [0, 0]))
            return Tensor.apply("reduceWindow", [x], all, place: place)
        }
        if kind == .max { return windows("max", x) }
        let sums = windows("sum", x)
        let counts =
            around.joined().allSatisfy { $0 == 0 }
            ? Tensor.scalar(Double(window.reduce(1, *)), dtype: x.dtype)
            : windows(
                "sum",
                Tensor.full(
                    1, TensorType(x.dtype, x.shape.enumerated().map { spatial.contains($0.offset) ? $0.element : 1 })))
        return Tensor.elementwise("div", sums, counts, place: place)
    }
}

/// The largest element of each window over height and width; padding never wins.
public func maxPool2D(
    _ x: Tensor, window: [Int], strides: [Int]? = nil, padding: Padding = .valid,
    layout: ImageLayout = .channelsLast, file: String = #fileID, line: Int = #line
) -> Tensor {
    pool(.max, x, window: window, strides: strides, padding: padding, layout: layout, file: file, line: line)
}

/// The mean of each window over height and width; padding is not counted.
public func averagePool2D(
    _ x: Tensor, window: [Int], strides: [Int]? = nil, padding: Padding = .valid,
    layout: ImageLayout = .channelsLast, file: String = #fileID, line: Int = #line
) -> Tensor {
    pool(.average, x, window: window, strides: strides, padding: padding, layout: layout, file: file, line: line)
}
