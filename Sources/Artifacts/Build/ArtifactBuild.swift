import HostTensors
import KernelIR
import Toolchain

/// One library on its way from IR texts to the bytes of its files.
struct ArtifactBuild: Sendable {
    let description: ArtifactDescription
    /// The code of each level, from the least to the most capable, with workspace functions of its own.
    let levels: [EmittedLevel]
    let architecture: Architecture
    /// Initial values that become part of the library, or nil.
    let embeddedWeights: [(name: String, tensor: HostTensor)]?

    /// A file to deliver.
    struct File: Sendable {
        let name: String
        let bytes: [UInt8]
    }

    /// The manifest without its list of files.
    var manifest: Manifest {
        Manifest(
            description, architecture: architecture, levels: levels.map(\.level),
            embedsWeights: embeddedWeights != nil)
    }

    /// Checks that the code defines what the tables will ask for.
    func checkSymbols() throws {
        for level in levels {
            let defined = level.definedFunctions()
            for function in description.functions {
                let plan = RuntimeLayout.plan(description.name, function.name, level.level)
                if !defined.contains(plan) {
                    throw ArtifactError.missingSymbol(plan, level: level.level.rawValue)
                }
            }
        }
        for function in description.functions where workspaceLevels(of: function).isEmpty {
            throw ArtifactError.missingSymbol(
                RuntimeLayout.workspace(description.name, function.name),
                level: levels.map(\.level.rawValue).joined(separator: " or "))
        }
    }

    /// The files of the kinds asked for, in a fixed order.
    func files(_ emit: Set<EmitKind>) throws -> [File] {
        var files: [File] = []
        let name = description.name
        if emit.contains(where: \.isLinked) { files += try linkedFiles(emit) }
        if emit.contains(.header) {
            let text = try HeaderTemplate.render(
                description, levels: levels.map(\.level), embedsWeights: embeddedWeights != nil)
            files.append(File(name: "\(name).h", bytes: Array(text.utf8)))
        }
        if emit.contains(.ll) {
            files += levels.map { File(name: "\(name).\($0.level.rawValue).ll", bytes: Array($0.irText.utf8)) }
        }
        if emit.contains(.asm) {
            files += try parallelMap(levels) { level in
                let text = try LLVMCompiler.assembly(ir: level.irText, target: target(level.level))
                return File(name: "\(name).\(level.level.rawValue).s", bytes: Array(text.utf8))
            }
        }
        return files
    }

    private func linkedFiles(_ emit: Set<EmitKind>) throws -> [File] {
        let linker = try Linker.locate()
        let objects = try compile()
        let name = description.name
        var files: [File] = []
        if emit.contains(.so) {
            let bytes = try linker.sharedObject(
                objects: objects, soname: "lib\(name).so", architecture: architecture,
                exports: ExportedFunctions.names(description))
            files.append(File(name: "lib\(name).so", bytes: bytes))
        }
        guard emit.contains(.a) || emit.contains(.o) else { return files }
        let whole = try linker.relocatableObject(objects: objects, architecture: architecture)
        if emit.contains(.a) {
            let archive = try StaticArchive.bytes(of: [StaticArchive.Member(name: "\(name).o", content: whole)])
            files.append(File(name: "lib\(name).a", bytes: archive))
        }
        if emit.contains(.o) { files.append(File(name: "\(name).o", bytes: whole)) }
        return files
    }

    /// The objects: runtime and tables first, then one a level; compiled side by side.
    private func compile() throws -> [[UInt8]] {
        try TemporaryFolder.with { folder in
            let runtime = RuntimeLayout.runtime(
                description.name, architecture, recordsKernels: description.recordsKernels)
            let common = runtime + [try tables(folder: folder)]
            let units = [(common, CPULevel.baseline)] + levels.map { ([$0.irText], $0.level) }
            return try parallelMap(units) { irs, level in
                try LLVMCompiler.object(irs: irs, target: target(level))
            }
        }
    }

    /// The module of tables and exported functions; weights to embed are left in `folder` for the assembler.
    private func tables(folder: String) throws -> String {
        var weights: EmbeddedWeights?
        if let embeddedWeights, !embeddedWeights.isEmpty {
            let (layout, bytes) = EmbeddedWeights.layOut(embeddedWeights, path: folder + "/weights.bin")
            try AtomicFile.write(bytes, to: layout.path)
            weights = layout
        }
        let workspaces = description.functions.map { ($0.name, workspaceLevels(of: $0)) }
        return LibraryTables(
            description: description, levels: levels.map(\.level), manifest: try manifest.json(),
            workspaceLevels: Dictionary(uniqueKeysWithValues: workspaces), weights: weights
        ).ir()
    }

    /// For each level the one whose workspace function it uses; empty when no level has one.
    private func workspaceLevels(of function: ArtifactFunction) -> [CPULevel] {
        let having = levels.filter {
            $0.definedFunctions().contains(RuntimeLayout.workspace(description.name, function.name, $0.level))
        }.map(\.level)
        guard let first = having.first else { return [] }
        return levels.map { level in having.last { $0.rank <= level.level.rank } ?? first }
    }

    private func target(_ level: CPULevel) -> Target { Target(architecture: architecture, level: level) }
}
