import HostTensors
import KernelIR
import Mustache

/// Renders the Python module that calls a library.
enum PythonTemplate {
    /// The module's text; equal descriptions and levels give equal texts.
    static func render(_ description: ArtifactDescription, levels: [CPULevel], embedsWeights: Bool) throws -> String {
        let template = try MustacheTemplate(string: EmbeddedText.python)
        let example = description.functions.first { $0.name == "predict" } ?? description.functions.first
        let arguments = (example?.inputs ?? []).map(\.name)
        return template.render(
            [
                "name": description.name,
                "abiVersion": RuntimeLayout.abiVersion,
                "example":
                    "\(methods(of: description)[example?.name ?? ""] ?? "call")(\(PythonText.parameters(arguments).joined(separator: ", ")))",
                "embedsWeights": embedsWeights,
                "hasSelfTest": description.selfTest != nil,
                "testResults": "\((description.selfTest?.resultCount ?? 0) * levels.count)",
                "levels": levels.map { ["level": $0.rawValue, "rank": "\($0.rank)"] },
                "dims": description.dims.map {
                    [
                        "name": PythonText.literal($0.name), "least": "\($0.range.lowerBound)",
                        "largest": "\($0.range.upperBound)", "multiple": "\($0.multiple)",
                    ]
                },
                "states": description.states.map {
                    [
                        "name": PythonText.literal($0.name), "dtype": PythonText.literal($0.dtype.numpyName),
                        "shape": $0.shape.map { "\($0)," }.joined(separator: " "),
                    ]
                },
                "functions": description.functions.enumerated().map { number, function in
                    values(function, number: number, in: description)
                },
            ] as [String: Any])
    }

    /// The methods that call functions, by the functions' names: those of the class itself are others.
    private static func methods(of description: ArtifactDescription) -> [String: String] {
        let names = description.functions.map(\.name)
        let taken = [
            "call", "states", "load", "save", "variant", "threads", "close", "property", "_state", "_open", "_run",
            "_context", "_library", "_lock", "__init__", "__getitem__", "__setitem__", "__enter__", "__exit__",
            "__reduce__",
            "__del__",
        ]
        return Dictionary(uniqueKeysWithValues: zip(names, PythonText.identifiers(names, taken: taken)))
    }

    private static func values(
        _ function: ArtifactFunction, number: Int, in description: ArtifactDescription
    ) -> [String: Any] {
        let parameters = PythonText.parameters(function.inputs.map(\.name))
        return [
            "name": methods(of: description)[function.name] ?? function.name,
            "text": PythonText.literal(function.name),
            "number": "\(number)",
            "dims": function.dims.map { PythonText.literal(description.dims[$0].name) }.joined(separator: ", "),
            "parameters": parameters.map { ["name": $0] },
            "inputs": zip(function.inputs, parameters).map { tensor($0).merging(["parameter": $1]) { $1 } },
            "outputs": function.outputs.enumerated().map { at, output in
                tensor(output).merging(at == 0 ? ["first": "yes"] : [:]) { $1 }
            },
        ]
    }

    private static func tensor(_ tensor: ArtifactTensor) -> [String: String] {
        [
            "name": PythonText.literal(tensor.name),
            "title": PythonText.comment(tensor.name),
            "dtype": PythonText.literal(tensor.dtype.numpyName),
            "shape": ExtentText.extents(of: tensor.type).map(PythonText.extent).joined(separator: ", "),
            "type": tensor.type + (tensor.dtype == .bf16 ? " (the bits, in uint16)" : ""),
        ]
    }
}

extension DType {
    /// The name of the NumPy type that holds its elements.
    fileprivate var numpyName: String {
        switch self {
        case .f64: "float64"
        case .f32: "float32"
        case .f16: "float16"
        case .bf16: "uint16"
        case .i64: "int64"
        case .i32: "int32"
        case .i16: "int16"
        case .i8: "int8"
        case .u64: "uint64"
        case .u32: "uint32"
        case .u16: "uint16"
        case .u8: "uint8"
        case .bool: "bool"
        }
    }
}
