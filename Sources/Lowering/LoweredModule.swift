import CustomCode
import GraphIR
import GraphPasses
import HostTensors
import KernelIR

/// Where a buffer's memory is.
public enum BufferLocation: Sendable, Hashable {
    /// The memory of a state, by its number in the module.
    case state(Int)
    /// The caller's memory for an input.
    case input(Int)
    /// The caller's memory for an output.
    case output(Int)
    /// The workspace, at a byte offset.
    case arena(offset: Dim)
    /// A thread's slot behind the workspace, at a byte offset: memory of one item of a chain, of so many bytes.
    case slot(offset: Dim, perItem: Dim)
    /// Memory that stays between calls of the function, at a byte offset.
    case kept(offset: Int)
    /// Constant data of the artifact, by number.
    case constant(Int)
}

/// One buffer of a function: memory that holds a value while it is needed.
public struct PlannedBuffer: Sendable, Hashable {
    /// What it holds, for people: `%12`, `padded %3`.
    public var name: String
    /// Element type and shape.
    public var type: TensorType
    /// Where it is.
    public var location: BufferLocation
    /// The first and last call that use it; inputs, outputs and states live for the whole function.
    public var lifetime: ClosedRange<Int>
    /// The buffer, by its number in the function, whose memory it takes over in the call that reads that one last and writes this one; nil
    /// for none.
    public var replaces: Int?
}

/// One kernel run on buffers.
public struct KernelCall: Sendable, Hashable {
    /// The kernel, by its number in the module.
    public var kernel: Int
    /// The buffers it is given, by their number in the function.
    public var arguments: [Int]
    /// The numbers it is given, in the kernel's order.
    public var numbers: [Int]
    /// What it does and where that comes from, for people; equal kernels may be called for different layers.
    public var origin: String
    /// The operations whose results it gives, by their numbers in the optimized function; none for a kernel that only
    /// brings data into place for another.
    public var ops: [Int]
    /// When it is made; nil for always.
    public var condition: CallCondition?
    /// In a chain, the iterations of the kernel's parallel loop that make an item.
    public var iterationsPerItem: Int?
    /// Whether it computes something from states alone, which is kept: it is made only if they may have changed since the
    /// function's last call. Such calls come first.
    public var isKept = false
}

/// A condition on a size, known when a function is called.
public struct CallCondition: Sendable, Hashable, CustomStringConvertible {
    /// The size.
    public var size: Dim
    /// Where it must be.
    public var range: Range<Int>

    init(_ size: Dim, in range: Range<Int>) {
        self.size = size
        self.range = range
    }

    /// Holds for no size.
    static let never = CallCondition(0, in: 0..<0)

    /// Whether it holds for dimensions of the given sizes; throws `GraphError` where one is missing.
    public func holds(_ dims: [String: Int]) throws -> Bool { range.contains(try size.value(dims)) }

    /// `B >= 32`, `B < 64` or `32 <= B < 64`.
    public var description: String {
        if range.lowerBound <= 0 { return "\(size) < \(range.upperBound)" }
        if range.upperBound == .max { return "\(size) >= \(range.lowerBound)" }
        return "\(range.lowerBound) <= \(size) < \(range.upperBound)"
    }
}

/// Calls that are made one after another for each item before the next item's turn, by one thread.
public struct CallChain: Sendable, Hashable {
    /// The calls, by number.
    public var calls: Range<Int>
    /// The number of items.
    public var items: Dim
    /// Of a chain over examples, the dimension that counts them: its calls are made as if that were 1, for one example after another.
    /// Nil where an item is a part of the calls' parallel loops.
    public var dimension: String?
    /// Items that one thread works on one after another: so many, from each multiple of that number on.
    public var ordered: Int
}

/// One graph function as calls of kernels in order.
public struct LoweredFunction: Sendable, Hashable {
    /// The function's name.
    public var name: String
    /// Its buffers.
    public var buffers: [PlannedBuffer]
    /// The calls, in order.
    public var calls: [KernelCall]
    /// The chains among the calls, in order.
    public var chains: [CallChain]
    /// The workspace it needs, in bytes, less what each thread has of its own.
    public var arenaBytes: Dim
    /// The part of the workspace that each thread has for the items of chains, in bytes; for examples, that of as many as their dimension says.
    public var slotBytes: Dim
    /// The memory it keeps between calls, in bytes.
    public var keptBytes: Int
    /// The states from which it computes what it keeps.
    public var keptStates: Set<Int>
    /// The number of inputs.
    public var inputCount: Int
    /// The number of outputs.
    public var outputCount: Int
}

extension LoweredFunction {
    /// The dimension that counts the examples of its chains, if they are chains over examples.
    public var exampleDimension: String? { chains.lazy.compactMap(\.dimension).first }

    /// The bytes that one example has of a buffer of a call; nil outside of chains over examples, and where all have the buffer in common.
    public func exampleBytes(of buffer: Int, inCall call: Int) -> Dim? {
        guard let dimension = chains.first(where: { $0.calls.contains(call) })?.dimension else { return nil }
        if case .slot = buffers[buffer].location { return nil }
        let bytes = buffers[buffer].type.byteCount
        return bytes.symbols.contains(dimension) ? bytes.substituting(dimension, by: 1) : nil
    }

    /// The workspace of a call by so many threads, in bytes; throws `GraphError` where a size is missing.
    public func workspaceBytes(_ sizes: [String: Int], threads: Int) throws -> Int {
        var (slots, ofSlot) = (threads, sizes)
        if let dimension = exampleDimension {
            slots = min(threads, sizes[dimension] ?? 1)
            ofSlot[dimension] = 1
        }
        return try arenaBytes.value(sizes) + slots * slotBytes.value(ofSlot)
    }
}

/// A module as kernels, calls and memory plans for one target.
public struct LoweredModule: Sendable {
    /// The optimized graph it was made from.
    public var module: GraphModule
    /// The machine it is for.
    public var target: Target
    /// The kernels, each only once.
    public var kernels: [Kernel]
    /// The functions, in the module's order.
    public var functions: [LoweredFunction]
    /// Constant data too large to be written into kernels.
    public var constants: [HostTensor]

    /// The iterations of a call that are divided among threads; nil where they are not.
    public func iterations(of call: KernelCall) -> Dim? {
        let kernel = kernels[call.kernel]
        return zip(kernel.numbers, call.numbers).reduce(kernel.parallel?.extent) { extent, number in
            extent?.substituting(number.0.name, by: Dim(number.1))
        }
    }

    /// The constants that kernels read, by number.
    public var usedConstants: [Int] {
        var used: Set<Int> = []
        for function in functions {
            for buffer in function.buffers { if case .constant(let number) = buffer.location { used.insert(number) } }
        }
        return used.sorted()
    }

    /// The user's code that kernels call, in order of first use, each once.
    public var customCodes: [CustomCode] {
        var codes: [CustomCode] = []
        for code in kernels.compactMap(\.call?.code) where !codes.contains(code) { codes.append(code) }
        return codes
    }

    /// Whether a function changes a state from which some function keeps something.
    public func changesKept(_ function: LoweredFunction) throws -> Bool {
        let updated = Set(try module.function(named: function.name).updates.map(\.state))
        return functions.contains { !updated.isDisjoint(with: $0.keptStates) }
    }

    /// Bytes of the constants that kernels read.
    public var constantBytes: Int { usedConstants.reduce(0) { $0 + constants[$1].byteCount } }
}

/// In what format the values of every function lie between its kernels: as bf16 where the precision allows it and tiles of
/// the target multiply such numbers; elsewhere as they are computed.
public func chooseStorage(
    _ module: GraphModule, plans: [FusionPlan], target: Target, precision: Precision
) -> [StoragePlan] {
    zip(module.functions, plans).map { function, plan in
        precision.storesBrainFloats && target.multipliesTiles(precision)
            ? chooseStorage(function, plan: plan, dims: module.dims) : .exact
    }
}

/// Turns every group of every function into a kernel and gives every value its memory.
///
/// `plans` holds one fusion plan a function, in the module's order, and `storage` in what format values lie between kernels; without
/// it, that is what the precision allows on the target. Throws `GraphError` for what cannot be lowered.
public func lower(
    _ module: GraphModule, plans: [FusionPlan], target: Target, precision: Precision = .float32,
    schedules: ScheduleTable = ScheduleTable(), storage: [StoragePlan]? = nil
) throws -> LoweredModule {
    let storage = storage ?? chooseStorage(module, plans: plans, target: target, precision: precision)
    var lowered = LoweredModule(module: module, target: target, kernels: [], functions: [], constants: [])
    var drafts: [(kernel: Kernel, hint: String)] = []
    for (at, (function, plan)) in zip(module.functions, plans).enumerated() {
        let (lowering, made) = try FunctionLowering.run(
            FunctionLowering(
                module: module, function: function, plan: plan, target: target, precision: precision,
                schedules: schedules, narrowed: storage[at].narrowed))
        let assigned = try assignBuffers(of: lowering, drafts: made, constantBase: lowered.constants.count)
        lowered.constants += lowering.constants
        var calls = zip(assigned.drafts, assigned.arguments).enumerated().map { at, call in
            let (draft, arguments) = call
            return KernelCall(
                kernel: drafts.count + at, arguments: arguments, numbers: [], origin: draft.origin, ops: draft.ops,
                condition: draft.condition, isKept: at < assigned.kept.calls)
        }
        for chain in assigned.chains where chain.dimension == nil {
            for (call, iterations) in zip(chain.calls, chain.iterations) { calls[call].iterationsPerItem = iterations }
        }
        drafts += assigned.drafts.map { ($0.kernel, $0.hint) }
        lowered.functions.append(
            LoweredFunction(
                name: function.name, buffers: assigned.buffers, calls: calls,
                chains: assigned.chains.map {
                    CallChain(calls: $0.calls, items: $0.items, dimension: $0.dimension, ordered: $0.ordered)
                },
                arenaBytes: assigned.arenaBytes, slotBytes: assigned.slotBytes,
                keptBytes: assigned.kept.bytes, keptStates: assigned.kept.states, inputCount: function.inputs.count,
                outputCount: function.outputs.count))
    }
    let (kernels, uses) = shareKernels(drafts)
    lowered.kernels = kernels
    for function in lowered.functions.indices {
        for call in lowered.functions[function].calls.indices {
            let use = uses[lowered.functions[function].calls[call].kernel]
            lowered.functions[function].calls[call].kernel = use.kernel
            lowered.functions[function].calls[call].numbers = use.numbers
        }
    }
    return lowered
}
