import GraphIR
import HostTensors
import KernelIR
import Mustache

/// Renders a library's C header.
enum HeaderTemplate {
    /// The header's text; equal descriptions and levels give equal texts.
    static func render(_ description: ArtifactDescription, levels: [CPULevel], embedsWeights: Bool) throws -> String {
        let template = try MustacheTemplate(string: EmbeddedText.header)
        return template.render(values(description, levels: levels, embedsWeights: embedsWeights))
    }

    private static func values(
        _ description: ArtifactDescription, levels: [CPULevel], embedsWeights: Bool
    ) -> [String: Any] {
        [
            "name": description.name,
            "upper": description.name.uppercased(),
            "abiVersion": RuntimeLayout.abiVersion,
            "levels": levels.map { ["level": $0.rawValue.uppercased(), "rank": "\($0.rank)"] },
            "hasDims": !description.dims.isEmpty,
            "dims": description.dims.map { ["text": "\($0.name) in \(range(of: $0))"] },
            "hasStates": !description.states.isEmpty,
            "embedsWeights": embedsWeights,
            "hasSelfTest": description.selfTest != nil,
            "testResults": "\((description.selfTest?.resultCount ?? 0) * levels.count)",
            "states": description.states.map { ["text": stateText($0)] },
            "functions": description.functions.map { functionValues($0, in: description) },
        ]
    }

    private static func functionValues(
        _ function: ArtifactFunction, in description: ArtifactDescription
    ) -> [String: Any] {
        let dims = function.dims.map { description.dims[$0] }
        let tensors = function.inputs + function.outputs
        let all = CIdentifier.distinct(dims.map(\.name) + tensors.map(\.name), taken: ["context"])
        let (dimNames, names) = (all.prefix(dims.count), Array(all.dropFirst(dims.count)))
        let isInput = tensors.indices.map { $0 < function.inputs.count }
        let parameters =
            ["\(description.name)_context *context"] + dimNames.map { "int64_t \($0)" }
            + tensors.indices.map { index in
                "\(isInput[index] ? "const " : "")\(cType(of: tensors[index].dtype)) *\(names[index])"
            }
        let dimLines = zip(dims, dimNames).map { dim, name in
            "@param \(name) dimension\(dim.name == name ? "" : " '\(dim.name)'"), \(range(of: dim))"
        }
        let tensorLines = tensors.indices.map { index in
            let title = tensors[index].name == names[index] ? "" : " '\(comment(tensors[index].name))'"
            return "@param \(names[index]) \(isInput[index] ? "input" : "output")\(title), "
                + "\(tensors[index].type)\(note(on: tensors[index].dtype))"
        }
        return [
            "library": description.name,
            "name": function.name,
            "notes": (["@param context made by \(description.name)_create"] + dimLines + tensorLines).map {
                ["text": $0]
            },
            "parameters": wrapped(parameters),
        ]
    }

    /// Parameters on one line if they fit, else four spaces deep.
    private static func wrapped(_ parameters: [String]) -> String {
        let line = parameters.joined(separator: ", ")
        if line.count <= 80 { return line }
        return "\n    " + parameters.joined(separator: ",\n    ")
    }

    /// The values of a dimension that are allowed.
    static func range(of dim: ArtifactDim) -> String {
        "\(dim.range.lowerBound)...\(dim.range.upperBound)"
            + (dim.multiple > 1 ? ", a multiple of \(dim.multiple)" : "")
    }

    private static func stateText(_ state: ArtifactState) -> String {
        "\"\(comment(state.name))\": \(type(of: state)), \(state.role.rawValue), \(state.byteCount) bytes"
    }

    /// The type of a state, as `f32[784, 128]`.
    static func type(of state: ArtifactState) -> String {
        "\(state.dtype.rawValue)[\(state.shape.map(String.init).joined(separator: ", "))]"
    }

    /// A name, which is free text, as a part of a comment: on one line, and without what would end it.
    static func comment(_ name: String) -> String {
        let line = String(name.map { $0.isNewline ? " " : $0 })
        return line.replacing("*/", with: "* /").replacing("/*", with: "/ *")
    }

    /// The C type that holds an element.
    static func cType(of dtype: DType) -> String {
        switch dtype {
        case .f64: "double"
        case .f32: "float"
        case .f16, .bf16: "uint16_t"
        case .i64: "int64_t"
        case .i32: "int32_t"
        case .i16: "int16_t"
        case .i8: "int8_t"
        case .u64: "uint64_t"
        case .u32: "uint32_t"
        case .u16: "uint16_t"
        case .u8, .bool: "uint8_t"
        }
    }

    /// What is to be said of elements that C has no type for.
    static func note(on dtype: DType) -> String {
        switch dtype {
        case .f16: " (bits of IEEE half precision)"
        case .bf16: " (bits of bfloat16)"
        case .bool: " (0 or 1 each)"
        default: ""
        }
    }
}
