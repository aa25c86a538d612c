import HostTensors
import KernelIR
import Mustache

/// Renders the Swift class that calls a library, and the module map by which Swift sees the library's header.
enum SwiftTemplate {
    /// The class's text; equal descriptions and levels give equal texts.
    static func render(_ description: ArtifactDescription, levels: [CPULevel], embedsWeights: Bool) throws -> String {
        let template = try MustacheTemplate(string: EmbeddedText.swift)
        let functions = values(of: description)
        let example = functions.first { $0["title"] as? String == "'predict'" } ?? functions.first
        return template.render(
            [
                "name": description.name,
                "module": module(of: description),
                "type": "\(description.name.prefix(1).uppercased())\(description.name.dropFirst())Model",
                "abiVersion": RuntimeLayout.abiVersion,
                "example": example?["example"] ?? "variant",
                "embedsWeights": embedsWeights,
                "levels": levels.map { ["level": $0.rawValue, "rank": "\($0.rank)"] },
                "hasSelfTest": description.selfTest != nil,
                "testResults": "\((description.selfTest?.resultCount ?? 0) * levels.count)",
                "functions": functions,
                "states": description.states.map { state in
                    [
                        "path": literal(state.name), "type": literal(HeaderTemplate.type(of: state)),
                        "element": swiftType(of: state.dtype), "bytes": "\(state.byteCount)",
                    ]
                },
            ] as [String: Any])
    }

    /// The module map's text.
    static func moduleMap(_ description: ArtifactDescription) -> String {
        """
        module \(module(of: description)) {
            header "\(description.name).h"
            link "\(description.name)"
            export *
        }

        """
    }

    /// The module that the header is imported as.
    private static func module(of description: ArtifactDescription) -> String { "C\(description.name)" }

    /// What the class has itself.
    private static let members = [
        "context", "states", "state", "setState", "load", "save", "saveImage", "mapImage", "variant", "threads",
        "selfTest",
        "withOptions", "check", "Swift", "Failure", "Variant", "StateInfo", "SelfTestResult", "MemoryLayout",
    ]

    private static let keywords =
        """
        _ Any Protocol Self Type actor any as associatedtype async await borrowing break case catch class consume consuming continue copy \
        default defer deinit discard do else enum extension fallthrough false fileprivate for func guard if import in init inout \
        internal is let macro mutating nil nonisolated open operator package precedencegroup private protocol public repeat rethrows return self \
        some static struct subscript super switch throw throws true try typealias var where while each
        """.split(separator: " ").map(String.init)

    /// Distinct identifiers as near to the names as can be; a taken one gets an underscore.
    private static func identifiers(_ names: [String], taken: [String]) -> [String] {
        CIdentifier.distinct(names, underscoring: taken + keywords)
    }

    private static func values(of description: ArtifactDescription) -> [[String: Any]] {
        let names = description.functions.map(\.name)
        let methods = identifiers(names, taken: members)
        let types = identifiers(
            names.map { "\($0.prefix(1).uppercased())\($0.dropFirst())Outputs" }, taken: members + methods)
        return description.functions.indices.map { number in
            values(number, in: description, method: methods[number], outputsType: types[number])
        }
    }

    private static func values(
        _ number: Int, in description: ArtifactDescription, method: String, outputsType: String
    ) -> [String: Any] {
        let function = description.functions[number]
        let dims = function.dims.map { description.dims[$0] }
        let places = (0..<max(function.inputs.count, function.outputs.count)).flatMap {
            ["input\($0)_", "output\($0)_", "result\($0)_"]
        }
        let locals = members + places + [method, "dims_", "tensors_"]
        let all = identifiers(dims.map(\.name) + function.inputs.map(\.name), taken: locals)
        let (dimNames, inputNames) = (Array(all.prefix(dims.count)), Array(all.dropFirst(dims.count)))
        let outputNames = identifiers(function.outputs.map(\.name), taken: [outputsType])
        let sizes = Dictionary(uniqueKeysWithValues: zip(dims.map(\.name), dimNames))
        let inputs = zip(function.inputs, inputNames).enumerated().map { at, input in
            tensor(input.0, at: at, names: sizes, variable: input.1).merging([
                "parameter": input.1, "literal": literal(function.name), "nameLiteral": literal(input.0.name),
                "typeLiteral": literal(input.0.type),
            ]) { $1 }
        }
        let outputs = zip(function.outputs, outputNames).enumerated().map { at, output in
            tensor(output.0, at: at, names: sizes, variable: output.1).merging(["member": output.1]) { $1 }
        }
        let parameters =
            dimNames.map { "\($0): Swift.Int" }
            + zip(function.inputs, inputNames).map { "\($1): [\(swiftType(of: $0.dtype))]" }
        let tensors =
            inputs.indices.map { "Swift.UnsafeMutableRawPointer(mutating: input\($0)_.baseAddress)" }
            + outputs.indices.map { "result\($0)_.baseAddress" }
        return [
            "title": "'\(function.name)'", "literal": literal(function.name), "method": method, "number": "\(number)",
            "outputsType": outputsType, "hasOutputs": !outputs.isEmpty,
            "discardable": function.outputs.isEmpty ? "" : "@discardableResult ",
            "result": outputs.isEmpty ? "" : " -> \(outputsType)", "parameters": parameters.joined(separator: ", "),
            "example": "\(method)(\(all.map { "\($0): \($0)" }.joined(separator: ", ")))",
            "dims": zip(dims, dimNames).map { ["parameter": $1, "text": HeaderTemplate.range(of: $0)] },
            "inputs": inputs, "outputs": outputs, "closings": tensors,
            "dimList": dimNames.map { "Swift.Int64(\($0))" }.joined(separator: ", "),
            "tensorList": tensors.joined(separator: ", "),
            "members": outputNames.indices.map { "\(outputNames[$0]): output\($0)_" }.joined(separator: ", "),
        ]
    }

    private static func tensor(
        _ tensor: ArtifactTensor, at index: Int, names: [String: String], variable: String
    ) -> [String: String] {
        let bits = tensor.dtype == .bf16 ? " (bits of bfloat16)" : ""
        return [
            "at": "\(index)", "swiftType": swiftType(of: tensor.dtype), "zero": tensor.dtype == .bool ? "false" : "0",
            "title": tensor.name == variable ? "" : "'\(HeaderTemplate.comment(tensor.name))', ",
            "type": tensor.type + bits, "count": ExtentText.count(of: tensor.type, names: names),
        ]
    }

    private static func swiftType(of dtype: DType) -> String {
        switch dtype {
        case .f64: "Swift.Double"
        case .f32: "Swift.Float"
        case .f16: "Swift.Float16"
        case .bf16, .u16: "Swift.UInt16"
        case .i64: "Swift.Int64"
        case .i32: "Swift.Int32"
        case .i16: "Swift.Int16"
        case .i8: "Swift.Int8"
        case .u64: "Swift.UInt64"
        case .u32: "Swift.UInt32"
        case .u8: "Swift.UInt8"
        case .bool: "Swift.Bool"
        }
    }

    /// A string literal.
    private static func literal(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar -> String in
            switch scalar {
            case "\\": "\\\\"
            case "\"": "\\\""
            case _ where scalar.value < 32 || scalar.value == 127: "\\u{\(String(scalar.value, radix: 16))}"
            default: String(scalar)
            }
        }
        return "\"" + escaped.joined() + "\""
    }
}
