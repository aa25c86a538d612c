import GraphIR

/// What may be computed again at which price, where a function's memory is limited.
struct RecomputationWorth {
    private let function: GraphFunction
    private let limited: Recomputation?
    private let segments: ForwardSegments?
    private let memory: MemoryProfile

    /// Divides the operations before `border` into segments, if that is asked for.
    init(_ function: GraphFunction, _ limited: Recomputation?, border: Int, memory: MemoryProfile) {
        self.function = function
        self.limited = limited
        self.memory = memory
        segments = limited.flatMap { limited in
            limited.segments == 0
                ? nil : ForwardSegments(function, count: limited.segments, border: border, memory: memory)
        }
    }

    /// The operations that may be done again for a byte of what an operation makes; 0 where no price was set.
    func price(_ op: Int) -> Int {
        guard let limited, let segments else { return 0 }
        return limited.price(ofSegment: segments.segment(of: op))
    }

    /// The operations that computing a value again costs; nil for what must not be: a segment's result, data of the artifact.
    func cost(of value: ValueID, by op: Int, _ role: FusionRole) -> Int? {
        let operation = function.ops[op]
        switch role {
        case .indexOnly, .view: return 0
        case .single: return nil
        default:
            guard segments?.isHandedOver[value.index] != true, operation.bodies.isEmpty,
                let definition = OpTable.rows[operation.name]
            else { return nil }
            let operands = operation.operands.map { function.type(of: $0) }
            let results = operation.results.map { function.type(of: $0) }
            guard let flops = try? definition.flops(operands, results, operation.attributes).value(memory.sizes) else {
                return nil
            }
            // What only moves elements takes time too.
            return max(flops, memory.bytes[value.index] / 4)
        }
    }
}
