import GraphIR
import GraphTracing
import HostTensors

/// What causal attention has read of some texts so far: the keys and values of their steps, so that each step that follows
/// is computed alone, at the cost of one, and not with all steps before it again.
///
/// It is memory of the model, like a parameter: a traced function that reads with it updates it in place. One belongs to one
/// attention layer.
public struct KeyValueCache: Sendable {
    /// The most steps that fit. Reading more than that overwrites the last ones.
    public let capacity: Int
    /// The keys, [batch, key heads, capacity, size], with zeros where nothing is read yet.
    public let keys: Variable
    /// The values, of the same shape.
    public let values: Variable
    /// How many steps are read, `i32[]`: the position of the step that follows.
    public let length: Variable

    /// Makes an empty cache for up to `capacity` steps.
    public init(capacity: Int, file: String = #fileID, line: Int = #line) {
        self.capacity = capacity
        keys = Variable(initializer: .zeros, name: "keys", role: .buffer, file: file, line: line)
        values = Variable(initializer: .zeros, name: "values", role: .buffer, file: file, line: line)
        length = Variable(
            HostTensor(scalar: Int32(0)), name: "length", role: .buffer, file: file, line: line)
    }

    /// Forgets what was read.
    public func reset() { length.assign(Tensor(HostTensor(scalar: Int32(0)))) }

    /// Adds the keys and values [batch, key heads, steps, size] of steps that follow, and gives all.
    func reading(_ keys: Tensor, _ values: Tensor) -> (keys: Tensor, values: Tensor) {
        let at = length.value
        let zero = Tensor(HostTensor(scalar: Int32(0)))
        let starts = stack([zero, zero, at, zero])
        let all = [(self.keys, keys), (self.values, values)].map { variable, new -> Tensor in
            if new.isFailed { return new }
            var shape = new.shape
            shape[2] = Dim(capacity)
            let old = variable.value(of: TensorType(new.dtype, shape))
            let updated = dynamicUpdateSlice(old, new, starts: starts)
            variable.assign(updated)
            return updated
        }
        length.assign(at + Tensor(HostTensor(scalar: Int32(keys.dim(2).constant ?? 0))))
        return (all[0], all[1])
    }

    /// Which steps of the cache each of the steps that follow may look at, [1, 1, steps, capacity]: those up to itself.
    func shown(to steps: Dim) -> Tensor {
        let shape: [Dim] = [1, 1, steps, Dim(capacity)]
        return Tensor.iota(axis: 3, shape: shape) .<= Tensor.iota(axis: 2, shape: shape) + length.value
    }
}

extension MultiHeadAttention {
    /// The same as for whole texts, step by step: the input holds the steps that follow what `cache` has read, [batch, steps,
    /// features] of a constant batch, and is added to it.
    ///
    /// `mask` is that of whole texts, of `capacity` keys; `bias` is that of these steps and `capacity` keys.
    public func callAsFunction(
        _ input: Tensor, mask: Tensor? = nil, bias: Tensor? = nil, cache: KeyValueCache, file: String = #fileID,
        line: Int = #line
    ) -> Tensor {
        scope.call(file: file, line: line) { attend(input, mask: mask, bias: bias, cache: cache) }
    }

    /// The same, inside a layer that has its own place.
    func attend(_ input: Tensor, mask: Tensor?, bias: Tensor?, cache: KeyValueCache) -> Tensor {
        if input.isFailed { return input }
        if let failed = Tensor.tooSmall("KeyValueCache", ["capacity": [cache.capacity]]) { return failed }
        guard isCausal, input.rank == 3, input.dim(0).constant != nil, let steps = input.dim(1).constant,
            steps <= cache.capacity
        else {
            return Tensor(
                failure: GraphError(
                    "attention with a cache of \(cache.capacity) steps is causal and needs inputs [batch, steps, features] of "
                        + "a constant batch and no more steps, got \(input.type) and isCausal: \(isCausal)",
                    place: PlaceScope.current?.description,
                    remedy: "make the layer with isCausal: true, or the cache with a larger capacity"))
        }
        let shown = cache.shown(to: input.dim(1))
        return attend(input, to: input, bias: bias, position: cache.length.value) { keys, values in
            let all = cache.reading(keys, values)
            return (all.keys, all.values, mask.map { spread($0, input, keys: all.keys) .& shown } ?? shown)
        }
    }
}

extension TransformerEncoder {
    /// The same as for whole texts, step by step: the input holds the steps that follow what `cache` has read.
    public func callAsFunction(
        _ input: Tensor, mask: Tensor? = nil, bias: Tensor? = nil, cache: KeyValueCache, file: String = #fileID,
        line: Int = #line
    ) -> Tensor {
        scope.call(file: file, line: line) {
            encode(input) { attention.attend($0, mask: mask, bias: bias, cache: cache) }
        }
    }
}

extension TransformerDecoder {
    /// The same as for whole texts, step by step: the input holds the steps that follow what `cache` has read.
    public func callAsFunction(
        _ input: Tensor, memory: Tensor, mask: Tensor? = nil, memoryMask: Tensor? = nil, bias: Tensor? = nil,
        cache: KeyValueCache, file: String = #fileID, line: Int = #line
    ) -> Tensor {
        scope.call(file: file, line: line) {
            decode(input, memory: memory, memoryMask: memoryMask) {
                attention.attend($0, mask: mask, bias: bias, cache: cache)
            }
        }
    }
}
