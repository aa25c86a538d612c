import Execution
import HostTensors
import NIOCore

/// A request to run a function, as the Open Inference Protocol writes it: JSON, with tensors in it or as binary data after it.
struct InferenceRequest {
    /// An output that is asked for.
    struct Output {
        let name: String
        let isBinary: Bool
    }

    /// The client's name of the request, which the answer repeats.
    let id: String?
    let inputs: NamedTensors
    /// The outputs asked for, in the client's order; all of the function's where it names none.
    let outputs: [Output]

    /// Reads a body whose first `jsonLength` bytes are JSON, all of them if nil; throws a `RequestFailure` with the place of what is
    /// wrong.
    init(body: UnsafeRawBufferPointer, jsonLength: Int?, function: FunctionSignature) throws {
        let length = jsonLength ?? body.count
        guard (0...body.count).contains(length) else {
            throw RequestFailure.badRequest(
                "header Inference-Header-Content-Length: expected at most the body's \(body.count) bytes, got \(length)"
            )
        }
        let text = UnsafeRawBufferPointer(rebasing: body[..<length])
        let root = try RequestObject(Self.parse(text), place: "the body")
        var reader = TensorsReader(text: text, binary: UnsafeRawBufferPointer(rebasing: body[length...]))
        id = try root.string("id")
        inputs = try reader.inputs(root, of: function)
        let isBinary = try root.object("parameters")?.boolean("binary_data_output") ?? false
        outputs = try Self.outputs(root, of: function, isBinary: isBinary)
    }

    private static func parse(_ text: UnsafeRawBufferPointer) throws -> JSON {
        do { return try JSONParser.parse(text, unread: ["data"]) } catch {
            let before = text.prefix(error.offset)
            let line = before.count { $0 == UInt8(ascii: "\n") } + 1
            let column = error.offset - (before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0) + 1
            throw RequestFailure.badRequest(
                "the body is not JSON: line \(line), column \(column): expected \(error.expected), got \(error.actual)")
        }
    }

    private static func outputs(
        _ root: RequestObject, of function: FunctionSignature, isBinary: Bool
    ) throws -> [Output] {
        guard let listed = try root.objects("outputs"), !listed.isEmpty else {
            return function.outputs.map { Output(name: $0.name, isBinary: isBinary) }
        }
        var names: Set<String> = []
        return try listed.map { object in
            let name = try object.requiredString("name")
            guard function.outputs.contains(where: { $0.name == name }) else {
                let known = function.outputs.map { "'\($0.name)'" }.joined(separator: ", ")
                throw RequestFailure.badRequest("\(object.place): the model has no output '\(name)'; it has \(known)")
            }
            guard names.insert(name).inserted else {
                throw RequestFailure.badRequest("\(object.place): output '\(name)' is asked for twice")
            }
            let parameters = try object.object("parameters")
            try parameters?.refuse(["classification", "shared_memory_region"])
            return Output(name: name, isBinary: try parameters?.boolean("binary_data") ?? isBinary)
        }
    }
}

/// Reads the input tensors of a request, and takes their binary data one after the other.
private struct TensorsReader {
    let text: UnsafeRawBufferPointer
    let binary: UnsafeRawBufferPointer
    private var used = 0

    init(text: UnsafeRawBufferPointer, binary: UnsafeRawBufferPointer) { (self.text, self.binary) = (text, binary) }

    mutating func inputs(_ root: RequestObject, of function: FunctionSignature) throws -> NamedTensors {
        guard let listed = try root.objects("inputs") else {
            throw RequestFailure.badRequest("the body: expected a member \"inputs\", a list of tensors, got none")
        }
        var inputs: NamedTensors = [:]
        for object in listed {
            let name = try object.requiredString("name")
            guard let declared = function.inputs.first(where: { $0.name == name }) else {
                let known = function.inputs.map { "'\($0.name)'" }.joined(separator: ", ")
                throw RequestFailure.badRequest("\(object.place): the model has no input '\(name)'; it has \(known)")
            }
            let tensor = try tensor(object, declared)
            guard inputs.updateValue(tensor, forKey: name) == nil else {
                throw RequestFailure.badRequest("\(object.place): input '\(name)' is given twice")
            }
        }
        guard used == binary.count else {
            throw RequestFailure.badRequest(
                "the body has \(binary.count) bytes of binary data; the inputs' binary_data_size take \(used)")
        }
        return inputs
    }

    private mutating func tensor(_ object: RequestObject, _ declared: TensorSignature) throws -> HostTensor {
        let place = "input '\(declared.name)'"
        let expected = Datatype.name(of: declared.type.dtype)
        let datatype = try object.requiredString("datatype")
        guard datatype == expected else {
            throw RequestFailure.badRequest("\(place): expected datatype \(expected), got \(datatype)")
        }
        let shape = try object.shape()
        guard shape.count == declared.type.rank else {
            throw RequestFailure.badRequest(
                "\(place): expected \(declared.type.rank) axes, \(declared.type), got shape \(shape)")
        }
        let parameters = try object.object("parameters")
        try parameters?.refuse(["shared_memory_region"])
        let data = object.value("data")
        if let size = try parameters?.integer("binary_data_size") {
            guard data == nil else {
                throw RequestFailure.badRequest("\(place): expected either data or a binary_data_size, got both")
            }
            return try take(size, dtype: declared.type.dtype, shape: shape, place: place)
        }
        guard let data else {
            throw RequestFailure.badRequest("\(place): expected data, or a parameter binary_data_size, got neither")
        }
        guard case .unread(let range) = data.content else {
            throw RequestFailure.badRequest("\(place), data: expected an array, got \(data.kind)")
        }
        return try TensorText.read(
            UnsafeRawBufferPointer(rebasing: text[range]), dtype: declared.type.dtype, shape: shape, place: place)
    }

    private mutating func take(_ size: Int, dtype: DType, shape: [Int], place: String) throws -> HostTensor {
        let expected = try HostTensor.elementCount(of: shape, dtype: dtype) * dtype.byteCount
        guard size == expected else {
            throw RequestFailure.badRequest(
                "\(place): a tensor \(Datatype.name(of: dtype)) of shape \(shape) has \(expected) bytes; binary_data_size is "
                    + "\(size)")
        }
        guard size <= binary.count - used else {
            throw RequestFailure.badRequest(
                "\(place): expected \(size) bytes of binary data after the JSON, got \(binary.count - used): is the header "
                    + "Inference-Header-Content-Length right?")
        }
        defer { used += size }
        return try HostTensor(
            copying: UnsafeRawBufferPointer(rebasing: binary[used..<used + size]), dtype: dtype, shape: shape)
    }
}
