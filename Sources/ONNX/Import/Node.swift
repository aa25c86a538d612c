import GraphIR
import GraphTracing
import HostTensors

/// One node of an ONNX graph with what its inputs stand for: all that the importer of an operator sees.
struct Node {
    /// The operator's name.
    let operatorName: String
    /// The operator set of its domain that the model uses.
    let opset: Int
    /// What the inputs stand for; nil for one that is left out.
    var inputs: [Value?]
    /// The attributes by name, references of functions already resolved.
    let attributes: [String: Onnx_AttributeProto]
    /// The names of the outputs, empty for one that is left out.
    let outputs: [String]
    /// The ranges of named dimensions.
    let ranges: [String: ClosedRange<Int>]
    /// Reads tensors that are attributes.
    let contents: TensorContents
    /// Imports a graph that is an attribute, for what its inputs stand for, and gives its outputs.
    let subgraph: (_ graph: Onnx_GraphProto, _ inputs: [Value]) throws -> [Value]

    /// An error in this node; the importer adds its name.
    func failure(_ message: String, remedy: String? = nil) -> GraphError { GraphError(message, remedy: remedy) }

    /// Whether an output is used.
    func gives(_ output: Int) -> Bool { outputs.indices.contains(output) && !outputs[output].isEmpty }
}

/// Inputs.
extension Node {
    /// Input number `at`, unless it is left out.
    func optional(_ at: Int) -> Value? { inputs.indices.contains(at) ? inputs[at] : nil }

    /// Input number `at`; throws when it is left out.
    func value(_ at: Int) throws -> Value {
        guard let value = optional(at) else { throw failure("input \(at) is missing") }
        return value
    }

    /// Input number `at` as a tensor.
    func tensor(_ at: Int) throws -> Tensor { try value(at).tensor }

    /// A number as a tensor: input number `at`, or the attribute that older operator sets give. Nil when it is left out.
    func scalar(_ at: Int, _ name: String, dtype: DType) -> Tensor? {
        if attributes[name] != nil { return .scalar(float(name, 0), dtype: dtype) }
        return optional(at)?.tensor
    }

    /// The first input.
    var x: Tensor { get throws { try tensor(0) } }

    /// The inputs that are given.
    var tensors: [Tensor] { inputs.compactMap { $0?.tensor } }

    /// The whole numbers of an input that says how, not what: a shape, axes, pads. Nil when it is left out. Older operator sets give
    /// them as an attribute of the same name.
    func sizes(_ at: Int, _ name: String) throws -> [Dim]? {
        if let given = ints(name) { return given.map { Dim($0) } }
        guard let value = optional(at) else { return nil }
        guard let sizes = value.sizes else {
            throw failure(
                "input \(at), '\(name)', must be known when the model is imported",
                remedy:
                    "export it as a constant, or make the input of the model that it comes from one with --constant; what follows from shapes by whole-number operations is known too"
            )
        }
        return sizes.elements
    }

    /// The sizes of a shape that is an input; throws when one is below `least`, or they are more than memory has.
    func shape(_ at: Int, _ name: String, least: Int = 0) throws -> [Dim]? {
        guard let sizes = try sizes(at, name) else { return nil }
        for size in sizes.compactMap(\.constant) where size < least {
            throw failure("input \(at), '\(name)', has the size \(size)", remedy: "sizes are at least 1")
        }
        try requireMemory(TensorType(.u8, sizes), named: "input \(at), '\(name)',")
        return sizes
    }

    /// Throws when an input has no elements, which no operation of a graph takes. Parts of shapes may be empty, and what is put
    /// together with others.
    func requireElements() throws {
        if ["Concat", "Shape", "Size", "Resize"].contains(operatorName) { return }
        for (at, input) in inputs.enumerated() {
            guard let input, input.sizes == nil || input.tensor.dtype == .bool, input.tensor.count == 0 else {
                continue
            }
            throw failure("input \(at) is \(input.tensor.type), without elements", remedy: "sizes are at least 1")
        }
    }

    /// Throws when a type takes more bytes than memory has.
    func requireMemory(_ type: TensorType, named name: String) throws {
        let bytes = type.shape.reduce(Double(type.dtype.byteCount)) { product, size in
            let bounds = size.bounds(ranges)
            return product * max(Double(max(bounds.upperBound.magnitude, bounds.lowerBound.magnitude)), 1)
        }
        guard bytes <= 0x1p56 else {
            throw failure("\(name) can take \(type), more than 2^56 bytes", remedy: "lower the sizes of its dimensions")
        }
    }

    /// The numbers of such an input, where no named dimension may occur.
    func numbers(_ at: Int, _ name: String) throws -> [Int]? {
        try sizes(at, name)?.map { size in
            guard let number = size.constant.map(Self.clamped) else {
                throw failure(
                    "input \(at), '\(name)', is \(size) in part, but must be a number",
                    remedy: "give named dimensions a size with --dim \(size.symbols.first ?? "N")=…")
            }
            return number
        }
    }

    /// The number of an input of one element.
    func number(_ at: Int, _ name: String) throws -> Int? {
        guard let numbers = try numbers(at, name) else { return nil }
        guard numbers.count == 1 else {
            throw failure("input \(at), '\(name)', has \(numbers.count) elements, not one")
        }
        return numbers[0]
    }

    /// The contents of an input that must be a constant, in double precision. Nil when it is left out. Older operator sets give them
    /// as an attribute of the same name.
    func doubles(_ at: Int, _ name: String) throws -> [Double]? {
        if attributes[name] != nil { return floats(name) }
        guard let value = optional(at) else { return nil }
        guard let constant = value.constant else {
            throw failure("input \(at), '\(name)', must be a constant", remedy: "export it as one")
        }
        return constant.doubles()
    }
}

/// Attributes.
extension Node {
    /// A number that can be added and multiplied: no axis, size or stride is beyond 32 bits.
    private static func clamped(_ number: Int) -> Int { Int(Int32(clamping: number)) }

    /// A whole number.
    func int(_ name: String, _ initial: Int) -> Int { attributes[name].map { Self.clamped(Int($0.i)) } ?? initial }
    /// A truth value, which ONNX writes as 0 or 1.
    func bool(_ name: String, _ initial: Bool = false) -> Bool { int(name, initial ? 1 : 0) != 0 }
    /// A number: 1e-05 where the file has the f32 next to it.
    func float(_ name: String, _ initial: Double) -> Double {
        attributes[name].map { Double("\($0.f)") ?? Double($0.f) } ?? initial
    }
    /// Numbers, none where there are none.
    func floats(_ name: String) -> [Double] {
        attributes[name].map { $0.floats.map { Double("\($0)") ?? Double($0) } } ?? []
    }
    /// Whole numbers.
    func ints(_ name: String) -> [Int]? { attributes[name].map { $0.ints.map { Self.clamped(Int($0)) } } }
    /// A text.
    func text(_ name: String, _ initial: String) -> String {
        attributes[name].map { String(decoding: $0.s, as: UTF8.self) } ?? initial
    }
    /// A tensor.
    func constant(_ name: String) throws -> HostTensor? {
        try attributes[name].map { try contents.tensor($0.t, name: "attribute \(name)") }
    }
    /// An element type; throws for one that is not supported.
    func dtype(_ name: String) throws -> DType? {
        guard let attribute = attributes[name] else { return nil }
        guard let dtype = DType(onnx: Int(attribute.i)) else {
            throw failure("'\(name)' is \(DType.onnxName(Int(attribute.i))), which is not supported")
        }
        return dtype
    }

    /// Throws unless the attribute is left out or has the only value that is supported.
    func require(_ name: String, _ value: Int) throws {
        let given = int(name, value)
        guard given == value else { throw failure("attribute '\(name)' is \(given), only \(value) is supported") }
    }

    /// Throws unless the attribute is left out or has the only text that is supported.
    func require(_ name: String, _ value: String) throws {
        let given = text(name, value)
        guard given == value else { throw failure("attribute '\(name)' is '\(given)', only '\(value)' is supported") }
    }
}

/// Axes.
extension Node {
    /// An axis counted from 0; throws when there is no such axis.
    func axis(_ axis: Int, rank: Int) throws -> Int {
        guard (-rank..<rank).contains(axis) else {
            throw failure("axis \(axis) is none of the \(rank) axes")
        }
        return axis < 0 ? axis + rank : axis
    }

    /// Axes counted from 0.
    func axes(_ axes: [Int], rank: Int) throws -> [Int] { try axes.map { try axis($0, rank: rank) } }

    /// The axes that an input says; nil when there are none.
    func axes(input at: Int, rank: Int) throws -> [Int]? {
        let given = try numbers(at, "axes")
        return try given.flatMap { $0.isEmpty ? nil : try axes($0, rank: rank) }
    }
}
