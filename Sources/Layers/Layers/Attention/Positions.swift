import Glibc
import GraphIR
import GraphTracing
import HostTensors

/// A layer that adds to each step of a sequence what tells its position.
public protocol AddedPositions: ScopedLayer {
    /// The sequence [batch, time, features] with what tells the positions of its steps, from 0 or the number `first` on; called
    /// inside the layer's scope.
    func added(to input: Tensor, from first: Tensor?) -> Tensor
}

extension AddedPositions {
    /// The sequence [batch, time, features] from position 0 on.
    public func apply(_ input: Tensor) -> Tensor { added(to: input, from: nil) }

    /// The same from the position `first` on, `i32[]`, such as the length of a `KeyValueCache`.
    public func callAsFunction(
        _ input: Tensor, from first: Tensor?, file: String = #fileID, line: Int = #line
    ) -> Tensor {
        scope.call(file: file, line: line) { added(to: input, from: first) }
    }
}

/// Adds to each step of a sequence what tells its position, by sines and cosines of wavelengths from 2π to 2π · base (Vaswani et
/// al., 2017): element 2i of a step gets sin(position · base^(-2i / features)), element 2i + 1 the cosine.
public struct SinusoidalPositions: AddedPositions {
    /// How slowly the last pair turns.
    public let base: Double
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes the layer.
    public init(base: Double = 10_000, file: String = #fileID, line: Int = #line) {
        self.base = base
        scope = LayerScope("SinusoidalPositions", file: file, line: line)
    }

    /// The sum; the number of features is even.
    public func added(to input: Tensor, from first: Tensor?) -> Tensor {
        if let failed = Tensor.noSequence(scope.kind, input, of: "an even number of") { return failed }
        guard let features = input.dim(2).constant, features % 2 == 0 else {
            return .needsSequence(scope.kind, input, of: "an even number of")
        }
        let half = features / 2
        let frequencies = HostTensor((0..<half).map { Glibc.pow(base, -2 * Double($0) / Double(features)) })
        let positions = Tensor.positions(of: input, from: first, width: half).cast(to: input.dtype)
        let angles = positions * Tensor(frequencies).cast(to: input.dtype)
        return input + stack([sin(angles), cos(angles)], axis: 2).reshaped(to: [input.dim(1), Dim(features)])
    }
}

/// Adds to each step of a sequence a vector of its position that is learned: row i of `table`, [length, features].
public struct LearnedPositions: AddedPositions {
    /// The number of positions; steps behind them get nothing added.
    public let length: Int
    /// The vectors.
    public let table: Parameter
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes a layer of vectors for `length` positions.
    public init(
        length: Int, initializer: Initializer = .normal(standardDeviation: 0.02), file: String = #fileID,
        line: Int = #line
    ) {
        self.length = length
        table = Parameter(initializer: initializer, name: "table", file: file, line: line)
        scope = LayerScope("LearnedPositions", file: file, line: line)
    }

    /// The sum; there are at most `length` steps.
    public func added(to input: Tensor, from first: Tensor?) -> Tensor {
        if let failed = Tensor.noSequence(scope.kind, input, of: "a constant number of") { return failed }
        if let failed = Tensor.tooSmall(scope.kind, ["length": [length]]) { return failed }
        guard let features = input.dim(2).constant else {
            return .needsSequence(scope.kind, input, of: "a constant number of")
        }
        let steps = input.dim(1).constant ?? 0
        guard steps <= length else {
            return Tensor(
                failure: GraphError(
                    "LearnedPositions of \(length) steps is given \(input.type)",
                    place: PlaceScope.current?.description, remedy: "make it with a length of at least \(steps)"))
        }
        let vectors = table.value(of: TensorType(input.dtype, [Dim(length), Dim(features)]), fans: (length, features))
        if first == nil, steps == length { return input + vectors }
        return input + embedding(vectors, Tensor.positions(of: input, from: first, width: nil))
    }
}

extension Tensor {
    /// The positions of a sequence's steps from `first` on, `i32[time]`, or `i32[time, width]`.
    fileprivate static func positions(of sequence: Tensor, from first: Tensor?, width: Int?) -> Tensor {
        let positions = Tensor.iota(axis: 0, shape: [sequence.dim(1)] + (width.map { [Dim($0)] } ?? []))
        return first.map { positions + $0 } ?? positions
    }
}
