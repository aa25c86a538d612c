import Compiler
import Execution
import GraphIR
import GraphPasses
import HostTensors
import KernelIR

/// The times of one kernel call, over many calls of its function.
public struct KernelTiming: Sendable, Hashable {
    /// What it does.
    public let work: KernelWork
    /// The middle of its times, in microseconds.
    public let median: Double
    /// The shortest.
    public let least: Double
    /// The middle of what its threads spent in it together.
    public let busy: Double
    /// What it could take at best.
    public let bound: RooflineBound

    /// The share of what the machine can do.
    public var shareOfRoofline: Double { median > 0 ? bound.microseconds / median : 0 }
}

/// Where the time of a function goes: every kernel call timed by the compiled code itself.
public struct KernelProfile: Sendable {
    /// The kernel calls, in order.
    public let kernels: [KernelTiming]
    /// The middle of the times from the first kernel's start to the last one's end, in microseconds.
    public let span: Double
    /// The number of calls of the function that were timed.
    public let repetitions: Int
    /// The number of threads.
    public let threads: Int
    /// The CPU level of the code.
    public let variant: String
    /// The events of the last calls, in the order of ending.
    public let events: [[KernelEvent]]

    /// The part of the span in which no kernel ran.
    public var between: Double { max(0, span - kernels.reduce(0) { $0 + $1.median }) }

    /// Compiles a function so that it records its kernels, and calls it again and again for `seconds`.
    ///
    /// `sizes` are those of named dimensions that no input gives. `states` are the model's states before the first call; they
    /// go on from there. `keeping` is the number of calls whose events are kept. Throws what the compiler and the model throw.
    public static func measure(
        _ function: String, of module: GraphModule, inputs: NamedTensors, sizes given: [String: Int] = [:],
        states: NamedTensors, threads: Int, seconds: Double, peak: MachinePeak, precision: Precision = .float32,
        level: CPULevel? = nil, recomputation: [String: Recomputation] = [:], keeping: Int = 3
    ) throws -> KernelProfile {
        let lowered = try Compiler.lowered(
            try Compiler.optimized(module, recomputation: recomputation),
            target: Target(architecture: Target.host.architecture, level: level ?? Target.host.level),
            precision: precision)
        let model = try Model.compiled(
            module, threads: threads,
            compiler: NativeCompiler(
                precision: precision, recordsKernels: true, level: level, recomputation: recomputation))
        if !states.isEmpty { try model.setStates(states) }
        let sizes = try model.signature.bind(function, inputs, sizes: given).dims
        let work = try KernelWork.list(of: function, in: lowered, sizes: sizes)
        // In a chain over examples a kernel is called for each.
        let plan = lowered.functions.first { $0.name == function }
        let examples = plan?.exampleDimension.flatMap { sizes[$0] } ?? 0
        let recorder = KernelRecorder(capacity: work.reduce(0) { $0 + $1.chunks + 1 + examples })
        let call = try model.prepare(function, inputs, sizes: given)
        // What is kept between calls is not what they take.
        try call.run()
        try model.record(into: recorder)
        var recorded: [[KernelEvent]] = []
        _ = try Timing.measure(seconds: seconds, most: 2000) {
            recorder.clear()
            try call.run()
            recorded.append(recorder.events)
        }
        guard recorder.lost == 0 else {
            throw BenchmarkError("\(recorder.lost) kernel events of '\(function)' did not fit")
        }
        // The first calls warm up.
        recorded.removeFirst(min(recorded.count - 1, max(2, recorded.count / 5)))
        return KernelProfile(work, recorded, model: model, peak: peak, keeping: keeping)
    }

    private init(
        _ work: [KernelWork], _ recorded: [[KernelEvent]], model: CompiledModel, peak: MachinePeak, keeping: Int
    ) {
        let places = Dictionary(uniqueKeysWithValues: work.enumerated().map { ($1.call, $0) })
        var walls = [[Double]](repeating: [], count: work.count)
        var busy = walls
        var spans: [Double] = []
        for events in recorded {
            var together = [Double](repeating: 0, count: work.count)
            var alone = together
            var wholes = [[KernelEvent]](repeating: [], count: work.count)
            for event in events where event.chunk == nil {
                if let at = places[event.call] { wholes[at].append(event) }
            }
            for event in events where event.chunk != nil {
                guard let at = places[event.call] else { continue }
                together[at] += event.microseconds
                let isPart = wholes[at].contains { $0.start <= event.start && event.end <= $0.end }
                if !isPart { alone[at] += event.microseconds }
            }
            for at in work.indices {
                busy[at].append(together[at])
                // The kernels of a chain take turns: the time of each is its part of what all threads spent.
                walls[at].append(
                    wholes[at].reduce(alone[at] / Double(model.threads)) { $0 + $1.microseconds })
            }
            let (first, last) = (events.map(\.start).min() ?? 0, events.map(\.end).max() ?? 0)
            spans.append(Double(last - first) / 1e3)
        }
        kernels = work.enumerated().map { at, work in
            KernelTiming(
                work: work, median: Self.middle(walls[at]), least: walls[at].min() ?? 0, busy: Self.middle(busy[at]),
                bound: peak.bound(
                    flops: work.flops, read: work.bytesRead, written: work.bytesWritten, workingSet: work.workingSet))
        }
        span = Self.middle(spans)
        repetitions = recorded.count
        threads = model.threads
        variant = model.variant
        events = Array(recorded.suffix(keeping))
    }

    private static func middle(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard let last = sorted.last else { return 0 }
        let at = sorted.count / 2
        return sorted.count.isMultiple(of: 2)
            ? (sorted[at - 1] + sorted[at]) / 2 : (at < sorted.count ? sorted[at] : last)
    }
}

/// The kernels of one layer together.
public struct LayerTiming: Sendable, Hashable {
    /// The layer, as in `KernelWork.layer`.
    public let layer: String
    /// The number of kernel calls.
    public let calls: Int
    /// The sum of their medians, in microseconds.
    public let microseconds: Double
    /// Their floating-point operations.
    public let flops: Double
    /// Bytes they read and write.
    public let bytes: Double
    /// The least time they could take.
    public let bound: Double
}

extension KernelProfile {
    /// The layers, the one that takes longest first.
    public var layers: [LayerTiming] {
        Dictionary(grouping: kernels, by: \.work.layer).map { layer, kernels in
            LayerTiming(
                layer: layer, calls: kernels.count, microseconds: kernels.reduce(0) { $0 + $1.median },
                flops: kernels.reduce(0) { $0 + $1.work.flops },
                bytes: kernels.reduce(0) { $0 + $1.work.bytesRead + $1.work.bytesWritten },
                bound: kernels.reduce(0) { $0 + $1.bound.microseconds })
        }.sorted { ($1.microseconds, $0.layer) < ($0.microseconds, $1.layer) }
    }
}
