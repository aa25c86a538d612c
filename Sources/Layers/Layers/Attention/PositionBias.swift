import Glibc
import GraphIR
import GraphTracing
import HostTensors

/// What tells attention the positions of keys by a number that adds to their scores: `attention(x, mask: nil, bias: positions(x))`.
public protocol PositionBias: ScopedLayer {
    /// What adds to scores, [heads, queries or 1, keys] of `dtype`, of how far each key is behind its query (`i32[queries, keys]`,
    /// negative before it); called inside the layer's scope.
    func bias(ofDistances distances: Tensor, dtype: DType) -> Tensor
}

extension PositionBias {
    /// For a sequence [batch, time, features] that attends to itself, [1, heads, time or 1, time].
    public func apply(_ input: Tensor) -> Tensor {
        if let failed = Tensor.noSequence(scope.kind, input) { return failed }
        return spread(queries: input.dim(1), keys: input.dim(1), from: nil, dtype: input.dtype)
    }

    /// For steps that follow what `cache` has read, [1, heads, steps or 1, capacity], made before they are read too.
    public func callAsFunction(
        _ input: Tensor, cache: KeyValueCache, file: String = #fileID, line: Int = #line
    ) -> Tensor {
        scope.call(file: file, line: line) {
            if let failed = Tensor.noSequence(scope.kind, input) { return failed }
            return spread(
                queries: input.dim(1), keys: Dim(cache.capacity), from: cache.length.value, dtype: input.dtype)
        }
    }

    private func spread(queries: Dim, keys: Dim, from first: Tensor?, dtype: DType) -> Tensor {
        let distances = Tensor.iota(axis: 1, shape: [queries, keys]) - Tensor.iota(axis: 0, shape: [queries, keys])
        let bias = bias(ofDistances: first.map { distances - $0 } ?? distances, dtype: dtype)
        return bias.isFailed ? bias : bias.expanded(at: 0)
    }
}

/// Scores that fall with the distance between key and query, by a slope of each head from 2^(-8/heads) to 2^-8 (ALiBi; Press et al.,
/// 2022). Nothing is learned.
public struct ALiBi: PositionBias {
    /// The number of heads.
    public let heads: Int
    /// Whether attention hides keys behind their query. Then one number a key will do, as what all keys of a query share does not matter.
    public let isCausal: Bool
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes slopes for `heads` heads.
    public init(heads: Int, isCausal: Bool = false, file: String = #fileID, line: Int = #line) {
        self.heads = heads
        self.isCausal = isCausal
        scope = LayerScope("ALiBi", file: file, line: line)
    }

    /// The slope of each head. If they are no power of two, those of the power below come first, then every other one of the power
    /// above, as in the paper's program.
    public var slopes: [Double] {
        var power = 1
        while power * 2 <= heads { power *= 2 }
        func slopes(_ count: Int) -> [Double] {
            (0..<max(count, 0)).map { Glibc.pow(2, -8 * Double($0 + 1) / Double(count)) }
        }
        let others = slopes(2 * power).enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
        return Array((slopes(power) + others).prefix(max(heads, 0)))
    }

    /// -slope · |distance|; for causal attention slope · distance from the first query.
    public func bias(ofDistances distances: Tensor, dtype: DType) -> Tensor {
        if let failed = Tensor.tooSmall(scope.kind, ["heads": [heads]]) { return failed }
        let slopes = Tensor(HostTensor(slopes)).cast(to: dtype).reshaped(to: [Dim(heads), 1, 1])
        return slopes * (isCausal ? distances[..<1] : -abs(distances)).cast(to: dtype)
    }
}

/// Scores to which a number is added that is learned for each head and bucket of distances: row i of `table`, [buckets, heads], for
/// those in bucket i (T5; Raffel et al., 2020). The blocks of a model may share it.
///
/// Half of the buckets are for one distance each; the others grow, up to `farthest`, from which on all share the last one. If
/// causal, keys behind their query share the bucket of distance 0; else half of all buckets are for them.
public struct RelativePositionBias: PositionBias {
    /// The number of heads.
    public let heads: Int
    /// The number of buckets.
    public let buckets: Int
    /// The distance from which on all share a bucket.
    public let farthest: Int
    /// Whether only keys before a query are told apart.
    public let isCausal: Bool
    /// What is added to scores.
    public let table: Parameter
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes a layer for `heads` heads.
    public init(
        heads: Int, buckets: Int = 32, farthest: Int = 128, isCausal: Bool = false,
        initializer: Initializer = .normal(standardDeviation: 0.02), file: String = #fileID, line: Int = #line
    ) {
        self.heads = heads
        self.buckets = buckets
        self.farthest = farthest
        self.isCausal = isCausal
        table = Parameter(initializer: initializer, name: "table", file: file, line: line)
        scope = LayerScope("RelativePositionBias", file: file, line: line)
    }

    /// The row of each distance's bucket.
    public func bias(ofDistances distances: Tensor, dtype: DType) -> Tensor {
        let least = isCausal ? 2 : 4
        if let failed = Tensor.tooSmall(scope.kind, ["heads": [heads]]) { return failed }
        if let failed = Tensor.tooSmall(scope.kind, ["buckets": [buckets]], least: least) { return failed }
        let sided = isCausal ? buckets : buckets / 2
        if let failed = Tensor.tooSmall(scope.kind, ["farthest": [farthest]], least: sided / 2 + 1) { return failed }
        let rows = table.value(of: TensorType(dtype, [Dim(buckets), Dim(heads)]), fans: (buckets, heads))
        let before = (0...farthest).map { Int32(bucket($0, of: sided)) }
        let behind = isCausal ? [Int32](repeating: 0, count: farthest) : before.dropFirst().map { $0 + Int32(sided) }
        let known = Tensor(HostTensor(before.reversed() + behind))
        let places = minimum(maximum(distances, Double(-farthest)), Double(farthest)) + Double(farthest)
        return embedding(rows, gather(known, places)).transposed([2, 0, 1])
    }

    /// The bucket of a distance, by logarithms of f32 as programs that trained such models compute it.
    private func bucket(_ distance: Int, of count: Int) -> Int {
        let exact = count / 2
        if distance < exact { return distance }
        let share = logf(Float(distance) / Float(exact)) / Float(log(Double(farthest) / Double(exact)))
        return min(exact + Int(share * Float(count - exact)), count - 1)
    }
}
