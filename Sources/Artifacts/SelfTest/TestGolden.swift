import HostTensors

/// What an output, or a state after a call, has to be.
///
/// Of many elements, some are there themselves, evenly from the first to the last, and all of them in sums under random signs. The
/// mean square of what such sums differ by is, on average, the sum of the squares that the elements differ by: so the sums
/// estimate the error of all elements together, whichever are wrong.
public struct TestGolden: Sendable, Hashable {
    /// Which of the tensors it is.
    public enum Place: Sendable, Hashable {
        /// Output number … of the function.
        case output(Int)
        /// State number … of the library.
        case state(Int)
    }

    /// The output's name or the state's path.
    public let name: String
    /// Which tensor it is.
    public let place: Place
    /// The element type.
    public let dtype: DType
    /// The number of elements.
    public let count: Int
    /// What differences of elements are relative to.
    public let scale: Double
    /// What the root of the sum of their squares is relative to.
    public let norm: Double
    /// The largest error that is allowed.
    public let bound: Double
    /// The number of elements that are infinite or not a number.
    let strange: Int
    /// All elements, or some.
    let samples: [Double]
    /// Sums of all elements under random signs; none where all elements are there.
    let sums: [Double]

    /// Up to so many elements are there all.
    private static let mostSamples = 64
    /// How many of more elements are there.
    private static let fewSamples = 32
    private static let sumCount = 8

    /// What `tensor` is known by.
    ///
    /// - Parameters:
    ///   - name: the output's name or the state's path.
    ///   - place: which tensor it is.
    ///   - tensor: what has to come out.
    ///   - previous: of a state, what it was before the call: errors are relative to the change.
    ///   - leastChange: a change smaller than this part of the state counts as that part.
    ///   - bound: the largest error that is allowed.
    ///   - seed: of the case.
    ///   - number: where in the case's goldens it is.
    public init(
        name: String, place: Place, tensor: HostTensor, previous: HostTensor?, leastChange: Double,
        bound: Double, seed: UInt64, number: Int
    ) {
        let values = tensor.doubles()
        self.name = name
        self.place = place
        self.bound = bound
        dtype = tensor.dtype
        count = values.count
        let finite = values.filter(\.isFinite)
        strange = count - finite.count
        let reference = Reference(of: finite)
        let change = previous.map { before in
            Reference(of: zip(values, before.doubles()).map { $0 - $1 }.filter(\.isFinite))
        }
        scale = max(change.map { max($0.largest, leastChange * reference.largest) } ?? reference.largest, Self.floor)
        norm = max(
            change.map { max($0.norm, leastChange * reference.norm) } ?? reference.norm,
            Self.floor * Double(count).squareRoot())
        if count <= Self.mostSamples {
            samples = values
            sums = []
        } else {
            samples = (0..<Self.fewSamples).map { values[$0 * (values.count - 1) / (Self.fewSamples - 1)] }
            let words = RandomStream.words(
                seed: seed, stream: TestStream.signs(number).number, step: 0, count: values.count)
            var sums = [Double](repeating: 0, count: Self.sumCount)
            for (value, word) in zip(values, words) where value.isFinite {
                for bit in sums.indices { sums[bit] += word >> UInt32(bit) & 1 == 1 ? value : -value }
            }
            self.sums = sums
        }
    }

    /// Differences are relative to at least this: results that cancel to nothing are rounding error.
    private static let floor = 1e-4

    /// How large numbers are.
    private struct Reference {
        let largest: Double
        let norm: Double

        init(of values: [Double]) {
            largest = values.reduce(0) { max($0, abs($1)) }
            norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        }
    }
}
