import Artifacts
import GraphIR
import KernelIR

extension ArtifactDescription {
    /// What a module offers its callers, under a library name.
    public init(
        of module: GraphModule, name: String, precision: Precision = .float32, recordsKernels: Bool = false
    ) {
        let symbols = module.dims.map(\.name)
        self.init(
            name: name,
            dims: module.dims.map { ArtifactDim(name: $0.name, range: $0.range, multiple: $0.multiple) },
            states: module.states.map {
                ArtifactState(
                    name: $0.path, role: $0.role, dtype: $0.type.dtype, shape: $0.type.constantShape ?? [])
            },
            functions: module.functions.map { function in
                func tensors(_ named: [NamedValue]) -> [ArtifactTensor] {
                    named.map {
                        let type = function.type(of: $0.value)
                        return ArtifactTensor(name: $0.name, dtype: type.dtype, type: type.description)
                    }
                }
                let used = Set(
                    (function.inputs + function.outputs).flatMap {
                        function.type(of: $0.value).shape.flatMap(\.symbols)
                    })
                return ArtifactFunction(
                    name: function.name, dims: symbols.indices.filter { used.contains(symbols[$0]) },
                    inputs: tensors(function.inputs), outputs: tensors(function.outputs))
            },
            options: ["precision": precision.rawValue], recordsKernels: recordsKernels,
            sourceHashes: ["graph": ContentHash.hexadecimal(of: Array(module.text().utf8))])
    }
}
