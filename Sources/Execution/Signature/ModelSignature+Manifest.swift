import Artifacts
import GraphIR
import HostTensors

extension ModelSignature {
    /// The signature that a library's manifest describes; throws `ExecutionError` or `ParseError` when it is not whole.
    init(_ manifest: Manifest, place: String) throws {
        let dims = try manifest.dims.map { dim in
            guard dim.minimum <= dim.maximum, dim.multiple >= 1 else {
                throw Self.malformed(place, "a range of dimension '\(dim.name)'", "\(dim.minimum)...\(dim.maximum)")
            }
            return DimSymbol(dim.name, range: dim.minimum...dim.maximum, multiple: dim.multiple)
        }
        let states = try manifest.states.enumerated().map { at, state in
            guard let role = StateRole(rawValue: state.role) else {
                throw Self.malformed(place, "a role of state '\(state.name)'", "'\(state.role)'")
            }
            guard let dtype = DType(rawValue: state.dtype) else {
                throw Self.malformed(place, "an element type of state '\(state.name)'", "'\(state.dtype)'")
            }
            let type = TensorType(dtype, state.shape.map { Dim($0) })
            return StateDeclaration("s\(at)", type: type, role: role, path: state.name)
        }
        func tensors(_ listed: [Manifest.Tensor]) throws -> [TensorSignature] {
            try listed.map { TensorSignature($0.name, try TensorType(text: $0.type, dims: dims, source: place)) }
        }
        let functions = try manifest.functions.map {
            FunctionSignature(name: $0.name, inputs: try tensors($0.inputs), outputs: try tensors($0.outputs))
        }
        self.init(name: manifest.name, dims: dims, states: states, functions: functions)
    }

    private static func malformed(_ place: String, _ expected: String, _ actual: String) -> ExecutionError {
        ExecutionError(place: place, expected: expected, actual: actual, remedy: "compile the model again")
    }
}
