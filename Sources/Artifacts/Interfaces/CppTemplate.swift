import HostTensors
import KernelIR
import Mustache

/// Renders the C++ class that calls a library.
enum CppTemplate {
    /// The header's text; equal descriptions and levels give equal texts.
    static func render(_ description: ArtifactDescription, levels: [CPULevel], embedsWeights: Bool) throws -> String {
        let template = try MustacheTemplate(string: EmbeddedText.cpp)
        let functions = values(of: description)
        let example = functions.first { $0["title"] as? String == "'predict'" } ?? functions.first
        return template.render(
            [
                "name": description.name,
                "space": CIdentifier.nearest(to: description.name),
                "upper": description.name.uppercased(),
                "example": example?["example"] ?? "variant()",
                "embedsWeights": embedsWeights,
                "hasSelfTest": description.selfTest != nil,
                "functions": functions,
                "states": description.states.map { state in
                    [
                        "path": literal(state.name), "type": literal(HeaderTemplate.type(of: state)),
                        "element": literal(HeaderTemplate.cType(of: state.dtype)), "bytes": "\(state.byteCount)",
                    ]
                },
            ] as [String: Any])
    }

    /// What the class and its namespace have themselves.
    private static let taken = [
        "Model", "Error", "Span", "Options", "StateInfo", "SelfTestReport", "End", "states", "state", "set_state",
        "load",
        "save", "save_image", "map_image", "variant", "threads", "info", "context", "context_", "self_test", "expect",
        "expect_dims", "expect_size", "expect_element", "element_name", "std", "strata",
    ]

    private static func values(of description: ArtifactDescription) -> [[String: Any]] {
        let names = description.functions.map(\.name)
        let methods = CIdentifier.distinct(names, taken: taken)
        let types = CIdentifier.distinct(
            names.map { "\($0.prefix(1).uppercased())\($0.dropFirst())Outputs" }, taken: taken + methods)
        return description.functions.indices.map { number in
            values(number, in: description, method: methods[number], outputsType: types[number])
        }
    }

    private static func values(
        _ number: Int, in description: ArtifactDescription, method: String, outputsType: String
    ) -> [String: Any] {
        let function = description.functions[number]
        let dims = function.dims.map { description.dims[$0] }
        let locals = taken + [method, outputsType, "dims_", "outputs_", "tensors_", description.name + "_invoke"]
        let all = CIdentifier.distinct(dims.map(\.name) + function.inputs.map(\.name), taken: locals)
        let (dimNames, inputNames) = (Array(all.prefix(dims.count)), Array(all.dropFirst(dims.count)))
        let members = CIdentifier.distinct(function.outputs.map(\.name), taken: [outputsType])
        let sizes = Dictionary(uniqueKeysWithValues: zip(dims.map(\.name), dimNames))
        func count(_ tensor: ArtifactTensor) -> String {
            ExtentText.count(of: tensor.type, names: sizes, one: "std::int64_t(1)")
        }
        let inputs = zip(function.inputs, inputNames).map { input, parameter in
            [
                "parameter": parameter, "title": title(input, unless: parameter), "literal": literal(function.name),
                "type": input.type + HeaderTemplate.note(on: input.dtype), "nameLiteral": literal(input.name),
                "typeLiteral": literal(input.type), "count": count(input),
            ]
        }
        let outputs = zip(function.outputs, members).map { output, member in
            [
                "member": member, "title": title(output, unless: member), "cType": cType(of: output.dtype),
                "type": output.type + HeaderTemplate.note(on: output.dtype), "count": count(output),
            ]
        }
        let parameters =
            dimNames.map { "std::int64_t \($0)" }
            + zip(function.inputs, inputNames).map { "Span<const \(cType(of: $0.dtype))> \($1)" }
        let tensors =
            inputNames.map { "const_cast<void *>(static_cast<const void *>(\($0).data()))" }
            + members.map { "outputs_.\($0).data()" }
        return [
            "title": "'\(function.name)'", "literal": literal(function.name), "method": method, "number": "\(number)",
            "outputsType": outputsType, "hasOutputs": !outputs.isEmpty,
            "result": outputs.isEmpty ? "void" : outputsType, "parameters": parameters.joined(separator: ", "),
            "example": "\(method)(\(all.joined(separator: ", ")))",
            "dims": zip(dims, dimNames).map { ["parameter": $1, "text": HeaderTemplate.range(of: $0)] },
            "inputs": inputs, "outputs": outputs, "dimSlots": "\(max(1, dims.count))",
            "dimList": dimNames.joined(separator: ", "), "tensorSlots": "\(max(1, tensors.count))",
            "tensorList": tensors.joined(separator: ", "),
        ]
    }

    /// The name of a tensor and a comma, where it is not that of the variable.
    private static func title(_ tensor: ArtifactTensor, unless name: String) -> String {
        tensor.name == name ? "" : "'\(HeaderTemplate.comment(tensor.name))', "
    }

    private static func cType(of dtype: DType) -> String {
        let type = HeaderTemplate.cType(of: dtype)
        return type.hasSuffix("_t") ? "std::" + type : type
    }

    /// A string literal.
    private static func literal(_ text: String) -> String {
        let escaped = text.utf8.map { byte -> String in
            switch byte {
            case UInt8(ascii: "\\"): "\\\\"
            case UInt8(ascii: "\""): "\\\""
            // Three digits end an octal escape; what follows belongs to the text.
            case ..<0x20, 0x7f...: "\\" + String(Int(byte) + 0o1000, radix: 8).dropFirst()
            default: String(UnicodeScalar(byte))
            }
        }
        return "\"" + escaped.joined() + "\""
    }
}
