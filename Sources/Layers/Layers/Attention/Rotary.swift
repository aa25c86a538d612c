import Glibc
import GraphIR
import GraphTracing
import HostTensors

/// Positions as rotations (Su et al., 2021): element i of the first half of a head and element i of the second are turned
/// by the angle position · base^(-2i / size).
public struct Rotary: Sendable, Hashable {
    /// How slowly the last pair turns.
    public let base: Double

    /// Makes a rotation.
    public init(base: Double = 10_000) { self.base = base }

    /// Heads [batch, heads, time, size], turned by the steps' positions from 0, or from the number `first`; the size is even.
    public func callAsFunction(_ x: Tensor, from first: Tensor? = nil) -> Tensor {
        if x.isFailed { return x }
        guard x.rank == 4, let size = x.dim(-1).constant, size % 2 == 0 else {
            return Tensor(
                failure: GraphError(
                    "rotary positions need [batch, heads, time, size] with an even size, got \(x.type)",
                    place: PlaceScope.current?.description, remedy: "choose an even size of heads"))
        }
        let half = size / 2
        let frequencies = (0..<half).map { Glibc.pow(base, -2 * Double($0) / Double(size)) }
        let shape = [x.dim(2), Dim(half)]
        let positions = Tensor.iota(axis: 0, shape: shape)
        let angles =
            (first.map { positions + $0 } ?? positions).cast(to: x.dtype)
            * Tensor(HostTensor(frequencies)).cast(to: x.dtype)
        let (cosines, sines) = (cos(angles), sin(angles))
        let whole = AxisSelection.all
        let (one, other) = (x[whole, whole, whole, 0..<half], x[whole, whole, whole, half...])
        return concat([one * cosines - other * sines, other * cosines + one * sines], axis: 3)
    }
}
