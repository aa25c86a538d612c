extension ArtifactDescription {
    /// Names that the C API takes itself, so that no graph function may have them.
    static let reservedFunctionNames: Set<String> = [
        "abi_version", "info", "create", "destroy", "error", "variant", "threads", "state_bytes", "workspace_bytes",
        "get", "set", "load", "save", "save_image", "map_image", "call", "invoke", "record", "context", "options",
        "status", "self_test",
    ]

    /// Checks that the description can become a library.
    ///
    /// - Throws: `ArtifactError` with the name at fault.
    func validate() throws {
        try Self.checkIdentifier(name, what: "library")
        for dim in dims {
            try Self.checkIdentifier(dim.name, what: "dimension")
            if dim.multiple < 1 || dim.range.lowerBound < 0 {
                throw ArtifactError.invalidDim(name: dim.name, range: dim.range, multiple: dim.multiple)
            }
        }
        for function in functions { try validate(function) }
        try Self.checkUnique(dims.map(\.name), what: "dimension")
        try Self.checkUnique(states.map(\.name), what: "state")
        try Self.checkUnique(functions.map(\.name), what: "function")
        for state in states where !Self.isValid(state) {
            throw ArtifactError.invalidState(name: state.name, shape: state.shape)
        }
    }

    private func validate(_ function: ArtifactFunction) throws {
        try Self.checkIdentifier(function.name, what: "function")
        if Self.reservedFunctionNames.contains(function.name) || function.name.hasPrefix("rt_") {
            throw ArtifactError.reservedFunctionName(function.name)
        }
        try Self.checkUnique(function.inputs.map(\.name), what: "input of \(function.name)")
        try Self.checkUnique(function.outputs.map(\.name), what: "output of \(function.name)")
        let known = function.dims.allSatisfy { dims.indices.contains($0) }
        if !known || function.dims != Array(Set(function.dims)).sorted() {
            throw ArtifactError.invalidDimIndices(function: function.name, indices: function.dims, count: dims.count)
        }
    }

    /// Whether the runtime's reader of weights files can meet the state: its limits are fixed sizes.
    private static func isValid(_ state: ArtifactState) -> Bool {
        (1...500).contains(state.name.utf8.count) && state.name.utf8.allSatisfy { $0 >= 0x20 }
            && state.shape.count <= 16 && state.shape.allSatisfy { $0 >= 0 }
    }

    private static func checkIdentifier(_ name: String, what: String) throws {
        if !CIdentifier.isWord(name) { throw ArtifactError.invalidName(name, what: what) }
    }

    private static func checkUnique(_ names: [String], what: String) throws {
        var seen = Set<String>()
        for name in names where !seen.insert(name).inserted { throw ArtifactError.duplicateName(name, what: what) }
    }
}
