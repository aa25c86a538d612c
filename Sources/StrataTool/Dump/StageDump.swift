import GraphIR
import GraphPasses
import KernelIR
import Lowering

/// A graph's forms, made up to the stage that is asked for.
struct StageDump {
    let module: GraphModule
    let functions: FunctionOptions
    let target: Target
    var precision = Precision.float32
    var schedules = ScheduleTable()
    var recomputation: [String: Recomputation] = [:]

    func text(of stage: DumpStage, format: DumpFormat) throws -> String {
        switch stage {
        case .graph: try render(chosen(), format)
        case .optimized: try render(optimized().module, format)
        case .groups: try groups(format)
        case .kernels, .memory, .llvm, .asm: try lowered(stage)
        }
    }

    /// The module with only the functions asked for.
    func chosen() throws -> GraphModule {
        var chosen = module
        chosen.functions = try functions.all(in: module)
        return chosen
    }

    private func optimized() throws -> (module: GraphModule, plans: [FusionPlan]) {
        let result = try optimize(try chosen(), options: PassOptions(recomputation: recomputation))
        return (result.0, result.1)
    }

    private func render(_ module: GraphModule, _ format: DumpFormat) throws -> String {
        switch format {
        case .text: module.text(constants: .sideFile)
        case .dot: try module.functions.map { try module.dot(function: $0.name) }.joined()
        case .json:
            if module.functions.count == 1 {
                try module.json(function: module.functions[0].name)
            } else {
                "[" + (try module.functions.map { try module.json(function: $0.name) }.joined(separator: ",\n")) + "]"
            }
        }
    }

    private func groups(_ format: DumpFormat) throws -> String {
        let (module, plans) = try optimized()
        let storage = chooseStorage(module, plans: plans, target: target, precision: precision)
        let all = zip(zip(module.functions, plans), storage).map { ($0.0, $0.1, $1) }
        if format == .text { return all.map { $1.text($0, module, storage: $2) }.joined(separator: "\n") }
        return JSONValue.list(all.map { Self.value($0, $1, $2) }).text
    }

    private static func value(
        _ function: GraphFunction, _ plan: FusionPlan, _ storage: StoragePlan
    ) -> JSONValue {
        let groups = plan.groups.map { group in
            JSONValue.object([
                ("kind", .string(group.kindName)), ("domain", .list(group.domain.map { .string($0.description) })),
                ("ops", .list(group.members.map { .integer($0) })),
                ("names", .list(group.members.map { .string(function.ops[$0].name) })),
                ("reads", .list(group.inputs.map { .integer($0.index) })),
                ("writes", .list(group.outputs.map { .integer($0.index) })),
            ])
        }
        let narrowed = storage.decisions.filter(\.isNarrowed).map { JSONValue.integer($0.value.index) }
        return .object([
            ("function", .string(function.name)), ("groups", .list(groups)), ("as_bf16", .list(narrowed)),
        ])
    }
}
