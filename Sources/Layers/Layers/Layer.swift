import GraphTracing

/// A model or a part of one: a value whose variables are found by their property names.
///
/// A layer of one's own is a plain struct that holds other layers and parameters:
/// `struct Classifier: Layer { let hidden = Dense(units: 128) … func callAsFunction(_ image: Tensor) -> Tensor }`.
public protocol Layer: Sendable {
    /// What the layer makes of its input.
    func callAsFunction(_ input: Tensor) -> Tensor
}

/// A layer whose calls record its path in the model and the line of the call.
public protocol ScopedLayer: Layer {
    /// The layer's identity.
    var scope: LayerScope { get }
    /// What the layer makes of its input; called inside the layer's scope.
    func apply(_ input: Tensor) -> Tensor
}

extension ScopedLayer {
    /// What the layer makes of its input, recorded with the layer's own source line.
    @_disfavoredOverload
    public func callAsFunction(_ input: Tensor) -> Tensor { scope.call { apply(input) } }

    /// What the layer makes of its input, recorded with the line of this call.
    public func callAsFunction(_ input: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
        scope.call(file: file, line: line) { apply(input) }
    }
}
