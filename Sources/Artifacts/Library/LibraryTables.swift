import HostTensors
import KernelIR

/// The module that joins a model to the runtime: its tables as constants, and the exported C functions.
struct LibraryTables {
    let description: ArtifactDescription
    /// The levels there is code for, from the least to the most capable.
    let levels: [CPULevel]
    /// For each of them a text that differs wherever its code or the library's states do.
    let identities: [String]
    /// The text that `NAME_info` returns.
    let manifest: String
    /// Where each state's initial bytes lie, and in which file; nil when states start from zeros.
    let weights: EmbeddedWeights?

    /// The module as LLVM IR text.
    func ir() -> String {
        var table = ConstantTable(prefix: RuntimeLayout.prefix(description.name))
        let library = libraryFields(&table)
        let test = description.selfTest.map { SelfTestTable(test: $0).fields(&table) }
        let exports = ExportedFunctions(description: description, information: table.text(manifest))
        let embedded = weights.map { $0.moduleAssembly(symbol: weightsSymbol) } ?? ""
        return embedded + table.ir
            + "@\(RuntimeLayout.prefix(description.name))library = internal constant "
            + ConstantTable.structure(library) + ", align 8\n\n"
            + (test.map(testConstant) ?? "")
            + declarations() + exports.ir()
    }

    /// What `NAME_self_test` is given beside the library.
    private func testConstant(_ fields: [String]) -> String {
        "@\(RuntimeLayout.prefix(description.name))test = internal constant "
            + ConstantTable.structure(fields) + ", align 8\n\n"
    }

    private var weightsSymbol: String { RuntimeLayout.prefix(description.name) + "weights" }

    /// `strata_rt_library`.
    private func libraryFields(_ table: inout ConstantTable) -> [String] {
        let levelElements = zip(levels, identities).map { level, identity in
            [table.text(level.rawValue), "i64 \(level.rank)", table.text(identity)]
        }
        let dims = description.dims.map { dim in
            [
                table.text(dim.name), "i64 \(dim.range.lowerBound)", "i64 \(dim.range.upperBound)",
                "i64 \(dim.multiple)",
            ]
        }
        let states = description.states.indices.map { stateFields($0, &table) }
        let functions = description.functions.map { functionFields($0, &table) }
        return [
            table.text(description.name), table.text(manifest),
            "i64 \(levels.count)", table.structures("levels", levelElements),
            "i64 \(dims.count)", table.structures("dims", dims),
            "i64 \(states.count)", table.structures("states", states),
            "i64 \(functions.count)", table.structures("functions", functions),
        ]
    }

    /// `strata_rt_state`.
    private func stateFields(_ index: Int, _ table: inout ConstantTable) -> [String] {
        let state = description.states[index]
        let isRequired = state.role == .parameter || state.role == .buffer
        let initial = weights?.offsets[state.name].map { "ptr getelementptr (i8, ptr @\(weightsSymbol), i64 \($0))" }
        return [
            table.text(state.name), table.text(state.dtype.rawValue), "i64 \(state.shape.count)",
            table.integers("shape_\(index)", state.shape), "i64 \(state.byteCount)", "i64 \(isRequired ? 1 : 0)",
            initial ?? "ptr null",
        ]
    }

    /// `strata_rt_function`.
    private func functionFields(_ function: ArtifactFunction, _ table: inout ConstantTable) -> [String] {
        let tensors = (function.inputs + function.outputs).map { tensor in
            [table.text(tensor.name), table.text(tensor.type), "i64 \(tensor.dtype.byteCount)"]
        }
        return [
            table.text(function.name), "i64 \(function.dims.count)",
            table.integers("dims_of_\(function.name)", function.dims),
            "i64 \(function.inputs.count)", "i64 \(function.outputs.count)",
            table.structures("tensors_of_\(function.name)", tensors),
            table.array("plans_of_\(function.name)", of: plans(function).map { "ptr @\($0)" }, type: "ptr"),
            table.array("workspaces_of_\(function.name)", of: workspaces(function).map { "ptr @\($0)" }, type: "ptr"),
            table.array("kept_of_\(function.name)", of: kept(function).map { "ptr @\($0)" }, type: "ptr"),
        ]
    }

    private func plans(_ function: ArtifactFunction) -> [String] {
        levels.map { RuntimeLayout.plan(description.name, function.name, $0) }
    }

    private func workspaces(_ function: ArtifactFunction) -> [String] {
        levels.map { RuntimeLayout.workspace(description.name, function.name, $0) }
    }

    private func kept(_ function: ArtifactFunction) -> [String] {
        levels.map { RuntimeLayout.kept(description.name, function.name, $0) }
    }

    private func declarations() -> String {
        let lines = description.functions.flatMap { function in
            plans(function).map { "declare hidden void @\($0)(ptr)\n" }
                + workspaces(function).map { "declare hidden i64 @\($0)(ptr, i64)\n" }
                + kept(function).map { "@\($0) = external hidden constant { i64, i64 }\n" }
        }
        return lines.joined() + "\n"
    }
}
