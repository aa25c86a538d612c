import GraphIR
import GraphTracing
import Layers

/// A model as a module that initializes it and predicts with it, for batches of up to 64.
func predicting(
    _ model: some Layer, name: String, input: (name: String, type: TensorType), output: String
) throws -> GraphModule {
    var tracer = ModuleTracer(name: name, dims: [DimSymbol("B", range: 1...64)])
    try tracer.declare(contentsOf: model)
    try tracer.function("predict", inputs: [input]) { inputs in [(output, model(inputs[0]))] }
    try tracer.initializer()
    tracer.moveToFront("init")
    return try tracer.module()
}
