import GraphIR
import GraphTracing
import HostTensors

/// All axes from `axis` on of each example together shifted and scaled to mean 0 and variance 1, then element by element
/// by `scale` and `offset` (Ba et al., 2016).
public struct LayerNorm: ScopedLayer {
    /// The first axis that is normalized over, from the end if negative.
    public let axis: Int
    /// Added to variances.
    public let epsilon: Double
    /// What elements are multiplied by, of the axes' shape.
    public let scale: Parameter
    /// What is added to elements, of the axes' shape; there may be none.
    public let offset: Parameter?
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes a layer.
    public init(
        axis: Int = -1, epsilon: Double = 1e-5, shifts: Bool = true, file: String = #fileID, line: Int = #line
    ) {
        self.axis = axis
        self.epsilon = epsilon
        scale = Parameter(initializer: .ones, name: "scale", file: file, line: line)
        offset = shifts ? Parameter(initializer: .zeros, name: "offset", file: file, line: line) : nil
        scope = LayerScope("LayerNorm", file: file, line: line)
    }

    /// The normalized input.
    public func apply(_ input: Tensor) -> Tensor {
        input.normalizing(from: axis, "LayerNorm") { type in
            layerNorm(
                input, scale: scale.value(of: type), offset: offset?.value(of: type) ?? .zeros(type), axis: axis,
                epsilon: epsilon)
        }
    }
}

/// All axes from `axis` on of each example divided by the root of their mean square, then multiplied element by element by
/// `scale` (Zhang and Sennrich, 2019).
public struct RMSNorm: ScopedLayer {
    /// The first axis that is normalized over, from the end if negative.
    public let axis: Int
    /// Added to mean squares.
    public let epsilon: Double
    /// What elements are multiplied by, of the axes' shape.
    public let scale: Parameter
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes a layer.
    public init(axis: Int = -1, epsilon: Double = 1e-6, file: String = #fileID, line: Int = #line) {
        self.axis = axis
        self.epsilon = epsilon
        scale = Parameter(initializer: .ones, name: "scale", file: file, line: line)
        scope = LayerScope("RMSNorm", file: file, line: line)
    }

    /// The normalized input.
    public func apply(_ input: Tensor) -> Tensor {
        input.normalizing(from: axis, "RMSNorm") { type in
            rmsNorm(input, scale: scale.value(of: type), axis: axis, epsilon: epsilon)
        }
    }
}

extension Tensor {
    /// What `normalize` makes of it, given the type of its axes from `axis` on.
    fileprivate func normalizing(from axis: Int, _ layer: String, _ normalize: (TensorType) -> Tensor) -> Tensor {
        if isFailed { return self }
        let first = axis < 0 ? axis + rank : axis
        guard shape.indices.contains(first), shape[first...].allSatisfy({ $0.constant != nil }) else {
            return .needsConstantAxis(layer, axis, self)
        }
        return normalize(TensorType(dtype, Array(shape[first...])))
    }
}
