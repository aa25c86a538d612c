import GraphIR
import GraphPasses

/// The work of one call of a function.
public struct FunctionCost: Sendable, Hashable {
    /// Floating-point operations of all operations.
    public let flops: Double
    /// Floating-point operations of matrix products and convolutions alone.
    public let contractionFlops: Double
    /// Bytes that kernels read and write, each value once a kernel.
    public let bytes: Double

    /// Counts a function's work when its named dimensions have these sizes; throws when one has none.
    public init(of function: GraphFunction, in module: GraphModule, sizes: [String: Int]) throws {
        let optimized = try optimize(function, in: module)
        var (flops, contractions, bytes) = (0.0, 0.0, 0.0)
        for op in optimized.function.ops {
            let definition = try OpTable.definition(of: op.name)
            let operands = op.operands.map { optimized.function.type(of: $0) }
            let results = op.results.map { optimized.function.type(of: $0) }
            let work = Double(try definition.flops(operands, results, op.attributes).value(sizes))
            flops += work
            if op.name == "dot" || op.name == "conv" { contractions += work }
        }
        for group in optimized.plan.groups {
            for value in group.inputs + group.outputs {
                bytes += Double(try optimized.function.type(of: value).byteCount.value(sizes))
            }
        }
        (self.flops, contractionFlops, self.bytes) = (flops, contractions, bytes)
    }
}
