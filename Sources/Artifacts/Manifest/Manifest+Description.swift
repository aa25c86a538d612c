import KernelIR

extension Manifest {
    /// The manifest of a library to be built; `files` is absent.
    init(_ description: ArtifactDescription, architecture: Architecture, levels: [CPULevel], embedsWeights: Bool) {
        formatVersion = Self.supportedFormatVersion
        abiVersion = RuntimeLayout.abiVersion
        name = description.name
        target = Target(architecture: architecture, level: .baseline).triple
        self.levels = levels.map { Level(name: $0.rawValue, rank: $0.rank) }
        dims = description.dims.map {
            Dim(name: $0.name, minimum: $0.range.lowerBound, maximum: $0.range.upperBound, multiple: $0.multiple)
        }
        states = description.states.map {
            State(
                name: $0.name, role: $0.role.rawValue, dtype: $0.dtype.rawValue, shape: $0.shape,
                byteCount: $0.byteCount)
        }
        functions = description.functions.map { function in
            Function(
                name: function.name, symbol: "\(description.name)_\(function.name)",
                dims: function.dims.map { description.dims[$0].name },
                inputs: function.inputs.map(Self.tensor), outputs: function.outputs.map(Self.tensor))
        }
        self.embedsWeights = embedsWeights
        constantBytes = description.constantBytes
        selfTestResults = description.selfTest.map { $0.resultCount * levels.count }
        options = description.options
        sourceHashes = description.sourceHashes
        files = nil
    }

    private static func tensor(_ tensor: ArtifactTensor) -> Tensor {
        Tensor(name: tensor.name, dtype: tensor.dtype.rawValue, type: tensor.type)
    }
}
