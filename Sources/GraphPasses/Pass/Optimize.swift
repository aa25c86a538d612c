import GraphIR

/// A function ready to be lowered.
public struct OptimizedFunction: Sendable {
    /// Primitives in legal form.
    public var function: GraphFunction
    /// How they are grouped into kernels.
    public var plan: FusionPlan

    /// Pairs a function with its plan.
    public init(function: GraphFunction, plan: FusionPlan) {
        self.function = function
        self.plan = plan
    }
}

/// Runs the standard pipeline on every function and groups each into kernels; plans are in function order.
///
/// Throws a `GraphError` when the module is not valid or, with `checksPasses`, a pass changed a value.
public func optimize(
    _ module: GraphModule, options: PassOptions = PassOptions()
) throws -> (GraphModule, [FusionPlan]) {
    var optimized = module
    var plans: [FusionPlan] = []
    for at in module.functions.indices {
        let result = try optimize(module.functions[at], in: module, options: options)
        optimized.functions[at] = result.function
        plans.append(result.plan)
    }
    return (optimized, plans)
}

/// Runs the standard pipeline on one function of a module and groups it into kernels.
public func optimize(
    _ function: GraphFunction, in module: GraphModule, options: PassOptions = PassOptions()
) throws -> OptimizedFunction {
    try complete(simplify(function, in: module, options: options), in: module, options: options)
}

/// Runs the first part of the standard pipeline on one function of a module: what does not depend on how much memory there is.
public func simplify(
    _ function: GraphFunction, in module: GraphModule, options: PassOptions = PassOptions()
) throws -> GraphFunction {
    try run(.simplification, on: function, in: module, options: options)
}

/// Runs the rest of the standard pipeline on a function that is simplified, and groups it into kernels.
public func complete(
    _ function: GraphFunction, in module: GraphModule, options: PassOptions = PassOptions()
) throws -> OptimizedFunction {
    let result = try run(.completion, on: function, in: module, options: options)
    var plan = fuse(result)
    if let recomputation = options.recomputation[function.name] {
        plan = plan.orderedForMemory(result, sizes: recomputation.sizes)
    }
    try plan.check(result)
    return OptimizedFunction(function: result, plan: plan)
}

private func run(
    _ pipeline: Pipeline, on function: GraphFunction, in module: GraphModule, options: PassOptions
) throws -> GraphFunction {
    let context = PassContext(module, options: options)
    var result = function
    if options.checksPasses {
        let checker = PassChecker(module)
        try pipeline.run(on: &result, context) { try checker.check($0, before: $1, after: $2) }
    } else {
        try pipeline.run(on: &result, context)
    }
    return result
}
