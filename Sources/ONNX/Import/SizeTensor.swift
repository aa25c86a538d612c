import GraphIR
import GraphTracing
import HostTensors

/// A small tensor of whole numbers that is known when a model is imported, each a polynomial of named dimensions.
///
/// What exporters compute from shapes, to give to a Reshape or an Expand, is kept in this form and never reaches the graph.
struct SizeTensor {
    /// The element type ONNX gives it, an integer or `bool`.
    var dtype: DType
    /// The size of each axis.
    var shape: [Int]
    /// The elements in row-major order; those of a `bool` are 0 or 1.
    var elements: [Dim]

    /// More elements than shapes have are left to the graph.
    static let limit = 1024

    init(_ dtype: DType, _ shape: [Int], _ elements: [Dim]) {
        self.dtype = dtype
        self.shape = shape
        self.elements = elements
    }

    /// The largest number that is told from larger ones: no size comes near, and sums do not overflow.
    static let largest = 1 << 40

    /// The contents of a tensor of integers or `bool`, unless it has too many elements. What is beyond `largest`, such as the end
    /// of a slice that takes all, counts as that.
    init?(_ tensor: HostTensor) {
        guard !tensor.dtype.isFloat, tensor.count <= Self.limit, tensor.dtype != .u64,
            let numbers = try? tensor.converted(to: .i64).scalars(as: Int64.self)
        else { return nil }
        let limit = Self.largest
        self.init(tensor.dtype, tensor.shape, numbers.map { Dim(min(max(Int($0), -limit), limit)) })
    }

    /// The elements as numbers, if no named dimension occurs.
    var numbers: [Int]? {
        let numbers = elements.compactMap(\.constant)
        return numbers.count == elements.count ? numbers : nil
    }

    /// The tensor of these elements, if no named dimension occurs.
    var constant: HostTensor? {
        guard let numbers else { return nil }
        return try? HostTensor(numbers.map { Int64($0) }, shape: shape).converted(to: dtype)
    }

    /// The elements as a tensor of the graph, in which named dimensions are counted when it runs.
    var tensor: Tensor {
        if let constant { return Tensor(constant) }
        let parts = elements.map { Self.count($0, dtype: dtype).reshaped(to: [1]) }
        return concat(parts, axis: 0).reshaped(to: shape.map { Dim($0) })
    }

    /// The value of a dimension as a tensor of rank 0.
    static func count(_ dim: Dim, dtype: DType) -> Tensor {
        let terms = dim.terms.map { term -> Tensor in
            let product = Tensor.count(of: term.symbols.map { Dim(symbol: $0) }, dtype: dtype)
            return term.symbols.isEmpty
                ? .scalar(Double(term.coefficient), dtype: dtype) : product * Double(term.coefficient)
        }
        return terms.dropFirst().reduce(terms.first ?? .scalar(0, dtype: dtype), +)
    }
}
