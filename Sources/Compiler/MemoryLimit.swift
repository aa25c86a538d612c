import GraphIR
import GraphPasses
import HostTensors
import Lowering

/// How much memory the states and a call of any function may take.
public struct MemoryLimit: Sendable, Hashable {
    /// The most bytes.
    public var bytes: Int
    /// The size of named dimensions it is for, as far as they can have it; nil for the largest.
    public var size: Int?

    /// A limit for calls of a given size.
    public init(bytes: Int, size: Int? = nil) {
        self.bytes = bytes
        self.size = size
    }
}

/// What was done to keep to a limit of memory.
public struct MemoryFit: Sendable, Hashable {
    /// What is computed again instead of being kept.
    public var recomputation: Recomputation
    /// The bytes of states and of the largest call.
    public var bytes: Int
    /// The bytes without a limit.
    public var usualBytes: Int
    /// The arithmetic of all functions, as a multiple of what it is without a limit.
    public var work: Double
}

extension Compiler {
    /// The variants that keep to a limit with the least computed again.
    static func fitting(
        _ module: GraphModule, within limit: MemoryLimit, _ options: CompileOptions
    ) throws -> (variants: [LoweredModule], fit: MemoryFit) {
        let sizes = Dictionary(
            module.dims.map { dim in
                (dim.name, min(max(limit.size ?? .max, dim.range.lowerBound), dim.range.upperBound))
            }, uniquingKeysWith: { first, _ in first })
        var usual: (bytes: Int, work: Double)?
        var least = Int.max
        for recomputation in Recomputation.allCases where recomputation >= .elementwise {
            let optimized = try optimized(
                module, recomputation: recomputation, checksPasses: options.checksPasses)
            let variants = try variants(of: optimized, options)
            let bytes = try variants.map { try memory(of: $0, sizes) }.max() ?? 0
            let work = try work(of: optimized.module, sizes)
            let before = usual ?? (bytes, work)
            usual = before
            least = min(least, bytes)
            if bytes <= limit.bytes {
                let fit = MemoryFit(
                    recomputation: recomputation, bytes: bytes, usualBytes: before.bytes,
                    work: before.work > 0 ? work / before.work : 1)
                return (variants, fit)
            }
        }
        let dims = module.dims.map { "\($0.name) = \(sizes[$0.name] ?? 0)" }.joined(separator: ", ")
        throw GraphError(
            "module '\(module.name)' takes \(least) bytes\(dims.isEmpty ? "" : " with \(dims)"), whatever is computed again; "
                + "the limit is \(limit.bytes)", remedy: "give smaller sizes or a larger limit")
    }

    private static func memory(of lowered: LoweredModule, _ sizes: [String: Int]) throws -> Int {
        let states = try lowered.module.states.reduce(0) { try $0 + $1.type.byteCount.value(sizes) }
        return states + (try lowered.functions.map { try $0.arenaBytes.value(sizes) + $0.keptBytes }.max() ?? 0)
    }

    private static func work(of module: GraphModule, _ sizes: [String: Int]) throws -> Double {
        try module.functions.reduce(0) { sum, function in
            try function.ops.reduce(sum) { sum, op in
                let definition = try OpTable.definition(of: op.name)
                let (operands, results) = (
                    op.operands.map { function.type(of: $0) }, op.results.map { function.type(of: $0) }
                )
                return sum + Double(try definition.flops(operands, results, op.attributes).value(sizes))
            }
        }
    }
}
