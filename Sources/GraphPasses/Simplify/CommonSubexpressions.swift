import GraphIR
import HostTensors

// before:                                   after:
//   %0 = exp %x : f32[B]                      %0 = exp %x : f32[B]
//   %1 = exp %x : f32[B]                      %1 = add %0, %0 : f32[B]
//   %2 = add %0, %1 : f32[B]

extension GraphPass {
    /// Computes once what is computed twice: equal name, operands and attributes. All operations are pure; `random` of
    /// one seed, stream and step gives one sequence.
    public static let commonSubexpressions = GraphPass(
        name: "commonSubexpressions", summary: "Computes equal operations on equal operands once."
    ) { function, context in
        var known: [OpKey: GraphOp] = [:]
        return try GraphRewriter.rebuild(&function, context) { op, rewriter in
            let key = OpKey(op)
            if let earlier = known[key] { return earlier.results }
            var copy = op
            copy.results = try rewriter.builder.emit(op.name, op.operands, op.attributes)
            known[key] = copy
            return copy.results
        }
    }
}

/// What makes two operations equal.
private struct OpKey: Hashable {
    let name: String
    let operands: [ValueID]
    let attributes: [AttributeKey]

    init(_ op: GraphOp) {
        name = op.name
        operands = op.operands
        attributes = op.attributes.values.map { AttributeKey(attribute: $0) }
    }
}

/// An attribute compared by its bits, so that 0 and -0 differ and NaN equals itself.
private struct AttributeKey: Hashable {
    let attribute: Attribute

    static func == (left: AttributeKey, right: AttributeKey) -> Bool {
        if case .float(let one) = left.attribute, case .float(let other) = right.attribute {
            return one.bitPattern == other.bitPattern
        }
        return left.attribute == right.attribute
    }

    func hash(into hasher: inout Hasher) {
        switch attribute {
        case .int(let value): hasher.combine(value)
        case .float(let value): hasher.combine(value.bitPattern)
        case .bool(let value): hasher.combine(value)
        case .keyword(let value), .string(let value): hasher.combine(value)
        case .dtype(let value): hasher.combine(value)
        case .ints(let value): hasher.combine(value)
        case .intLists(let value): hasher.combine(value)
        case .dims(let value): hasher.combine(value)
        case .types(let value): hasher.combine(value)
        case .function(let body): hasher.combine(body.ops.count)
        case .code(let value): hasher.combine(value)
        case .tensor(let value):
            hasher.combine(value.dtype)
            hasher.combine(value.shape)
            value.withUnsafeBytes { hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: $0.prefix(4096))) }
        }
    }
}
