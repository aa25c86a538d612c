/// A minimal filtering algorithm F(m × m, r × r): m × m results of an r × r kernel `w` from n × n elements `x` of the input are
/// `A ((G w Gᵀ) ∘ (B x Bᵀ)) Aᵀ`: n² multiplications in place of m² r².
///
/// For neighbouring results n is m + r - 1, and the matrices follow from n - 1 points at which polynomials are multiplied, with
/// infinity as the last one. S. Winograd, *Arithmetic Complexity of Computations*, 1980; for convolutions A. Lavin and S. Gray,
/// arXiv:1509.09308. What points do to rounding errors is the subject of B. Barabasz and others, arXiv:1803.10986; those here were
/// chosen by measuring, see docs/performance.md.
struct WinogradTransform: Hashable {
    /// Results along each axis, taps of the kernel, and positions of the input from a result to the next.
    let results: Int
    let taps: Int
    let stride: Int
    /// B, G and A, row by row.
    let input: [[Double]]
    let kernel: [[Double]]
    let output: [[Double]]
    /// The input channels whose products are summed at a time where shorter sums keep rounding errors as small as without the transform;
    /// nil for all.
    let sumBlock: Int?
    /// The input channels from which errors are no larger than those of fused multiply-adds, one for each tap and channel.
    let leastChannels: Int

    /// Whether its matrices have no number but 0, ±1 and ±½, so that factors rounded to bf16 make errors less than twice those without it.
    var isGentle: Bool { (input + kernel + output).joined().allSatisfy { [0, 0.5, 1].contains($0.magnitude) } }

    /// Elements of the input along each axis.
    var size: Int { (results - 1) * stride + taps }
    /// Products of a tile.
    var count: Int { size * size }

    /// All that are used.
    static let all = [
        WinogradTransform(results: 2, taps: 3, points: [0, 1, -1], sumBlock: nil, leastChannels: 1),
        WinogradTransform(
            results: 4, taps: 3, points: [0, 2.0 / 3, -2.0 / 3, 1.5, -1.5], sumBlock: 16, leastChannels: 128),
        WinogradTransform(
            results: 2, taps: 5, points: [0, 2.0 / 3, -2.0 / 3, 1.5, -1.5], sumBlock: 8, leastChannels: 32),
        everyOther,
    ]

    /// Every other result of three taps: of the taps at even positions, which are two, F(2, 2) makes three products, and that at odd positions
    /// has two of its own.
    private static let everyOther = WinogradTransform(
        results: 2, taps: 3, stride: 2,
        input: [[1, 0, -1, 0, 0], [0, 0, 1, 0, 0], [0, 0, 1, 0, -1], [0, 1, 0, 0, 0], [0, 0, 0, 1, 0]],
        kernel: [[1, 0, 0], [1, 0, 1], [0, 0, 1], [0, 1, 0], [0, 1, 0]],
        output: [[1, 1, 0, 1, 0], [0, 1, -1, 0, 1]], sumBlock: nil, leastChannels: 1)

    private init(
        results: Int, taps: Int, stride: Int, input: [[Double]], kernel: [[Double]], output: [[Double]],
        sumBlock: Int?, leastChannels: Int
    ) {
        (self.results, self.taps, self.stride) = (results, taps, stride)
        (self.input, self.kernel, self.output) = (input, kernel, output)
        (self.sumBlock, self.leastChannels) = (sumBlock, leastChannels)
    }

    /// Makes the algorithm of as many points as results and taps, less two.
    private init(results: Int, taps: Int, points: [Double], sumBlock: Int?, leastChannels: Int) {
        func powers(_ count: Int, _ scale: (Int) -> Double) -> [[Double]] {
            points.enumerated().map { at, point in
                (0..<count).map { power in (0..<power).reduce(scale(at)) { product, _ in product * point } }
            } + [(0..<count).map { $0 == count - 1 ? 1 : 0 }]
        }
        func others(_ at: Int) -> [Double] { points.enumerated().filter { $0.offset != at }.map(\.element) }
        let kernel = powers(taps) { at in 1 / others(at).reduce(1) { $0 * (points[at] - $1) } }
        let values = powers(results) { _ in 1 }
        self.init(
            results: results, taps: taps, stride: 1,
            input: points.indices.map { Self.polynomial(roots: others($0)) + [0] } + [Self.polynomial(roots: points)],
            kernel: kernel, output: (0..<results).map { column in values.map { $0[column] } },
            sumBlock: sumBlock, leastChannels: leastChannels)
    }

    /// The coefficients of the product of x - root, the constant one first.
    private static func polynomial(roots: [Double]) -> [Double] {
        roots.reduce([1]) { coefficients, root in
            zip([0] + coefficients, coefficients + [0]).map { $0 - root * $1 }
        }
    }
}
