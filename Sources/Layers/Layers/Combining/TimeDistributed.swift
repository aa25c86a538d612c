import GraphIR
import GraphTracing

/// A layer applied to every step of a sequence alike: [batch, time, …] through the layer of [batch, …].
public struct TimeDistributed<Inner: Layer>: Layer {
    /// The layer.
    public let layer: Inner

    /// Makes a layer that works on each step.
    public init(_ layer: Inner) { self.layer = layer }

    /// What the layer makes of each step, [batch, time, …].
    public func callAsFunction(_ input: Tensor) -> Tensor {
        if input.isFailed { return input }
        guard input.rank >= 2 else {
            return Tensor(
                failure: GraphError(
                    "TimeDistributed needs batch and time, got \(input.type)",
                    place: PlaceScope.current?.description, remedy: "the input is [batch, time, …]"))
        }
        let (batch, time) = (input.dim(0), input.dim(1))
        let steps = layer(input.reshaped(to: [batch * time] + input.shape.dropFirst(2)))
        if steps.isFailed { return steps }
        return steps.reshaped(to: [batch, time] + steps.shape.dropFirst())
    }
}
