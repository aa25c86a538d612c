import GraphIR
import HostTensors
import KernelIR

/// Runs a lowered module call by call through the kernel interpreter, in the memory that was planned for it.
///
/// It stands between the graph interpreter and machine code: what differs here is a defect of lowering or of the
/// memory plan, what differs only in machine code is one of emission. Fresh memory holds bits that are not a number.
public struct LoweredInterpreter: Sendable {
    /// The module.
    public let lowered: LoweredModule

    /// Prepares a module.
    public init(_ lowered: LoweredModule) { self.lowered = lowered }

    /// Runs a function; gives its outputs in order, and updates the states.
    ///
    /// Throws `GraphError` when inputs do not fit, a kernel breaks a rule, or an access leaves its buffer.
    public func run(_ name: String, inputs: [HostTensor], states: inout [HostTensor]) throws -> [HostTensor] {
        let function = try lowered.module.function(named: name)
        guard let plan = lowered.functions.first(where: { $0.name == name }) else {
            throw GraphError("function '\(name)' is not lowered")
        }
        let dims = try lowered.module.bindings(for: function, inputs: inputs)
        let outputShapes = try function.outputs.map { try function.type(of: $0.value).shape(dims) }
        let outputs = zip(function.outputs, outputShapes).map {
            HostTensor(zeros: $1, dtype: function.type(of: $0.value).dtype)
        }
        let memory = FunctionMemory(
            inputs: inputs, outputs: outputs, states: states, constants: lowered.constants,
            arenaBytes: try plan.arenaBytes.value(dims), keptBytes: plan.keptBytes,
            slotBytes: try plan.slotBytes.value(dims))
        defer { memory.deallocate() }
        var at = 0
        while at < plan.calls.count {
            if let chain = plan.chains.first(where: { $0.calls.lowerBound == at }) {
                let items = try chain.items.value(dims)
                // Of examples the first is alone, the others are together: the runtime does both.
                let shares = chain.dimension == nil ? (0..<items).map { $0..<$0 + 1 } : [0..<1, 1..<max(1, items)]
                for share in shares where !share.isEmpty {
                    var seen = dims
                    if let dimension = chain.dimension { seen[dimension] = share.count }
                    for call in chain.calls {
                        try run(call, of: plan, on: memory, dims, seen: seen, item: share.lowerBound)
                    }
                }
                at = chain.calls.upperBound
            } else {
                try run(at, of: plan, on: memory, dims, seen: dims, item: 0)
                at += 1
            }
        }
        for at in states.indices { memory.read(.state(at), into: &states[at]) }
        return outputs.enumerated().map { at, output in
            var result = output
            memory.read(.output(at), into: &result)
            return result
        }
    }

    /// Runs one call, whose kernel sees the sizes `seen`, for an item of its chain.
    private func run(
        _ number: Int, of plan: LoweredFunction, on memory: FunctionMemory, _ dims: [String: Int], seen: [String: Int],
        item: Int
    ) throws {
        let call = plan.calls[number]
        if let condition = call.condition, try !condition.holds(seen) { return }
        let stretches = try call.arguments.map { argument in
            let bytes = try plan.exampleBytes(of: argument, inCall: number)?.value(dims)
            return try memory.stretch(plan.buffers[argument], dims, seen: seen, item: item, exampleBytes: bytes)
        }
        let iterations = call.iterationsPerItem.map { item * $0..<(item + 1) * $0 }
        try KernelInterpreter(lowered.kernels[call.kernel], dims: seen, numbers: call.numbers)
            .run(on: stretches, iterations: iterations)
    }
}

/// The memory of one call of a function.
private struct FunctionMemory {
    private let inputs: [UnsafeMutableRawBufferPointer]
    private let outputs: [UnsafeMutableRawBufferPointer]
    private let states: [UnsafeMutableRawBufferPointer]
    private let constants: [UnsafeMutableRawBufferPointer]
    private let arena: UnsafeMutableRawBufferPointer
    private let kept: UnsafeMutableRawBufferPointer
    private let slot: UnsafeMutableRawBufferPointer

    init(
        inputs: [HostTensor], outputs: [HostTensor], states: [HostTensor], constants: [HostTensor], arenaBytes: Int,
        keptBytes: Int, slotBytes: Int
    ) {
        self.inputs = inputs.map(Self.copy)
        self.outputs = outputs.map { Self.fresh($0.byteCount) }
        self.states = states.map(Self.copy)
        self.constants = constants.map(Self.copy)
        arena = Self.fresh(arenaBytes)
        kept = Self.fresh(keptBytes)
        slot = Self.fresh(slotBytes)
    }

    private static func fresh(_ byteCount: Int) -> UnsafeMutableRawBufferPointer {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 64)
        _ = bytes.initializeMemory(as: UInt8.self, repeating: 0xFF)
        return bytes
    }

    private static func copy(_ tensor: HostTensor) -> UnsafeMutableRawBufferPointer {
        let bytes = fresh(tensor.byteCount)
        tensor.withUnsafeBytes { bytes.copyMemory(from: $0) }
        return bytes
    }

    func deallocate() {
        for bytes in inputs + outputs + states + constants + [arena, kept, slot] { bytes.deallocate() }
    }

    /// What a kernel is given of a buffer that sees the sizes `seen`: of one that all examples have their part of, that of those
    /// from `item` on.
    func stretch(
        _ buffer: PlannedBuffer, _ dims: [String: Int], seen: [String: Int], item: Int, exampleBytes: Int?
    ) throws -> KernelStretch {
        let whole: UnsafeMutableRawBufferPointer
        switch buffer.location {
        case .state(let number): whole = states[number]
        case .input(let number): whole = inputs[number]
        case .output(let number): whole = outputs[number]
        case .constant(let number): whole = constants[number]
        case .arena(let offset): whole = try part(of: arena, at: try offset.value(dims), buffer, dims)
        case .kept(let offset): whole = try part(of: kept, at: offset, buffer, dims)
        case .slot(let offset, let perItem):
            let memory = try part(of: slot, at: try offset.value(seen), buffer, seen)
            guard perItem != 0 else { return KernelStretch(memory) }
            let count = try buffer.type.count.value(dims)
            return KernelStretch(memory, elements: item * count..<(item + 1) * count)
        }
        guard let exampleBytes else { return KernelStretch(whole) }
        let start = item * exampleBytes
        let bytes = start..<start + (try buffer.type.byteCount.value(seen))
        return KernelStretch(UnsafeMutableRawBufferPointer(rebasing: whole[bytes]))
    }

    private func part(
        of memory: UnsafeMutableRawBufferPointer, at start: Int, _ buffer: PlannedBuffer, _ dims: [String: Int]
    ) throws -> UnsafeMutableRawBufferPointer {
        let end = start + (try buffer.type.byteCount.value(dims))
        guard start >= 0, end <= memory.count else {
            throw GraphError(
                "buffer '\(buffer.name)' takes bytes \(start)..<\(end) of a workspace of \(memory.count)")
        }
        return UnsafeMutableRawBufferPointer(rebasing: memory[start..<end])
    }

    func read(_ location: BufferLocation, into tensor: inout HostTensor) {
        let source: UnsafeMutableRawBufferPointer
        switch location {
        case .state(let number): source = states[number]
        case .output(let number): source = outputs[number]
        case .input, .constant, .arena, .slot, .kept: return
        }
        tensor.withUnsafeMutableBytes { $0.copyMemory(from: UnsafeRawBufferPointer(source)) }
    }
}
