import HostTensors
import SwiftProtobuf

/// A network as an ONNX file says it: read, not yet understood.
///
/// Operator sets 7 to 28 of the standard are known, in models of any IR version that names its operator sets.
public struct ONNXModel: Sendable {
    /// The file, as errors name it.
    public let path: String
    let proto: Onnx_ModelProto

    /// The operator sets of the standard's own domain that are known.
    public static let opsets = 7...28

    /// The names of the inputs of the model's graph, in order; some may be weights.
    public var inputNames: [String] { proto.graph.input.map(\.name) }

    /// Reads the file at `path`; throws a `FileError` when it cannot be read or is no ONNX model.
    ///
    /// Weights that the model keeps in files of its own are read when it is imported, from the same folder.
    public static func read(path: String) throws -> ONNXModel {
        try decode(try WholeFile.read(path: path), path: path)
    }

    /// Reads the bytes of a file; `path` is what errors name, and the folder where files with weights are looked for.
    public static func decode(_ bytes: [UInt8], path: String = "bytes") throws -> ONNXModel {
        func failure(_ actual: String, _ remedy: String) -> FileError {
            FileError(path: path, place: .wholeFile, expected: "an ONNX model", actual: actual, remedy: remedy)
        }
        let proto: Onnx_ModelProto
        do {
            proto = try Onnx_ModelProto(serializedBytes: bytes)
        } catch BinaryDecodingError.truncated {
            throw failure(
                "\(bytes.count) bytes that end within a message", "the file is cut off; copy or export it again")
        } catch {
            throw failure("\(bytes.count) bytes of another kind", "name a file that an exporter to ONNX has written")
        }
        guard proto.hasGraph else {
            throw failure("\(bytes.count) bytes without a graph", "name a file that an exporter to ONNX has written")
        }
        guard let opset = opset(of: proto) else {
            throw failure("a model that names no operator set", "export it again with 'opset_version' set")
        }
        guard opsets.contains(opset) else {
            throw failure(
                "operator set \(opset), where \(opsets.lowerBound) to \(opsets.upperBound) are known",
                "convert it with onnx.version_converter.convert_version(model, 21), or export it with another opset_version"
            )
        }
        return ONNXModel(path: path, proto: proto)
    }

    /// The folder of the file, with a slash at its end; empty for the current folder.
    var folder: String { path.lastIndex(of: "/").map { String(path[...$0]) } ?? "" }

    /// The operator sets by domain, the standard's own under the empty name.
    static func opsets(_ imports: [Onnx_OperatorSetIdProto]) -> [String: Int] {
        Dictionary(
            imports.map { (Self.standardName($0.domain), Int($0.version)) }, uniquingKeysWith: { $1 })
    }

    /// The domain, empty for the standard's own.
    static func standardName(_ domain: String) -> String { domain == "ai.onnx" ? "" : domain }

    private static func opset(of proto: Onnx_ModelProto) -> Int? { opsets(proto.opsetImport)[""] }
}
