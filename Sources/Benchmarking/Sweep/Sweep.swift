import Execution
import GraphIR
import HostTensors

/// What one shape of a sweep reached.
public struct SweepResult: Sendable {
    /// The problem.
    public let shape: any SweepShape
    /// The middle of the times of one call, in microseconds.
    public let median: Double
    /// The shortest.
    public let least: Double
    /// Milliseconds from graph to loaded code.
    public let compileMilliseconds: Double
    /// The least time it could take.
    public let bound: RooflineBound
    /// What multiply-adds alone would take at the rate that the machine had between the rounds, in microseconds.
    public let computeMicroseconds: Double
    /// Sampled elements that are further off than rounding in f32 can explain.
    public let wrong: Int
    /// The largest error of a sampled element, over what rounding may do.
    public let largestError: Double

    /// The share of the multiply-adds this machine can do.
    public var shareOfPeak: Double { computeMicroseconds / median }
    /// The share of the roofline: of what multiply-adds and memory traffic allow.
    public var shareOfRoofline: Double { bound.microseconds / median }
}

/// Many shapes of one operation, each compiled, checked against f64 and timed.
///
/// Processors do not always run at the same speed, least of all virtual ones. So the rate of multiply-adds is measured again and
/// again between the rounds of a shape, and what the shape reaches is compared with that.
public struct Sweep: Sendable {
    /// The number of elements of a result that are checked.
    private static let samples = 64
    /// What this machine could do at the beginning.
    public let peak: MachinePeak
    private let kernels: PeakKernels
    /// How long each shape is timed, in seconds.
    public let seconds: Double

    /// Measures the machine on `threads` threads.
    public init(threads: Int, seconds: Double) throws {
        kernels = try PeakKernels(target: .host)
        peak = MachinePeak.measure(threads: threads, with: kernels)
        self.seconds = seconds
    }

    /// Compiles, checks and times one shape; throws what compiler and model throw.
    public func run(
        _ shape: any SweepShape, compiler: any ModuleCompiler = NativeCompiler()
    ) throws -> SweepResult {
        let module = try GraphModule(text: shape.graph)
        let begin = ContinuousClock.now
        let model = try Model.compiled(module, threads: peak.threads, compiler: compiler)
        let compiled = ContinuousClock.now - begin
        let inputs = try RandomInputs.make(
            for: try model.signature.function(named: "main"), sizes: [:], seed: 1)
        let call = try model.prepare("main", inputs)
        try call.run()
        let (wrong, error) = try check(shape, Array(inputs.values), try call.results())
        let (median, least, gigaflops) = try time(call)
        return SweepResult(
            shape: shape, median: median, least: least, compileMilliseconds: compiled.microseconds / 1e3,
            bound: peak.at(gigaflops: gigaflops).bound(
                flops: shape.flops, read: shape.bytesRead, written: shape.bytesWritten,
                workingSet: shape.bytesRead + shape.bytesWritten),
            computeMicroseconds: shape.flops / gigaflops / 1e3, wrong: wrong, largestError: error)
    }

    /// Times rounds of so many calls that the clock does not matter, and the machine between them.
    private func time(_ call: PreparedCall) throws -> (median: Double, least: Double, gigaflops: Double) {
        let start = ContinuousClock.now
        try call.run(times: 2)
        let one = max(0.05, (ContinuousClock.now - start).microseconds / 2)
        let calls = max(1, min(100_000, Int(20 / one)))
        var rates: [Double] = []
        let timing = try Timing.measure(seconds: seconds, least: 3) {
            try call.run(times: calls)
        } between: {
            rates.append(kernels.gigaflops(rounds: 10_000, threads: peak.threads))
        }
        return (timing.median / Double(calls), timing.least / Double(calls), Distribution(rates).quantile(0.5))
    }

    private func check(
        _ shape: any SweepShape, _ inputs: [HostTensor], _ results: NamedTensors
    ) throws -> (wrong: Int, largest: Double) {
        guard let result = results["y"], result.count == shape.count else { return (Self.samples, .infinity) }
        let found = try result.scalars(as: Float.self)
        let values = try inputs.map { try $0.scalars(as: Float.self) }
        var (wrong, largest) = (0, 0.0)
        Self.withPointers(values[...], []) { pointers in
            for sample in 0..<Self.samples {
                // Spread over the result, the corners among them.
                let index = (shape.count - 1) * sample / (Self.samples - 1)
                let (value, margin) = shape.expected(index, pointers)
                let difference = abs(Double(found[index]) - value)
                if !(difference <= margin) { wrong += 1 }
                if margin > 0 { largest = max(largest, difference / margin) }
            }
        }
        return (wrong, largest)
    }

    private static func withPointers(
        _ values: ArraySlice<[Float]>, _ found: [UnsafeBufferPointer<Float>],
        _ body: ([UnsafeBufferPointer<Float>]) -> Void
    ) {
        guard let first = values.first else { return body(found) }
        first.withUnsafeBufferPointer { withPointers(values.dropFirst(), found + [$0], body) }
    }
}

/// A sorted set of numbers, as what part of it lies where.
public struct Distribution: Sendable, Hashable {
    private let sorted: [Double]

    /// Sorts the numbers.
    public init(_ values: [Double]) { sorted = values.sorted() }

    /// The value that a part of the numbers lies below; between two of them in proportion. NaN when there are none.
    public func quantile(_ part: Double) -> Double {
        guard let last = sorted.last else { return .nan }
        let place = part * Double(sorted.count - 1)
        let below = Int(place)
        guard below + 1 < sorted.count else { return last }
        return sorted[below] + (place - Double(below)) * (sorted[below + 1] - sorted[below])
    }
}
