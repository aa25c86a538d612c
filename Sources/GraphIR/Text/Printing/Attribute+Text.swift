import HostTensors

extension Attribute: CustomStringConvertible {
    /// The text form, with every element of a tensor.
    public var description: String { text(constants: .inline) }

    /// The text form.
    public func text(constants: ConstantStyle) -> String {
        switch self {
        case .int(let value): String(value)
        case .float(let value): ScalarText.text(value)
        case .bool(let value): String(value)
        case .keyword(let word): word
        case .string(let string): StringText.quoted(string)
        case .dtype(let dtype): dtype.rawValue
        case .ints(let values): Self.list(values)
        case .intLists(let lists): lists.isEmpty ? "none" : lists.map(Self.list).joined(separator: ",")
        case .dims(let dims): Self.list(dims)
        case .tensor(let tensor): Self.text(of: tensor, constants)
        case .types(let types): Self.list(types)
        case .function(let body): body.bodyText(constants: constants)
        case .code(let code): "@\(code.name)"
        }
    }

    private static func list(_ items: [some CustomStringConvertible]) -> String {
        "[\(items.map(\.description).joined(separator: ","))]"
    }

    private static func text(of tensor: HostTensor, _ constants: ConstantStyle) -> String {
        let type = TensorType(tensor.dtype, tensor.shape.map { Dim($0) })
        if constants.hashes(tensor) { return "\(type)@\(tensor.contentHash)" }
        return "\(type){\(ScalarText.texts(of: tensor).joined(separator: ", "))}"
    }
}

extension AttributeKind: CustomStringConvertible {
    /// What to write, in words.
    public var description: String {
        switch self {
        case .int: "a whole number"
        case .float: "a number"
        case .bool: "true or false"
        case .string: "a quoted string"
        case .dtype: "an element type"
        case .ints: "a list of whole numbers such as [0,1]"
        case .intLists: "lists of whole numbers such as [1],[0]"
        case .dims: "a shape such as [B,784]"
        case .tensor: "a tensor such as f32[2]{1, 2}"
        case .types: "types such as [f32[B,10],i32[B]]"
        case .code: "the name of code such as @softclip"
        case .function: "a body such as (%x: f32[3] \"x\") { … }"
        case .keyword(let words): "one of \(words.joined(separator: ", "))"
        }
    }
}
