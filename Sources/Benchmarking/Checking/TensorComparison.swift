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
    /// Elements further off than `tolerance`.
    public let outside: Int
    /// The number of elements.
    public let count: Int
    /// The allowed relative difference.
    public let tolerance: Double

    /// Whether it is close enough: every element of an output, and of a state all but one in a thousand, because
    /// optimizers divide by the root of gradients that may be nothing but rounding error.
    public var isClose: Bool { isState ? outside <= count / 1000 : outside == 0 }

    /// Compares; without a `tolerance` for floating-point elements, the one of the element type holds.
    public init(name: String, isState: Bool, compiled: HostTensor, interpreted: HostTensor, tolerance: Double?) {
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
        var (largest, outside) = (0.0, 0)
        for (one, other) in zip(found, wanted) where one != other && !(one.isNaN && other.isNaN) {
            let difference = (one - other).isNaN ? .infinity : abs(one - other)
            largest = max(largest, difference)
            if difference > self.tolerance * scale { outside += 1 }
        }
        (largestDifference, relativeDifference, self.outside) = (largest, largest / scale, outside)
    }

    /// Differences are relative to at least this: results that cancel to nothing are rounding error.
    private static let floor = 1e-4
}
