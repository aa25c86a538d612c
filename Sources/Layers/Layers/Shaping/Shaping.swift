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
        if let failed = Tensor.tooSmall("Reshape", ["shape": shape], least: -1) { return failed }
        return input.reshaped(to: [input.dim(0)] + shape.map { Dim($0) })
    }
}

/// The axes of each example in another order.
public struct Permute: ScopedLayer {
    /// Axis i + 1 of the result is axis `axes[i]` of the input; axis 0 is the batch.
    public let axes: [Int]
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes a layer that puts axes in this order: `[2, 1]` exchanges the two axes of matrices.
    public init(_ axes: [Int], file: String = #fileID, line: Int = #line) {
        self.axes = axes
        scope = LayerScope("Permute", file: file, line: line)
    }

    /// The input, rearranged.
    public func apply(_ input: Tensor) -> Tensor { input.transposed([0] + axes) }
}

/// Every vector of the batch several times in a row: [batch, n] becomes [batch, count, n].
public struct RepeatVector: ScopedLayer {
    /// How often each vector is repeated.
    public let count: Int
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes a layer that repeats.
    public init(_ count: Int, file: String = #fileID, line: Int = #line) {
        self.count = count
        scope = LayerScope("RepeatVector", file: file, line: line)
    }

    /// The repeated vectors.
    public func apply(_ input: Tensor) -> Tensor {
        if input.isFailed { return input }
        if let failed = Tensor.tooSmall("RepeatVector", ["count": [count]]) { return failed }
        var shape = input.shape
        shape.insert(Dim(count), at: min(1, shape.count))
        return input.expanded(at: 1).broadcast(to: shape)
    }
}
