import GraphTracing

/// What layers make of the input, plus the input itself (or what `shortcut` makes of it): `Residual { Dense(units: 8) }`.
///
/// Its layers are named by position, those of the shortcut behind the others.
public struct Residual: Layer, PositionallyNamed {
    /// The layers in order.
    public let layers: [any Layer]
    /// What the input goes through on the other way; nothing if empty.
    public let shortcut: [any Layer]

    /// Makes a residual block of the layers written in the closure.
    public init(
        @LayerBuilder _ layers: () -> [any Layer], @LayerBuilder shortcut: () -> [any Layer] = { [] }
    ) {
        self.layers = layers()
        self.shortcut = shortcut()
    }

    /// The sum of both ways.
    public func callAsFunction(_ input: Tensor) -> Tensor {
        shortcut.reduce(input) { $1($0) } + layers.reduce(input) { $1($0) }
    }

    /// The layers.
    public var members: [Any] { (layers + shortcut).map { $0 as Any } }
}

/// What several layers make of one input, side by side along an axis: `Concatenate { Dense(units: 8); Dense(units: 4) }`.
///
/// Its layers are named by position.
public struct Concatenate: Layer, PositionallyNamed {
    /// The layers, each given the input.
    public let branches: [any Layer]
    /// The axis along which results are joined, from the end if negative.
    public let axis: Int
    private let file: String
    private let line: Int

    /// Makes a fork of the layers written in the closure.
    public init(
        axis: Int = -1, file: String = #fileID, line: Int = #line, @LayerBuilder _ branches: () -> [any Layer]
    ) {
        self.axis = axis
        self.file = file
        self.line = line
        self.branches = branches()
    }

    /// The joined results.
    public func callAsFunction(_ input: Tensor) -> Tensor {
        concat(branches.map { $0(input) }, axis: axis, file: file, line: line)
    }

    /// The layers.
    public var members: [Any] { branches.map { $0 as Any } }
}

/// The sum of what several layers make of one input.
///
/// Its layers are named by position.
public struct Add: Layer, PositionallyNamed {
    /// The layers, each given the input.
    public let branches: [any Layer]

    /// Makes a fork of the layers written in the closure.
    public init(@LayerBuilder _ branches: () -> [any Layer]) { self.branches = branches() }

    /// The sum of the results; the input if there are no layers.
    public func callAsFunction(_ input: Tensor) -> Tensor {
        guard let first = branches.first else { return input }
        return branches.dropFirst().reduce(first(input)) { $0 + $1(input) }
    }

    /// The layers.
    public var members: [Any] { branches.map { $0 as Any } }
}
