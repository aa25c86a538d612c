import Execution
import HostTensors
import NIOCore

/// The answer to an inference: JSON, and behind it the tensors that were asked for as binary data.
struct InferenceResponse {
    /// The whole body.
    let body: ByteBuffer
    /// The bytes of JSON that it begins with, where others follow; nil if it is JSON alone.
    let jsonLength: Int?

    init(
        model: String, version: String, id: String?, outputs: [InferenceRequest.Output], results: NamedTensors,
        allocator: ByteBufferAllocator
    ) {
        let chosen = outputs.compactMap { output in results[output.name].map { (output, $0) } }
        let bytes = chosen.reduce(256) { $0 + 128 + $1.1.count * ($1.0.isBinary ? 0 : 12) }
        var json = allocator.buffer(capacity: bytes)
        json.writeString("{\"model_name\":\(JSON.quoted(model)),\"model_version\":\(JSON.quoted(version))")
        if let id { json.writeString(",\"id\":\(JSON.quoted(id))") }
        json.writeString(",\"outputs\":[")
        for (at, (output, tensor)) in chosen.enumerated() {
            if at > 0 { json.writeString(",") }
            json.writeString(
                "{\"name\":\(JSON.quoted(output.name)),\"datatype\":\"\(Datatype.name(of: tensor.dtype))\",\"shape\":["
                    + tensor.shape.map(String.init).joined(separator: ",") + "],")
            if output.isBinary {
                json.writeString("\"parameters\":{\"binary_data_size\":\(tensor.byteCount)}}")
            } else {
                json.writeString("\"data\":[")
                tensor.writeElements(to: &json)
                json.writeString("]}")
            }
        }
        json.writeString("]}")
        guard chosen.contains(where: { $0.0.isBinary }) else {
            (body, jsonLength) = (json, nil)
            return
        }
        jsonLength = json.readableBytes
        for (output, tensor) in chosen where output.isBinary { tensor.withUnsafeBytes { _ = json.writeBytes($0) } }
        body = json
    }
}

extension HostTensor {
    /// Writes all elements in row-major order, as JSON with commas between.
    fileprivate func writeElements(to buffer: inout ByteBuffer) {
        // The writer asks for elements of the tensor's own type, which is never refused.
        guard var elements = try? dtype.accept(ElementWriter(tensor: self)) else { return }
        buffer.writeBuffer(&elements)
    }
}

/// Writes elements of one type.
private struct ElementWriter: DTypeVisitor {
    let tensor: HostTensor

    func visit<Scalar: HostScalar>(_ type: Scalar.Type) throws -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: tensor.count * 12)
        try tensor.withScalars(as: Scalar.self) { elements in
            for (at, element) in elements.enumerated() {
                if at > 0 { buffer.writeString(",") }
                buffer.writeString(Self.text(element))
            }
        }
        return buffer
    }

    private static func text<Scalar: HostScalar>(_ element: Scalar) -> String {
        guard Scalar.dtype.isFloat else { return "\(element)" }
        let value = element.cast(to: Double.self)
        if value.isFinite { return "\(element)" }
        // JSON has no such numbers.
        return value.isNaN ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\""
    }
}
