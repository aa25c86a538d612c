import GraphIR
import GraphTracing

extension Tensor {
    /// A tensor that carries the error that a layer's input needs an axis of constant size.
    static func needsConstantAxis(_ layer: String, _ axis: Int, _ input: Tensor) -> Tensor {
        Tensor(
            failure: GraphError(
                "\(layer) needs an axis \(axis) of constant size, got \(input.type)",
                place: PlaceScope.current?.description, remedy: "choose the axis of the channels or features"))
    }

    /// A tensor that carries the error that an argument of a layer is too small; nil if none is.
    static func tooSmall(_ layer: String, _ arguments: KeyValuePairs<String, [Int]>, least: Int = 1) -> Tensor? {
        guard let (name, sizes) = arguments.first(where: { $0.value.contains { $0 < least } }) else { return nil }
        let one = sizes.allSatisfy { $0 == sizes[0] }
        return Tensor(
            failure: GraphError(
                "\(layer): '\(name)' is \(one ? "\(sizes[0])" : "\(sizes)")", place: PlaceScope.current?.description,
                remedy: "give \(one ? "a number" : "numbers") of at least \(least)"))
    }

    /// A tensor that carries the error that a layer's input is no sequence it can take, or the input's own; nil if it is one.
    static func noSequence(_ layer: String, _ input: Tensor, of features: String = "") -> Tensor? {
        if input.isFailed { return input }
        if input.rank == 3, input.dtype.isFloat { return nil }
        return .needsSequence(layer, input, of: features)
    }

    /// A tensor that carries the error that a layer's input is no sequence it can take.
    static func needsSequence(_ layer: String, _ input: Tensor, of features: String = "") -> Tensor {
        let more = features.isEmpty ? "" : " with \(features) features"
        return Tensor(
            failure: GraphError(
                "\(layer) needs floating-point sequences [batch, time, features]\(more), got \(input.type)",
                place: PlaceScope.current?.description, remedy: "reshape the input, or embed it first"))
    }
}
