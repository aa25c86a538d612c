import GraphIR
import HostTensors

/// A tensor: a value that records the expression that makes it.
///
/// Without inputs it can be evaluated on the spot (`print(Tensor([1, 2]) + 1)`); while a function is traced it stands for
/// what the function will compute. A wrong operation does not trap: it gives a tensor that carries a located error, and
/// tracing or evaluation throws all such errors at once.
public struct Tensor: Sendable {
    let expression: Expression
    let resultIndex: Int

    init(_ expression: Expression, result: Int = 0) {
        self.expression = expression
        resultIndex = result
    }

    /// A tensor of these numbers.
    @_disfavoredOverload
    public init(_ value: HostTensor) { self.init(value, place: PlaceScope.current) }

    /// A tensor of these numbers, made at a place.
    init(_ value: HostTensor, place: Place?) {
        let type = TensorType(value.dtype, value.shape.map { Dim($0) })
        self.init(Expression(.operation("constant", ["value": .tensor(value)]), types: [type], place: place))
    }

    /// A tensor of an array's elements in row-major order, of their dtype: `Tensor(values, shape: [2, 3])`; without a shape, of one
    /// axis. Fails if the shape has another number of elements.
    @_disfavoredOverload
    public init<Scalar: HostScalar>(
        _ scalars: [Scalar], shape: [Int]? = nil, file: String = #fileID, line: Int = #line
    ) {
        let place = PlaceScope.call(file, line)
        do {
            self.init(try HostTensor(scalars, shape: shape ?? [scalars.count]), place: place)
        } catch {
            self.init(failure: GraphError("\(error)", place: place.description))
        }
    }

    /// A tensor that carries an error instead of a value, for layers and functions that find a mistake themselves.
    public init(failure error: GraphError) {
        self.init(
            Expression(.failure(error), types: [TensorType(.f32)], place: nil))
    }

    /// A named input of a function that is being traced.
    init(input name: String, type: TensorType) {
        self.init(Expression(.input(name), types: [type], place: nil))
    }
}

extension Tensor {
    /// Element type and shape; `f32[]` if the tensor carries an error.
    public var type: TensorType { isFailed ? TensorType(.f32) : expression.types[resultIndex] }
    /// The element type.
    public var dtype: DType { type.dtype }
    /// The size of each axis, outermost first; empty if the tensor carries an error.
    public var shape: [Dim] { type.shape }
    /// The number of axes.
    public var rank: Int { type.rank }
    /// Whether the tensor, or anything it is made of, carries an error.
    public var isFailed: Bool { expression.isFailed }
    /// Where in the program the tensor is made, if that is known.
    public var place: Place? { expression.place }

    /// The size of an axis, counted from the end if negative; 1 if there is no such axis.
    public func dim(_ axis: Int) -> Dim {
        let at = axis < 0 ? axis + rank : axis
        return shape.indices.contains(at) ? shape[at] : 1
    }
}

extension Tensor {
    /// A rank-0 constant of a dtype; fails if an integer dtype cannot hold `value`.
    public static func scalar(_ value: Double, dtype: DType = .f32) -> Tensor {
        let converted = HostTensor(scalar: value).converted(to: dtype)
        guard dtype.isFloat || converted.doubles() == [value] else {
            return Tensor(
                failure: GraphError(
                    "\(value) is not a value of \(dtype)", place: PlaceScope.current?.description,
                    remedy: "cast the tensor to a floating-point type first"))
        }
        return Tensor(converted)
    }

    /// A tensor of a type, every element `value`.
    public static func full(_ value: Double, _ type: TensorType) -> Tensor {
        scalar(value, dtype: type.dtype).broadcast(to: type.shape, place: PlaceScope.current)
    }

    /// A tensor of zeros.
    public static func zeros(_ type: TensorType) -> Tensor { full(0, type) }

    /// A tensor of ones.
    public static func ones(_ type: TensorType) -> Tensor { full(1, type) }

    /// Positions along an axis: element (…, i, …) is i.
    public static func iota(axis: Int = 0, shape: [Dim], dtype: DType = .i32) -> Tensor {
        apply("iota", [], ["axis": .int(axis), "shape": .dims(shape), "dtype": .dtype(dtype)])
    }
}
