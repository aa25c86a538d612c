import GraphIR
import KernelIR
import Lowering

/// One kernel call of a function: where it comes from and how much it does.
public struct KernelWork: Sendable, Hashable {
    /// The number of the call in its function.
    public let call: Int
    /// The kernel's name in machine code; calls may share it.
    public let kernel: String
    /// The layer most of its work belongs to, as `hidden`; the source line, or nothing, for operations outside any.
    public let layer: String
    /// What it computes, as `dot+add+max`; `copy` and the like for kernels that only move data.
    public let operations: String
    /// The shape of what it gives, as `128×512`.
    public let result: String
    /// Floating-point operations, counted by the op table.
    public let flops: Double
    /// Bytes of the buffers it reads.
    public let bytesRead: Double
    /// Bytes of the buffers it writes.
    public let bytesWritten: Double
    /// Bytes of all its buffers.
    public let workingSet: Double
    /// Pieces that threads can share.
    public let chunks: Int
    /// Its buffers, as `%w1 f32[784,512]`.
    public let buffers: [String]

    /// `hidden dot+add+max`.
    public var label: String { layer.isEmpty ? operations : "\(layer) \(operations)" }

    /// The work of every call that a function makes again and again when its named dimensions have these sizes; throws when one
    /// has none.
    public static func list(of function: String, in lowered: LoweredModule, sizes: [String: Int]) throws -> [KernelWork]
    {
        let graph = try lowered.module.function(named: function)
        guard let plan = lowered.functions.first(where: { $0.name == function }) else {
            throw BenchmarkError("function '\(function)' has no kernels")
        }
        return try plan.calls.enumerated().compactMap { number, call in
            guard !call.isKept, try call.condition?.holds(sizes) ?? true else { return nil }
            return try KernelWork(number: number, call: call, plan: plan, graph: graph, lowered: lowered, sizes: sizes)
        }
    }

    private init(
        number: Int, call: KernelCall, plan: LoweredFunction, graph: GraphFunction, lowered: LoweredModule,
        sizes: [String: Int]
    ) throws {
        let kernel = lowered.kernels[call.kernel]
        self.call = number
        self.kernel = kernel.name
        let counted = try call.ops.map { (op: graph.ops[$0], flops: try Self.flops(graph.ops[$0], graph, sizes)) }
        flops = counted.reduce(0) { $0 + $1.flops }
        let heaviest = counted.max { $0.flops < $1.flops }?.op ?? counted.last?.op
        result = try Self.shape(heaviest?.results.first.map { graph.type(of: $0) }, sizes)
        let place = heaviest?.place ?? counted.lazy.compactMap(\.op.place).first
        layer = place.map { $0.layer.isEmpty ? $0.description : $0.layer } ?? ""
        operations = Self.operations(counted.map(\.op.shownName), kernel)
        var (read, written, workingSet) = (0.0, 0.0, 0.0)
        var counts: [Int: Double] = [:]
        let chain = plan.chains.first { $0.calls.contains(number) && $0.dimension == nil }
        let items = try chain?.items.value(sizes) ?? 1
        for (argument, buffer) in zip(call.arguments, kernel.parameters) {
            var bytes = Double(try plan.buffers[argument].type.byteCount.value(sizes))
            if case .slot = plan.buffers[argument].location { bytes *= Double(items) }
            if buffer.access != .write { read += bytes }
            if buffer.access != .read { written += bytes }
            if counts.updateValue(bytes, forKey: argument) == nil { workingSet += bytes }
        }
        (bytesRead, bytesWritten, self.workingSet) = (read, written, workingSet)
        let chunk = kernel.parallel?.chunk ?? 1
        chunks = try lowered.iterations(of: call).map { (try $0.value(sizes) + chunk - 1) / chunk } ?? 1
        buffers = call.arguments.map { "\(plan.buffers[$0].name) \(plan.buffers[$0].type)" }
    }

    private static func shape(_ type: TensorType?, _ sizes: [String: Int]) throws -> String {
        try type.map { try $0.shape(sizes).map(String.init).joined(separator: "×") } ?? ""
    }

    private static func flops(_ op: GraphOp, _ function: GraphFunction, _ sizes: [String: Int]) throws -> Double {
        let operands = op.operands.map { function.type(of: $0) }
        let results = op.results.map { function.type(of: $0) }
        return Double(try OpTable.definition(of: op.name).flops(operands, results, op.attributes).value(sizes))
    }

    /// The names that say what is computed; a long row of them is cut.
    private static func operations(_ names: [String], _ kernel: Kernel) -> String {
        let telling = names.filter { !["constant", "broadcast", "iota"].contains($0) }
        if telling.isEmpty {
            // `k12_copy`: what lowering calls a kernel that computes nothing.
            return kernel.name.split(separator: "_", maxSplits: 1).last.map(String.init) ?? kernel.name
        }
        let most = 6
        return telling.prefix(most).joined(separator: "+") + (telling.count > most ? "+…" : "")
    }
}
