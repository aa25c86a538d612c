import GraphIR
import HostTensors

/// What one example gives for one input: a name, an element type and a shape without the batch.
public struct FeatureSpec: Sendable, Hashable {
    /// The input's name: `image`.
    public var name: String
    /// The element type.
    public var dtype: DType
    /// The shape of one example.
    public var shape: [Int]

    /// Describes an input.
    public init(_ name: String, _ dtype: DType = .f32, _ shape: [Int] = []) {
        self.name = name
        self.dtype = dtype
        self.shape = shape
    }

    /// The type of a batch.
    public func type(batch: DimSymbol) -> TensorType {
        TensorType(dtype, [Dim(symbol: batch.name)] + shape.map { Dim($0) })
    }
}
