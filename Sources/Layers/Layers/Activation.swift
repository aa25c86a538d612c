import GraphIR
import GraphTracing

/// A function applied to every element of a layer's output.
public struct Activation: Sendable, CustomStringConvertible {
    /// Its name: `relu`.
    public let description: String
    private let function: @Sendable (Tensor) -> Tensor

    /// Makes an activation of any function that keeps the shape.
    public init(_ name: String, _ function: @escaping @Sendable (Tensor) -> Tensor) {
        description = name
        self.function = function
    }

    /// The function's value.
    public func callAsFunction(_ x: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
        PlaceScope.at(file, line) { function(x) }
    }
}

extension Activation {
    /// The input itself.
    public static let identity = Activation("identity") { $0 }
    /// `max(x, 0)`.
    public static let relu = Activation("relu") { GraphTracing.relu($0) }
    /// `x Φ(x)`, exact.
    public static let gelu = Activation("gelu") { GraphTracing.gelu($0) }
    /// `x Φ(x)` approximated by tanh.
    public static let geluTanh = Activation("geluTanh") { GraphTracing.gelu($0, approximate: true) }
    /// `x / (1 + e^-x)`, also called swish.
    public static let silu = Activation("silu") { GraphTracing.silu($0) }
    /// The hyperbolic tangent.
    public static let tanh = Activation("tanh") { GraphTracing.tanh($0) }
    /// `1 / (1 + e^-x)`.
    public static let sigmoid = Activation("sigmoid") { GraphTracing.sigmoid($0) }
    /// Exponentials along the last axis, scaled to sum to 1.
    public static let softmax = Activation("softmax") { GraphTracing.softmax($0) }
    /// The logarithm of softmax along the last axis.
    public static let logSoftmax = Activation("logSoftmax") { GraphTracing.logSoftmax($0) }
    /// The exponential.
    public static let exponential = Activation("exponential") { GraphTracing.exp($0) }
    /// `x` where positive, else `slope · x`.
    public static func leakyRelu(slope: Double = 0.01) -> Activation {
        Activation("leakyRelu") { GraphTracing.leakyRelu($0, slope: slope) }
    }
    /// `x` where positive, else `α (e^x - 1)`.
    public static func elu(alpha: Double = 1) -> Activation { Activation("elu") { GraphTracing.elu($0, alpha: alpha) } }
    /// `x` where positive, else `α (e^(x/α) - 1)`.
    public static func celu(alpha: Double = 1) -> Activation { Activation("celu") { Layers.celu($0, alpha: alpha) } }
    /// The exponential unit that normalizes itself.
    public static let selu = Activation("selu") { GraphTracing.selu($0) }
    /// `x tanh(softplus(x))`.
    public static let mish = Activation("mish") { GraphTracing.mish($0) }
    /// `ln(1 + e^x)`.
    public static let softplus = Activation("softplus") { GraphTracing.softplus($0) }
    /// `x / (1 + |x|)`.
    public static let softsign = Activation("softsign") { GraphTracing.softsign($0) }
    /// `min(max(x, 0), 6)`.
    public static let relu6 = Activation("relu6") { GraphTracing.relu6($0) }
    /// `min(max(x / 6 + 1/2, 0), 1)`.
    public static let hardSigmoid = Activation("hardSigmoid") { GraphTracing.hardSigmoid($0) }
    /// `x · hardSigmoid(x)`.
    public static let hardSwish = Activation("hardSwish") { GraphTracing.hardSwish($0) }
    /// `min(max(x, -1), 1)`.
    public static let hardTanh = Activation("hardTanh") { GraphTracing.hardTanh($0) }
    /// `x - tanh(x)`.
    public static let tanhShrink = Activation("tanhShrink") { Layers.tanhShrink($0) }
    /// `ln(1 / (1 + e^-x))`.
    public static let logSigmoid = Activation("logSigmoid") { GraphTracing.logSigmoid($0) }
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
        scope = LayerScope(activation.description, file: file, line: line)
    }

    /// The activation of the input.
    public func apply(_ input: Tensor) -> Tensor { activation(input) }
}
