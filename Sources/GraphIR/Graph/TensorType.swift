import HostTensors

/// What is known of a tensor before it is computed: element type and shape.
public struct TensorType: Hashable, Sendable, CustomStringConvertible {
    /// The element type.
    public var dtype: DType
    /// The size of each axis, outermost first.
    public var shape: [Dim]

    /// Makes a type.
    public init(_ dtype: DType, _ shape: [Dim] = []) {
        self.dtype = dtype
        self.shape = shape
    }

    /// The number of axes.
    public var rank: Int { shape.count }
    /// The number of elements.
    public var count: Dim { Dim.product(shape) }
    /// The number of bytes, row-major without gaps.
    public var byteCount: Dim { count * Dim(dtype.byteCount) }
    /// The shape, if no axis is symbolic.
    public var constantShape: [Int]? {
        let sizes = shape.compactMap(\.constant)
        return sizes.count == shape.count ? sizes : nil
    }

    /// The shape under `bindings`; throws when a symbol is not bound.
    public func shape(_ bindings: [String: Int]) throws -> [Int] { try shape.map { try $0.value(bindings) } }

    /// The text form: `f32[B,784]`.
    public var description: String { "\(dtype.rawValue)[\(shape.map(\.description).joined(separator: ","))]" }
}
