import GraphIR
import HostTensors
import KernelIR

/// Every buffer of a function with its place, and the buffers of each call.
struct AssignedBuffers {
    /// The kernels, copies included, in order.
    var drafts: [KernelDraft]
    var buffers: [PlannedBuffer]
    var arguments: [[Int]]
    var arenaBytes: Dim
    var kept: KeptMemory
    var chains: [KernelChain]
    /// The memory that each thread has for the chains.
    var slotBytes: Dim
}

/// What a function keeps between calls.
struct KeptMemory {
    /// The first calls, which compute it.
    var calls = 0
    /// The memory.
    var bytes = 0
    /// The states it comes from.
    var states: Set<Int> = []
}

/// Gives every buffer of the drafts its memory: the caller's, a state's, or a stretch of the workspace. Copies needed to bring
/// values to where they must end are added to `drafts`.
func assignBuffers(
    of lowering: FunctionLowering, drafts: [KernelDraft], constantBase: Int
) throws -> AssignedBuffers {
    var assignment = BufferAssignment(lowering: lowering, drafts: drafts, constantBase: constantBase)
    return try assignment.run()
}

/// The work of `assignBuffers`, in steps.
private struct BufferAssignment {
    let lowering: FunctionLowering
    var drafts: [KernelDraft]
    let constantBase: Int
    /// What the function's values are called in its text.
    let names: ValueNames
    /// Fixed places: inputs, states, constants, outputs, states' new values.
    var places: [BufferSubject: BufferLocation] = [:]
    /// Copies into a fixed place, by subject numbers past the scratch buffers.
    var copyTargets: [BufferLocation] = []
    /// By state, its value as it was when the call began, where something reads it.
    private let oldValues: [Int: ValueID]
    /// By what they work on, the numbers of the kernels that lowering made.
    private let users: [BufferSubject: [Int]]

    init(lowering: FunctionLowering, drafts: [KernelDraft], constantBase: Int) {
        self.lowering = lowering
        self.drafts = drafts
        self.constantBase = constantBase
        names = ValueNames(lowering.function, states: lowering.module.states)
        var oldValues: [Int: ValueID] = [:]
        for (at, value) in lowering.function.values.enumerated() {
            if case .state(let state) = value.origin { oldValues[state] = ValueID(at) }
        }
        self.oldValues = oldValues
        var users: [BufferSubject: [Int]] = [:]
        for (at, draft) in drafts.enumerated() {
            for subject in Set(draft.subjects) { users[subject, default: []].append(at) }
        }
        self.users = users
    }

    private var function: GraphFunction { lowering.function }

    mutating func run() throws -> AssignedBuffers {
        for (at, value) in function.values.enumerated() {
            switch value.origin {
            case .input(let input): places[.value(ValueID(at))] = .input(input)
            case .state(let state): places[.value(ValueID(at))] = .state(state)
            case .operation: break
            }
        }
        for (value, number) in lowering.constantValues { places[.value(value)] = .constant(constantBase + number) }
        var before: [KernelDraft] = []
        var after: [KernelDraft] = []
        for (number, output) in function.outputs.enumerated() {
            let subject = BufferSubject.value(lowering.resolve(output.value))
            if let place = places[subject] {
                let copy = try copy(output.value, to: .output(number))
                if case .state = place { before.append(copy) } else { after.append(copy) }
            } else {
                places[subject] = .output(number)
            }
        }
        let oldPlaces = places
        for update in function.updates {
            let value = lowering.resolve(update.value)
            let subject = BufferSubject.value(value)
            switch places[subject] {
            case .state(let same)? where same == update.state: continue
            case .state? where oldPlaces[subject] != nil:
                // Another state's old value: taken aside before anything is written.
                let aside = ScratchNumber.base + copyTargets.count
                before.append(try lowering.copyDraft(of: value, to: .scratch(aside)))
                copyTargets.append(.arena(offset: 0))
                after.append(try copyScratch(aside, function.type(of: value), to: .state(update.state)))
            case .some: after.append(try copy(update.value, to: .state(update.state)))
            case nil:
                if canWriteInPlace(value, state: update.state) {
                    places[subject] = .state(update.state)
                } else {
                    after.append(try copy(update.value, to: .state(update.state)))
                }
            }
        }
        drafts = before + drafts + after
        let kept = keepWhatStatesDetermine()
        let found = KernelChains(drafts, from: kept.calls, places: places)
        drafts = found.drafts
        // A function's slots are all of the one kind or of the other.
        let chains =
            found.chains.isEmpty
            ? ExampleChains(drafts, from: kept.calls, places: places, of: lowering).found() : found.chains
        return layOut(keeping: kept, chains: chains)
    }

    private mutating func copy(_ value: ValueID, to location: BufferLocation) throws -> KernelDraft {
        let number = ScratchNumber.base + copyTargets.count
        copyTargets.append(location)
        places[.scratch(number)] = location
        return try lowering.copyDraft(of: value, to: .scratch(number))
    }

    private mutating func copyScratch(
        _ source: Int, _ type: TensorType, to location: BufferLocation
    ) throws -> KernelDraft {
        let number = ScratchNumber.base + copyTargets.count
        copyTargets.append(location)
        places[.scratch(number)] = location
        var draft = KernelDraft(
            function: function, target: lowering.target, ranges: lowering.module.dimRanges,
            resolve: { $0 })
        draft.hint = "copy"
        draft.origin = "copy"
        let flat = TensorType(type.dtype, [type.count])
        let from = draft.buffer(.scratch(source), flat, .read)
        let to = draft.buffer(.scratch(number), flat, .write)
        let (axes, indices) = draft.axes([type.count], "i")
        let store = KernelStatement.store(to, indices.first ?? 0, .load(from, indices.first ?? 0))
        for statement in draft.nest(axes, [store], parallel: true) { draft.append(statement) }
        return draft
    }

    /// Whether a value may be computed straight into a state's memory: every reader of the old value comes before, or reads in
    /// the same kernel exactly the element that is about to be overwritten.
    private func canWriteInPlace(_ value: ValueID, state: Int) -> Bool {
        guard let old = oldValues[state] else { return true }
        let oldSubject = BufferSubject.value(old)
        let writers = users[.value(value), default: []].filter { drafts[$0].writes(.value(value)) }
        guard let first = writers.first, let last = writers.last else { return false }
        for at in users[oldSubject, default: []] where at >= first {
            let draft = drafts[at]
            // Kernels that write one value are alternatives: one of them runs.
            guard at <= last, writers.contains(at) else { return false }
            if draft.keepsRows { return false }
            let parameters = zip(draft.subjects, draft.buffers).filter { $0.1.access != .local }.map(\.0)
            guard let read = parameters.firstIndex(of: oldSubject),
                let written = parameters.firstIndex(of: .value(value)), draft.kernel.mayWrite(written, over: read)
            else { return false }
        }
        return true
    }

    /// Puts the kernels whose results are kept first and gives these results memory that stays; what only such kernels read is
    /// in the workspace like all else.
    private mutating func keepWhatStatesDetermine() -> KeptMemory {
        let found = KeptKernels(drafts, places: places, unchanged: lowering.unchanged)
        var (first, others): ([KernelDraft], [KernelDraft]) = ([], [])
        for (draft, isKept) in zip(drafts, found.isKept) {
            if isKept { first.append(draft) } else { others.append(draft) }
        }
        // Whatever the sizes of a call are, what is kept is there.
        for at in first.indices { first[at].condition = nil }
        var memory = KeptMemory(calls: first.count, bytes: 0, states: found.states)
        let needed = Set(others.flatMap(\.subjects))
        for draft in first {
            for (subject, buffer) in zip(draft.subjects, draft.kernel.buffers)
            where needed.contains(subject) && found.results.contains(subject) {
                guard places[subject] == nil, let count = buffer.count.constant else { continue }
                places[subject] = .kept(offset: memory.bytes)
                memory.bytes += (count * buffer.stored.byteCount + 63) / 64 * 64
            }
        }
        drafts = first + others
        return memory
    }

    /// Numbers the buffers, finds their lifetimes and lays out the workspace.
    private func layOut(keeping kept: KeptMemory, chains: [KernelChain]) -> AssignedBuffers {
        var numbers: [BufferSubject: Int] = [:]
        var buffers: [PlannedBuffer] = []
        var arguments: [[Int]] = []
        let whole = 0...max(0, drafts.count - 1)
        var stretches: [BufferSubject: Dim] = [:]
        var spans: [Int: ClosedRange<Int>] = [:]
        let isOfExamples = chains.contains { $0.dimension != nil }
        for chain in chains {
            stretches.merge(chain.stretches) { one, _ in one }
            for call in chain.calls { spans[call] = chain.calls.lowerBound...chain.calls.upperBound - 1 }
        }
        for (call, draft) in drafts.enumerated() {
            var list: [Int] = []
            // What is at hand in a kernel of a chain is so in all of them: the first works on an item after the last did on another.
            let span = spans[call] ?? call...call
            for (subject, buffer) in zip(draft.subjects, draft.kernel.buffers) where buffer.access != .local {
                if let known = numbers[subject] {
                    switch buffers[known].location {
                    case .arena: buffers[known].lifetime = buffers[known].lifetime.lowerBound...span.upperBound
                    case .slot: buffers[known].lifetime = buffers[known].lifetime.lowerBound...call
                    default: break
                    }
                    list.append(known)
                    continue
                }
                if let count = stretches[subject] {
                    let type = TensorType(buffer.stored, isOfExamples ? shape(subject, buffer) : [count])
                    numbers[subject] = buffers.count
                    list.append(buffers.count)
                    buffers.append(
                        PlannedBuffer(
                            name: name(subject), type: type,
                            location: .slot(offset: 0, perItem: isOfExamples ? 0 : type.byteCount),
                            lifetime: call...call))
                    continue
                }
                let location = places[subject] ?? .arena(offset: 0)
                var lifetime = whole
                if case .arena = location { lifetime = span }
                numbers[subject] = buffers.count
                list.append(buffers.count)
                buffers.append(
                    PlannedBuffer(
                        name: name(subject), type: TensorType(buffer.stored, shape(subject, buffer)),
                        location: location,
                        lifetime: lifetime))
            }
            arguments.append(list)
        }
        letTakeOver(&buffers, drafts, arguments, isInChain: { spans[$0] != nil })
        let arenaBytes = layOutArena(&buffers)
        let slotBytes = layOutSlots(&buffers)
        return AssignedBuffers(
            drafts: drafts, buffers: buffers, arguments: arguments, arenaBytes: arenaBytes, kept: kept, chains: chains,
            slotBytes: slotBytes)
    }

    private func name(_ subject: BufferSubject) -> String {
        switch subject {
        case .value(let value): names[value]
        case .scratch(let number):
            number < ScratchNumber.base ? "scratch\(number)" : "copy\(number - ScratchNumber.base)"
        case .local(let number): "local\(number)"
        }
    }

    private func shape(_ subject: BufferSubject, _ buffer: KernelBuffer) -> [Dim] {
        if case .value(let value) = subject { return function.type(of: value).shape }
        return [buffer.count]
    }
}

/// Scratch numbers from here on are copies' destinations.
private enum ScratchNumber {
    static let base = 1 << 20
}

extension KernelStatement {
    /// The offsets at which any of the buffers is read or written.
    func offsets(of buffers: Set<Int>) -> [IndexExpression] {
        switch self {
        case .loop(let loop): loop.body.flatMap { $0.offsets(of: buffers) }
        case .define(_, let expression), .set(_, _, let expression), .reduce(_, _, _, let expression),
            .position(_, _, let expression):
            expression.offsets(of: buffers)
        case .tile(.load(_, let buffer, let offset, _)), .tile(.store(_, let buffer, let offset, _)):
            buffers.contains(buffer) ? [offset] : []
        case .tile, .prefetch: []
        case .store(let buffer, let offset, let expression):
            (buffers.contains(buffer) ? [offset] : []) + expression.offsets(of: buffers)
        }
    }
}

extension KernelStatement {
    /// The indices that decide whether an element of the buffer is read at all.
    func conditions(of buffer: Int) -> [IndexExpression] {
        switch self {
        case .loop(let loop): loop.body.flatMap { $0.conditions(of: buffer) }
        case .define(_, let expression), .set(_, _, let expression), .reduce(_, _, _, let expression),
            .position(_, _, let expression), .store(_, _, let expression):
            expression.conditions(of: buffer)
        case .tile, .prefetch: []
        }
    }
}

extension KernelExpression {
    fileprivate func conditions(of buffer: Int) -> [IndexExpression] {
        switch self {
        case .number, .local, .accumulator, .index, .load: []
        case .loadWhere(let read, _, let conditions): read == buffer ? conditions.map(\.index) : []
        case .bits(let value, _): value.conditions(of: buffer)
        case .apply(_, let operands, _): operands.flatMap { $0.conditions(of: buffer) }
        case .random(let seed, let step, _, _): seed.conditions(of: buffer) + step.conditions(of: buffer)
        }
    }

    func offsets(of buffers: Set<Int>) -> [IndexExpression] {
        switch self {
        case .number, .local, .accumulator, .index: []
        case .load(let buffer, let offset), .loadWhere(let buffer, let offset, _):
            buffers.contains(buffer) ? [offset] : []
        case .bits(let value, _): value.offsets(of: buffers)
        case .apply(_, let operands, _): operands.flatMap { $0.offsets(of: buffers) }
        case .random(let seed, let step, _, _): seed.offsets(of: buffers) + step.offsets(of: buffers)
        }
    }
}
