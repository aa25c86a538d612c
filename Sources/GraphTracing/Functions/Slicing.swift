import GraphIR

/// What a subscript takes of one axis.
public enum AxisSelection: Sendable, Hashable {
    /// One position, from the end if negative; the axis disappears.
    case position(Int)
    /// Positions from `start` up to `end` (nil: all that follow), every `stride`-th; negative ones count from the end.
    case positions(start: Int, end: Int?, stride: Int)
}

/// Something that selects positions of one axis in a tensor's subscript.
public protocol AxisSelecting: Sendable {
    /// The selection it stands for.
    var axisSelection: AxisSelection { get }
}

extension AxisSelection: AxisSelecting {
    /// Itself.
    public var axisSelection: AxisSelection { self }
}
extension AxisSelecting where Self == AxisSelection {
    /// The whole axis: `x[.all, 0]`.
    public static var all: AxisSelection { .range() }

    /// Positions from `start` up to `end` (nil: all that follow), every `stride`-th; negative ones count from the end.
    public static func range(start: Int = 0, end: Int? = nil, stride: Int = 1) -> AxisSelection {
        .positions(start: start, end: end, stride: stride)
    }
}
extension Int: AxisSelecting {
    /// One position.
    public var axisSelection: AxisSelection { .position(self) }
}
extension Range<Int>: AxisSelecting {
    /// The positions of the range.
    public var axisSelection: AxisSelection { .range(start: lowerBound, end: upperBound, stride: 1) }
}
extension ClosedRange<Int>: AxisSelecting {
    /// The positions of the range; -1 is the last.
    public var axisSelection: AxisSelection { .range(start: lowerBound, through: upperBound) }
}
extension PartialRangeFrom<Int>: AxisSelecting {
    /// The positions from the bound to the end.
    public var axisSelection: AxisSelection { .range(start: lowerBound, end: nil, stride: 1) }
}
extension PartialRangeUpTo<Int>: AxisSelecting {
    /// The positions before the bound.
    public var axisSelection: AxisSelection { .range(start: 0, end: upperBound, stride: 1) }
}
extension PartialRangeThrough<Int>: AxisSelecting {
    /// The positions up to the bound, which is one of them; -1 is the last.
    public var axisSelection: AxisSelection { .range(start: 0, through: upperBound) }
}

extension AxisSelection {
    /// Positions from `start` to `last`.
    fileprivate static func range(start: Int, through last: Int) -> AxisSelection {
        .range(start: start, end: last == -1 ? nil : last + 1, stride: 1)
    }
}

extension Tensor {
    /// The block selected along the first axes: `x[0]`, `x[1..<3, .all]`, `x[.all, -1]`; negative positions count from the end.
    ///
    /// All but the ends are `x[.range(start: 1, end: -1)]`, as Swift has no range from 1 to -1.
    /// An empty selection, or one that reaches outside, gives a tensor that carries the error.
    public subscript<each Selection: AxisSelecting>(
        _ selection: repeat each Selection, file file: String = #fileID, line line: Int = #line
    ) -> Tensor {
        let place = PlaceScope.call(file, line)
        var selections: [AxisSelection] = []
        for one in repeat each selection { selections.append(one.axisSelection) }
        return Tensor.catching([self], place: place) {
            guard selections.count <= rank else {
                throw GraphError("slice: \(selections.count) selections for \(type)", remedy: "at most one an axis")
            }
            var (starts, sizes, strides) = (shape.map { _ in 0 }, shape, shape.map { _ in 1 })
            var kept = Array(shape.indices)
            for (axis, selection) in selections.enumerated() {
                let block = try Tensor.block(selection, of: type, axis: axis)
                (starts[axis], sizes[axis], strides[axis]) = (block.start, block.size, block.stride)
                if case .position = selection { kept.removeAll { $0 == axis } }
            }
            let block = Tensor.apply(
                "slice", [self], ["starts": .ints(starts), "sizes": .dims(sizes), "strides": .ints(strides)],
                place: place)
            if kept.count == rank || block.isFailed { return block }
            return block.viewed(as: kept.map { sizes[$0] }, place: place)
        }
    }

    private static func block(
        _ selection: AxisSelection, of type: TensorType, axis: Int
    ) throws -> (start: Int, size: Dim, stride: Int) {
        let size = type.shape[axis]
        func fromStart(_ position: Int) throws -> Int {
            if position >= 0 { return position }
            guard let constant = size.constant else {
                throw GraphError(
                    "slice: position \(position) of axis \(axis) of \(type) counts from a symbolic end",
                    remedy: "count from the start, or reverse the axis")
            }
            return position + constant
        }
        switch selection {
        case .position(let position): return (try fromStart(position), 1, 1)
        case .positions(let start, let end, let stride):
            let first = try fromStart(start)
            guard stride >= 1 else { throw GraphError("slice: stride \(stride) of axis \(axis) must be at least 1") }
            let length: Dim
            if let end { length = Dim(try fromStart(end) - first) } else { length = size - Dim(first) }
            if let count = length.constant, count < 1 {
                throw GraphError(
                    "slice: axis \(axis) of \(type) is read from position \(first) up to \(first + count), which are none",
                    remedy: "select at least one position: no axis has size 0")
            }
            if stride == 1 { return (first, length, 1) }
            guard let count = length.constant else {
                throw GraphError("slice: stride \(stride) along the symbolic axis \(axis) of \(type) is not supported")
            }
            return (first, Dim((count + stride - 1) / stride), stride)
        }
    }
}
