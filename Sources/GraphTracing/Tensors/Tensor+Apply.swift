import GraphIR
import HostTensors
import OrderedCollections

extension Tensor {
    /// Any operation of the op table with one result, applied to operands that fit it exactly.
    ///
    /// Operands that carry errors give a tensor that carries them; operands that do not fit give a tensor that carries a
    /// `GraphError` with the place.
    public static func apply(
        _ name: String, _ operands: [Tensor], _ attributes: Attributes = [:], place: Place? = PlaceScope.current
    ) -> Tensor {
        applyMany(name, operands, attributes, resultCount: 1, place: place)[0]
    }

    /// Any operation of the op table that gives `resultCount` tensors.
    public static func applyMany(
        _ name: String, _ operands: [Tensor], _ attributes: Attributes = [:], resultCount: Int,
        place: Place? = PlaceScope.current
    ) -> [Tensor] {
        if operands.contains(where: \.isFailed) {
            let expression = Expression(
                .operation(name, attributes), operands: operands, types: [TensorType(.f32)], place: place)
            return Array(repeating: Tensor(expression), count: resultCount)
        }
        do {
            let definition = try OpTable.definition(of: name)
            let applied = try definition.applied(to: operands.map(\.type), attributes: attributes)
            guard applied.results.count == resultCount else {
                throw GraphError("\(name) gives \(applied.results.count) results, \(resultCount) are expected")
            }
            let expression = Expression(
                .operation(name, applied.attributes), operands: operands, types: applied.results, place: place)
            return (0..<resultCount).map { Tensor(expression, result: $0) }
        } catch {
            let failed = Tensor(failure: Tensor.located(error, place: place, operands: operands))
            return Array(repeating: failed, count: resultCount)
        }
    }

    /// The result of `body`, or a tensor that carries the error it throws, located.
    static func catching(
        _ operands: [Tensor], place: Place?, _ body: () throws -> Tensor
    ) -> Tensor {
        if operands.contains(where: \.isFailed) {
            return Tensor(
                Expression(.operation("", [:]), operands: operands, types: [TensorType(.f32)], place: place))
        }
        do { return try body() } catch {
            return Tensor(failure: located(error, place: place, operands: operands))
        }
    }

    /// The error with a place: its own, the current one, or that of the operand made nearest to it.
    private static func located(_ error: any Error, place: Place?, operands: [Tensor]) -> GraphError {
        let error = error as? GraphError ?? GraphError("\(error)")
        if let place { return error.at(place.description) }
        guard let near = operands.lazy.compactMap(\.place).last else { return error }
        return error.at("after \(near)")
    }
}
