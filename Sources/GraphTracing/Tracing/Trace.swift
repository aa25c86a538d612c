import GraphIR

/// The graph of a closure of one tensor: a module with one function, inputs `x`, output `result`.
public func trace(
    _ x: TensorType, name: String = "main", dims: [DimSymbol] = [], _ body: (Tensor) throws -> Tensor
) throws -> GraphModule {
    try trace([("x", x)], name: name, dims: dims) { [("result", try body($0[0]))] }
}

/// The graph of a closure of two tensors: inputs `x` and `y`, output `result`.
public func trace(
    _ x: TensorType, _ y: TensorType, name: String = "main", dims: [DimSymbol] = [],
    _ body: (Tensor, Tensor) throws -> Tensor
) throws -> GraphModule {
    try trace([("x", x), ("y", y)], name: name, dims: dims) { [("result", try body($0[0], $0[1]))] }
}

/// The graph of a closure of three tensors: inputs `x`, `y` and `z`, output `result`.
public func trace(
    _ x: TensorType, _ y: TensorType, _ z: TensorType, name: String = "main", dims: [DimSymbol] = [],
    _ body: (Tensor, Tensor, Tensor) throws -> Tensor
) throws -> GraphModule {
    try trace([("x", x), ("y", y), ("z", z)], name: name, dims: dims) {
        [("result", try body($0[0], $0[1], $0[2]))]
    }
}

/// The graph of a closure of named tensors; variables it meets become states, each with an initial value in `init`.
public func trace(
    _ inputs: [(name: String, type: TensorType)], name: String = "main", dims: [DimSymbol] = [],
    _ body: ([Tensor]) throws -> [(name: String, value: Tensor)]
) throws -> GraphModule {
    var tracer = ModuleTracer(name: name, dims: dims)
    try tracer.function(name, inputs: inputs, body: body)
    if !tracer.variables.isEmpty { try tracer.initializer() }
    return try tracer.module()
}
