import GraphIR
import HostTensors

extension Tensor {
    /// Repeats along axes of size 1 and new outer axes until the tensor has `shape` (NumPy's rule).
    public func broadcast(to shape: [Dim], file: String = #fileID, line: Int = #line) -> Tensor {
        broadcast(to: shape, place: PlaceScope.call(file, line))
    }

    func broadcast(to target: [Dim], place: Place?) -> Tensor {
        if isFailed || shape == target { return self }
        let offset = target.count - rank
        let fits = offset >= 0 && shape.indices.allSatisfy { shape[$0] == 1 || shape[$0] == target[$0 + offset] }
        guard fits else {
            return Tensor.catching([self], place: place) {
                throw GraphError(
                    "broadcast: \(type) does not repeat to \(TensorType(dtype, target))",
                    remedy: "an axis repeats only from size 1")
            }
        }
        let kept = shape.indices.filter { shape[$0] == target[$0 + offset] }
        var source = self
        if kept.count != rank {
            source = viewed(as: kept.map { shape[$0] }, place: place)
        }
        return Tensor.apply(
            "broadcast", [source], ["axes": .ints(kept.map { $0 + offset }), "shape": .dims(target)], place: place)
    }

    /// The shape that both shapes repeat to, aligned at the last axis; throws naming `operation`, both types and the axis.
    package static func commonShape(_ operation: String, _ x: TensorType, _ y: TensorType) throws -> [Dim] {
        let rank = Swift.max(x.rank, y.rank)
        return try (0..<rank).map { axis in
            let (ofX, ofY) = (axis - rank + x.rank, axis - rank + y.rank)
            guard ofX >= 0 else { return y.shape[ofY] }
            guard ofY >= 0 else { return x.shape[ofX] }
            let (one, other) = (x.shape[ofX], y.shape[ofY])
            if one == other || other == 1 { return one }
            if one == 1 { return other }
            throw GraphError(
                "\(operation): \(x) and \(y) do not broadcast: axis \(axis - rank) is \(one) in one and \(other) in the other",
                remedy: "sizes must be equal, or one of them 1")
        }
    }

    /// A binary operation on operands converted to their common element type and repeated to their common shape.
    static func elementwise(
        _ name: String, _ x: Tensor, _ y: Tensor, _ attributes: Attributes = [:], place: Place? = PlaceScope.current
    ) -> Tensor {
        catching([x, y], place: place) {
            let dtype = x.dtype.promoted(with: y.dtype)
            let shape = try commonShape(name, x.type, y.type)
            let operands = [x, y].map { $0.converted(to: dtype, place: place).broadcast(to: shape, place: place) }
            return apply(name, operands, attributes, place: place)
        }
    }

    func converted(to dtype: DType, place: Place?) -> Tensor {
        if isFailed || self.dtype == dtype { return self }
        return Tensor.apply("cast", [self], ["to": .dtype(dtype)], place: place)
    }

    /// The number as a rank-0 tensor of the dtype of `other`.
    static func matching(_ value: Double, _ other: Tensor) -> Tensor {
        if other.isFailed { return other }
        let number = scalar(value, dtype: other.dtype)
        guard case .failure(let error) = number.expression.source, error.place == nil, let near = other.place else {
            return number
        }
        return Tensor(failure: error.at("after \(near)"))
    }
}
