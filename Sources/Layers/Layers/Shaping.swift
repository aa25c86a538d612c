import GraphIR
import GraphTracing

/// All axes but the first as one.
public struct Flatten: ScopedLayer {
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes the layer.
    public init(file: String = #fileID, line: Int = #line) {
        scope = LayerScope("Flatten", file: file, line: line)
    }

    /// The input as [batch, elements].
    public func apply(_ input: Tensor) -> Tensor {
        if input.isFailed { return input }
        return input.reshaped(to: [input.dim(0), Dim.product(input.shape.dropFirst())])
    }
}

/// Each example under another shape.
public struct Reshape: ScopedLayer {
    /// The shape of one example; one size may be -1.
    public let shape: [Int]
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes a layer that gives each example this shape.
    public init(_ shape: [Int], file: String = #fileID, line: Int = #line) {
        self.shape = shape
        scope = LayerScope("Reshape", file: file, line: line)
    }

    /// The input as [batch] + shape.
    public func apply(_ input: Tensor) -> Tensor {
        if input.isFailed { return input }
        return input.reshaped(to: [input.dim(0)] + shape.map { Dim($0) })
    }
}

/// In training, each element is 0 with probability `rate` and scaled by 1/(1 - rate) otherwise; else the input itself.
public struct Dropout: ScopedLayer {
    /// The share of elements set to 0.
    public let rate: Double
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes a layer that drops a share of its input, 0 or more and below 1.
    public init(rate: Double, file: String = #fileID, line: Int = #line) {
        self.rate = rate
        scope = LayerScope("Dropout", file: file, line: line)
    }

    /// The thinned input in training, the input itself in inference.
    public func apply(_ input: Tensor) -> Tensor {
        if input.isFailed || Phase.current == .inference || rate == 0 { return input }
        do { return try RandomPosition.next().dropout(input, rate: rate) } catch {
            return Tensor(failure: error as? GraphError ?? GraphError("\(error)"))
        }
    }
}
