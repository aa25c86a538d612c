import GraphIR
import GraphTracing
import Layers

/// One dense layer with relu: the smallest model that shows every stage of the compiler.
public struct DenseLayer: Layer {
    let hidden = Dense(units: 128, activation: .relu)

    /// Makes the model.
    public init() {}

    /// 128 features of flat images [B, 784].
    public func callAsFunction(_ image: Tensor) -> Tensor { hidden(image) }

    /// The model, to be initialized and used.
    public static func module() throws -> GraphModule {
        let model = DenseLayer()
        var tracer = ModuleTracer(name: "dense", dims: [DimSymbol("B", range: 1...4096)])
        try tracer.declare(contentsOf: model)
        try tracer.function("predict", inputs: [("image", TensorType(.f32, [Dim(symbol: "B"), 784]))]) { inputs in
            [("features", model(inputs[0]))]
        }
        try tracer.initializer()
        tracer.moveToFront("init")
        return try tracer.module()
    }
}
