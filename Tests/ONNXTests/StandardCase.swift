import Foundation
import GraphIR
import HostTensors
import ONNX
import OrderedCollections

/// One of the standard's own tests of an operator: a model, inputs, and what comes out.
struct StandardCase: Sendable, CustomStringConvertible {
    let name: String
    let model: [UInt8]
    let inputs: [HostTensor]
    let outputs: [HostTensor]

    var description: String { name }

    /// All cases that are kept beside the tests, in order of their names.
    static func all() throws -> [StandardCase] {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Data/cases.npz")
            .path
        guard let packed = try NPZ.read(path: path).first?.tensor else { return [] }
        var parts: OrderedDictionary<String, [String: HostTensor]> = [:]
        for (name, tensor) in try Safetensors.decode(packed.bytes, path: path).entries {
            let slash = name.firstIndex(of: "/") ?? name.endIndex
            parts[String(name[..<slash]), default: [:]][String(name[slash...].dropFirst())] = tensor
        }
        return parts.map { name, parts in
            func list(_ kind: String) -> [HostTensor] {
                (0...).lazy.map { parts["\(kind)/\($0)"] }.prefix { $0 != nil }.compactMap { $0 }
            }
            return StandardCase(
                name: name, model: parts["model"]?.bytes ?? [], inputs: list("input"), outputs: list("output"))
        }.sorted { $0.name < $1.name }
    }

    /// Which inputs are made constants when the model is imported: those that say how rather than what must be known then.
    enum Constants: Int, CaseIterable {
        case none, allButTheFirst, all
    }

    /// The model with as few constants as it takes; throws what is wrong with all inputs constant.
    func imported() throws -> (model: ImportedModel, constants: Constants, inputs: [String: HostTensor]) {
        let model = try ONNXModel.decode(model, path: name)
        let names = model.inputNames
        for constants in Constants.allCases {
            let first = constants == .none ? names.count : constants == .all ? 0 : 1
            let known = Dictionary(zip(names, inputs).dropFirst(first), uniquingKeysWith: { $1 })
            do {
                let imported = try model.imported(name: "model", constants: known)
                let given = Dictionary(zip(names, inputs).prefix(first), uniquingKeysWith: { $1 })
                return (imported, constants, given)
            } catch  where constants != .all { continue }
        }
        throw GraphError("\(name) is not imported")
    }
}
