import HostTensors

/// How the numbers of a tensor are distributed.
public struct Histogram: Sendable, Equatable {
    /// The smallest number.
    public let minimum: Double
    /// The largest number.
    public let maximum: Double
    /// How many numbers there are; those that are not finite do not count.
    public let count: Int
    /// Their sum.
    public let sum: Double
    /// The sum of their squares.
    public let sumOfSquares: Double
    /// The upper ends of the buckets, ascending.
    public let limits: [Double]
    /// How many numbers are in each bucket.
    public let counts: [Double]

    /// Counts the numbers of a tensor in 30 buckets of equal width.
    public init(of tensor: HostTensor) {
        let values = tensor.doubles().filter(\.isFinite)
        let (low, high) = (values.min() ?? 0, values.max() ?? 0)
        let bucketCount = low == high ? 1 : 30
        let width = (high - low) / Double(bucketCount)
        var counts = [Double](repeating: 0, count: bucketCount)
        for value in values {
            let place = width > 0 ? Int((value - low) / width) : 0
            counts[min(bucketCount - 1, max(0, place))] += 1
        }
        minimum = low
        maximum = high
        count = values.count
        sum = values.reduce(0, +)
        sumOfSquares = values.reduce(0) { $0 + $1 * $1 }
        limits = (1...bucketCount).map { $0 == bucketCount ? high : low + Double($0) * width }
        self.counts = counts
    }

    func write(_ message: inout ProtobufWriter) {
        for (field, value) in [minimum, maximum, Double(count), sum, sumOfSquares].enumerated() {
            message.add(field + 1, double: value)
        }
        message.add(6, packed: limits)
        message.add(7, packed: counts)
    }
}
