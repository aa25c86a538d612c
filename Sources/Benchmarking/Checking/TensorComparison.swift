import Compiler
import HostTensors

/// How far a tensor is from the one it should be.
public struct TensorComparison: Sendable, Hashable {
    /// The output's name, or the state's path.
    public let name: String
    /// Whether it is a state after the call.
    public let isState: Bool
    /// Its type, such as `f32[64,10]`.
    public let type: String
    /// The largest |compiled − interpreted|.
    public let largestDifference: Double
    /// That, over the largest |interpreted|, or 1e-4 where all are smaller.
    public let relativeDifference: Double
    /// Elements further off than allowed.
    public let outside: Int
    /// The number of elements.
    public let count: Int
    /// The allowed relative difference; of a state, what the sums and products that it is made of may be off by.
    public let tolerance: Double

    /// Whether no element is further off than allowed.
    public var isClose: Bool { outside == 0 }

    /// Compares; without a `tolerance` for floating-point elements, the one of the element type holds.
    ///
    /// Elements may be anywhere in a `range`, and beyond it by what rounding does to operations on single elements of their type.
    public init(
        name: String, isState: Bool, compiled: HostTensor, interpreted: HostTensor, tolerance: Double?,
        range: UpdateRanges.Range? = nil
    ) {
        self.name = name
        self.isState = isState
        self.type = interpreted.typeText
        self.count = interpreted.count
        let own = ExpectedError.bound(of: interpreted.dtype)
        self.tolerance = interpreted.dtype.isFloat ? tolerance ?? own : own
        guard compiled.dtype == interpreted.dtype, compiled.shape == interpreted.shape else {
            (largestDifference, relativeDifference, outside) = (.infinity, .infinity, interpreted.count)
            return
        }
        let (found, wanted) = (compiled.doubles(), interpreted.doubles())
        let scale = wanted.reduce(Self.floor) { $1.isFinite ? max($0, abs($1)) : $0 }
        let (low, high) = (range?.low ?? wanted, range?.high ?? wanted)
        let beyond = scale * (range == nil ? self.tolerance : min(self.tolerance, own))
        var (largest, outside) = (0.0, 0)
        for (at, (one, other)) in zip(found, wanted).enumerated() where one != other && !(one.isNaN && other.isNaN) {
            let difference = (one - other).isNaN ? .infinity : abs(one - other)
            largest = max(largest, difference)
            if !difference.isFinite || one < low[at] - beyond || one > high[at] + beyond { outside += 1 }
        }
        (largestDifference, relativeDifference, self.outside) = (largest, largest / scale, outside)
    }

    /// Differences are relative to at least this: results that cancel to nothing are rounding error.
    private static let floor = 1e-4
}
