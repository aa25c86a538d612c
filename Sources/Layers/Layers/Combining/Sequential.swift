import GraphTracing

/// Layers one after another: `Sequential { Flatten(); Dense(units: 10) }`.
///
/// Its layers are named by position: `0`, `1`, …
public struct Sequential: Layer, PositionallyNamed {
    /// The layers in order.
    public let layers: [any Layer]

    /// Makes a sequence of the layers written in the closure.
    public init(@LayerBuilder _ layers: () -> [any Layer]) { self.layers = layers() }

    /// Makes a sequence of layers.
    public init(_ layers: [any Layer]) { self.layers = layers }

    /// What the last layer makes of what the one before makes of … the input.
    public func callAsFunction(_ input: Tensor) -> Tensor { layers.reduce(input) { $1($0) } }

    /// The layers.
    public var members: [Any] { layers.map { $0 as Any } }
}

/// Collects the layers written in a closure.
@resultBuilder
public enum LayerBuilder {
    /// One layer.
    public static func buildExpression(_ layer: some Layer) -> [any Layer] { [layer] }
    /// Layers of a loop or a list.
    public static func buildExpression(_ layers: [any Layer]) -> [any Layer] { layers }
    /// Layers in order.
    public static func buildBlock(_ parts: [any Layer]...) -> [any Layer] { parts.flatMap { $0 } }
    /// Layers that may be left out.
    public static func buildOptional(_ part: [any Layer]?) -> [any Layer] { part ?? [] }
    /// The first choice.
    public static func buildEither(first part: [any Layer]) -> [any Layer] { part }
    /// The second choice.
    public static func buildEither(second part: [any Layer]) -> [any Layer] { part }
    /// The layers of each turn.
    public static func buildArray(_ parts: [[any Layer]]) -> [any Layer] { parts.flatMap { $0 } }
}
