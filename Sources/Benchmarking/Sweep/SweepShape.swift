import HostTensors

/// One problem of a sweep: a graph of a single operation, its work, and what its result must be.
public protocol SweepShape: Sendable {
    /// The sizes, for people: `gemm nt 96×1031×17`.
    var name: String { get }
    /// The graph's text: module `sweep`, function `main`, output `y`.
    var graph: String { get }
    /// Floating-point operations.
    var flops: Double { get }
    /// Bytes read, each once.
    var bytesRead: Double { get }
    /// Bytes written.
    var bytesWritten: Double { get }
    /// The number of elements of the result.
    var count: Int { get }
    /// Element `index` of the result from the inputs in the function's order, computed in f64, and how far rounding in f32
    /// may take it, whatever the order of summation.
    func expected(_ index: Int, _ inputs: [UnsafeBufferPointer<Float>]) -> (value: Double, margin: Double)
}

/// What is swept over.
public enum SweepKind: String, CaseIterable, Sendable {
    /// Products of two matrices, each operand plain or transposed.
    case gemm
    /// Two-dimensional convolutions.
    case conv
    /// Sums and maxima of a matrix over either axis.
    case reduce

    /// Shapes that a seed determines, whatever their number.
    public func shapes(seed: UInt64, count: Int) -> [any SweepShape] {
        (0..<count).map { number in
            var draw = SweepDraw(seed: seed, number: number)
            switch self {
            case .gemm: return GemmShape(&draw)
            case .conv: return ConvShape(&draw)
            case .reduce: return ReduceShape(&draw)
            }
        }
    }
}

/// Random choices for one shape.
struct SweepDraw {
    private var numbers: ArraySlice<Float>

    init(seed: UInt64, number: Int) {
        numbers = RandomStream.uniform(seed: seed, stream: 0, step: UInt64(number), count: 16)[...]
    }

    private mutating func next() -> Double { Double(numbers.popFirst() ?? 0) }

    /// An integer of the range, its logarithm uniform.
    mutating func logUniform(_ range: ClosedRange<Int>) -> Int {
        let (low, high) = (Double(range.lowerBound), Double(range.upperBound))
        return min(range.upperBound, max(range.lowerBound, Int(low * pow(high / low, next()) + 0.5)))
    }

    /// One of several, each as likely.
    mutating func pick<Choice>(_ choices: [Choice]) -> Choice {
        choices[min(choices.count - 1, Int(next() * Double(choices.count)))]
    }
}

/// How far a sum of `terms` products whose absolute values add up to `total` may be off, summed in f32 in any order.
func summationMargin(_ terms: Int, _ total: Double) -> Double { Double(terms + 2) * 0x1p-24 * total }

#if canImport(Glibc)
    import Glibc
#endif
