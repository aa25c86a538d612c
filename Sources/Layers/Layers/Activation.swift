import GraphTracing

/// A function applied to every element of a layer's output.
public enum Activation: String, Sendable, Hashable, CaseIterable {
    case identity, relu, gelu, geluTanh, silu, tanh, sigmoid, softmax, logSoftmax

    /// The function's value; softmax works along the last axis.
    public func callAsFunction(_ x: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
        switch self {
        case .identity: x
        case .relu: GraphTracing.relu(x, file: file, line: line)
        case .gelu: GraphTracing.gelu(x, file: file, line: line)
        case .geluTanh: GraphTracing.gelu(x, approximate: true, file: file, line: line)
        case .silu: GraphTracing.silu(x, file: file, line: line)
        case .tanh: GraphTracing.tanh(x, file: file, line: line)
        case .sigmoid: GraphTracing.sigmoid(x, file: file, line: line)
        case .softmax: GraphTracing.softmax(x, file: file, line: line)
        case .logSoftmax: GraphTracing.logSoftmax(x, file: file, line: line)
        }
    }
}

/// An activation as a layer of its own.
public struct Activate: ScopedLayer {
    /// The function.
    public let activation: Activation
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes a layer of an activation.
    public init(_ activation: Activation, file: String = #fileID, line: Int = #line) {
        self.activation = activation
        scope = LayerScope(activation.rawValue, file: file, line: line)
    }

    /// The activation of the input.
    public func apply(_ input: Tensor) -> Tensor { activation(input) }
}
