import GraphIR
import GraphTracing

extension Tensor {
    /// A tensor that carries the error that a layer's input needs an axis of constant size.
    static func needsConstantAxis(_ layer: String, _ axis: Int, _ input: Tensor) -> Tensor {
        Tensor(
            failure: GraphError(
                "\(layer) needs an axis \(axis) of constant size, got \(input.type)",
                place: PlaceScope.current?.description, remedy: "choose the axis of the channels or features"))
    }
}
