import GraphIR
import GraphTracing
import HostTensors

let constantOperators: [OperatorDefinition] = [
    valued(
        "Constant", ["value", "value_float", "value_floats", "value_int", "value_ints"], limits: "texts, sparse tensors"
    ) {
        node in
        if let value = try node.constant("value") { return Value(constant: value) }
        if let attribute = node.attributes["value_float"] { return Value(constant: HostTensor(scalar: attribute.f)) }
        if let attribute = node.attributes["value_int"] { return Value(constant: HostTensor(scalar: attribute.i)) }
        if let attribute = node.attributes["value_floats"] { return Value(constant: HostTensor(attribute.floats)) }
        if let attribute = node.attributes["value_ints"] { return Value(constant: HostTensor(attribute.ints)) }
        throw node.failure("there is no attribute with a value")
    },
    valued("ConstantOfShape", since: 9, ["value"], limits: "`shape` must be known at import") { node in
        let shape = try node.shape(0, "input") ?? []
        let value = try node.constant("value") ?? HostTensor(scalar: 0 as Float)
        guard value.count == 1, let number = value.doubles().first else {
            throw node.failure("attribute 'value' has \(value.count) elements, not one")
        }
        let sizes = shape.compactMap(\.constant)
        if sizes.count == shape.count, !value.dtype.isFloat, sizes.reduce(1, *) <= SizeTensor.limit,
            abs(number) <= Double(SizeTensor.largest)
        {
            let count = sizes.reduce(1, *)
            return Value(sizes: SizeTensor(value.dtype, sizes, Array(repeating: Dim(Int(number)), count: count)))
        }
        return Value(Tensor(try value.reshaped([])).broadcast(to: shape))
    },
    rows("Dropout", ["ratio", "seed"], limits: "`training_mode` true") { node in
        if let mode = node.optional(2), mode.sizes?.numbers != [0] {
            throw node.failure("input 2, 'training_mode', must be false", remedy: "export the model for inference")
        }
        let x = try node.x
        return [x, .ones(TensorType(node.opset < 10 ? x.dtype : .bool, x.shape))]
    },
    row("EyeLike", since: 9, ["dtype", "k"]) { node in
        let shape = try node.x.shape
        let dtype = try node.dtype("dtype") ?? node.x.dtype
        let (row, column) = (Tensor.iota(axis: 0, shape: shape), Tensor.iota(axis: 1, shape: shape))
        return (row + Double(node.int("k", 0)) .== column).cast(to: dtype)
    },
    valued("Identity") { node in try node.value(0) },
    valued("Range", since: 11, ["stash_type"], limits: "sizes must be known at import") { node in
        let (start, limit, delta) = (try node.value(0), try node.value(1), try node.value(2))
        if let first = start.constant?.doubles().first, let end = limit.constant?.doubles().first,
            let step = delta.constant?.doubles().first, step != 0
        {
            let length = max(((end - first) / step).rounded(.up), 0)
            guard length <= 0x1p24 else { throw node.failure("\(length) numbers are too many for a constant") }
            let count = Int(length)
            let numbers = (0..<count).map { first + Double($0) * step }
            return Value(constant: HostTensor(numbers).converted(to: start.tensor.dtype))
        }
        guard let first = start.sizes?.elements.first, let end = limit.sizes?.elements.first,
            delta.sizes?.numbers == [1]
        else {
            throw node.failure("the start and limit must be known at import, and the step 1 where they are not numbers")
        }
        let dtype = start.tensor.dtype
        let positions = Tensor.iota(shape: [end - first], dtype: dtype)
        return Value(first == 0 ? positions : positions + SizeTensor.count(first, dtype: dtype))
    },
    valued("Shape", ["end", "start"]) { node in
        let shape = try node.x.shape
        func position(_ name: String, _ initial: Int) -> Int {
            let given = node.int(name, initial)
            return min(max(given < 0 ? given + shape.count : given, 0), shape.count)
        }
        let (start, end) = (position("start", 0), position("end", shape.count))
        let sizes = start < end ? Array(shape[start..<end]) : []
        return Value(sizes: SizeTensor(.i64, [sizes.count], sizes))
    },
    valued("Size") { node in
        Value(sizes: SizeTensor(.i64, [], [Dim.product(try node.x.shape)]))
    },
]

/// A row for an operator whose result may be known at import.
private func valued(
    _ name: String, since: Int = 7, _ attributes: [String] = [], limits: String = "",
    _ convert: @escaping @Sendable (Node) throws -> Value
) -> OperatorDefinition {
    OperatorDefinition(
        name: name, since: since, attributes: attributes, limits: limits, moves: .none,
        convert: { [try convert($0)] })
}
