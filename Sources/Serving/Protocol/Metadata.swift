import Execution
import HostTensors

/// What the protocol's GET requests answer, as JSON.
enum Metadata {
    /// The extensions of the protocol that this server has.
    static let extensions = ["binary_tensor_data"]
    /// The only version of every model: what is served is what was exported.
    static let version = "1"

    static func server() -> String {
        let extensions = extensions.map { JSON.quoted($0) }.joined(separator: ",")
        return "{\"name\":\"strata\",\"version\":\"\(InferenceServer.version)\",\"extensions\":[\(extensions)]}"
    }

    static func models(_ names: [String]) -> String {
        "{\"models\":[\(names.map { JSON.quoted($0) }.joined(separator: ","))]}"
    }

    static func model(_ model: ServedModel) -> String {
        "{\"name\":\(JSON.quoted(model.name)),\"versions\":[\"\(version)\"],\"platform\":\"strata\",\"inputs\":["
            + tensors(model.function.inputs) + "],\"outputs\":[" + tensors(model.function.outputs) + "]}"
    }

    static func ready(_ model: String, _ isReady: Bool) -> String {
        "{\"name\":\(JSON.quoted(model)),\"ready\":\(isReady)}"
    }

    static func error(_ message: String) -> String { "{\"error\":\(JSON.quoted(message))}" }

    /// Names, datatypes and shapes; sizes that requests choose are -1.
    private static func tensors(_ tensors: [TensorSignature]) -> String {
        tensors.map { tensor in
            let shape = tensor.type.shape.map { String($0.constant ?? -1) }.joined(separator: ",")
            return "{\"name\":\(JSON.quoted(tensor.name)),\"datatype\":\"\(Datatype.name(of: tensor.type.dtype))\","
                + "\"shape\":[\(shape)]}"
        }.joined(separator: ",")
    }
}
