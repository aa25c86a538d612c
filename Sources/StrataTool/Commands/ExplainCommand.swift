import ArgumentParser
import GraphIR
import GraphPasses
import KernelIR
import Lowering
import Toolchain

/// `strata explain`
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say which operations share a kernel, which do not, and why; and how products are computed.",
        discussion: """
            One line for every value that one operation makes and another reads. With a precision of bfloat16 or int8, also in what \
            format each value may lie between kernels on a processor with tiles, and why; a kernel that sums in its memory or \
            multiplies it without tiles keeps it as f32. Then one line for every product and convolution: how it is computed on a CPU \
            level, and for which sizes where that depends on them.
            """)

    @OptionGroup var graph: GraphOptions
    @OptionGroup var precision: PrecisionOptions
    @OptionGroup var memory: MemoryOptions

    @Option(help: ArgumentHelp("Only this function. (default: all)", valueName: "name"))
    var function: String?

    @Option(
        help: ArgumentHelp(
            "The CPU level that products are computed on: baseline, v3, v4, dot or amx. (default: the host's own)",
            valueName: "level"))
    var cpu: String?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws { _ = try TargetOption.parse(level: cpu) }

    func run() throws {
        let module = try graph.read()
        var options = FunctionOptions()
        options.function = function
        var values: [JSONValue] = []
        var explained = module
        explained.functions = try options.all(in: module)
        let target = try Target.parse(triple: "host", level: cpu)
        let schedules = try precision.scheduleOptions.table()
        let passes = PassOptions(recomputation: try memory.recomputation(of: explained, precision: precision))
        for chosen in explained.functions {
            let optimized = try optimize(chosen, in: module, options: passes)
            let storage =
                precision.precision.storesBrainFloats
                ? chooseStorage(optimized.function, plan: optimized.plan, dims: module.dims) : nil
            let products = try ProductForms(
                optimized, in: module, target: target, precision: precision.precision, schedules: schedules)
            if json {
                values.append(Self.value(optimized, storage, products))
            } else {
                Standard.output(optimized.plan.explanation(optimized.function, module))
                if let storage { Standard.output(storage.explanation(optimized.function, module)) }
                if !products.entries.isEmpty { Standard.output(products.text) }
            }
        }
        if json { print(JSONValue.list(values).text) }
    }

    private static func value(
        _ optimized: OptimizedFunction, _ storage: StoragePlan?, _ products: ProductForms
    ) -> JSONValue {
        let (function, plan) = (optimized.function, optimized.plan)
        let decisions = plan.decisions.map { decision in
            JSONValue.object([
                ("producer", .integer(decision.producer)),
                ("producer_op", .string(function.ops[decision.producer].name)),
                ("consumer", .integer(decision.consumer)),
                ("consumer_op", .string(function.ops[decision.consumer].name)), ("fused", .bool(decision.fused)),
                ("reason", .string(decision.reason)),
                ("place", JSONValue(function.ops[decision.consumer].place?.description)),
            ])
        }
        var fields: [(String, JSONValue)] = [
            ("function", .string(function.name)), ("operations", .integer(function.ops.count)),
            ("kernels", .integer(plan.groups.count)), ("decisions", .list(decisions)), ("products", products.value),
        ]
        if let storage {
            let values = storage.decisions.map { decision in
                JSONValue.object([
                    ("value", .integer(decision.value.index)), ("as_bf16", .bool(decision.isNarrowed)),
                    ("reason", .string(decision.reason)),
                ])
            }
            fields.append(("storage", .list(values)))
        }
        return .object(fields)
    }
}
