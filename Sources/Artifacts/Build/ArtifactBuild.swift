import HostTensors
import KernelIR
import Toolchain

/// One library on its way from IR texts to the bytes of its files.
struct ArtifactBuild: Sendable {
    let description: ArtifactDescription
    /// The code of each level, from the least to the most capable.
    let levels: [EmittedLevel]
    let architecture: Architecture
    /// Initial values that become part of the library, or nil.
    let embeddedWeights: [(name: String, tensor: HostTensor)]?
    /// Whether the library has the names of its kernels.
    let keepsNames: Bool
    /// Where objects made before are, or nil.
    let cache: BuildCache?

    typealias File = LibraryFiles.File

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
                let wanted = [
                    RuntimeLayout.plan(description.name, function.name, level.level),
                    RuntimeLayout.workspace(description.name, function.name, level.level),
                ]
                for symbol in wanted where !defined.contains(symbol) {
                    throw ArtifactError.missingSymbol(symbol, level: level.level.rawValue)
                }
            }
        }
    }

    /// What is written for callers in a language: the end of the file's name, and its text.
    private static let interfaces:
        [(
            kind: EmitKind, ending: String,
            render: @Sendable (ArtifactDescription, _ levels: [CPULevel], _ embedsWeights: Bool) throws -> String
        )] = [
            (.header, "h", HeaderTemplate.render), (.python, "py", PythonTemplate.render),
            (.hpp, "hpp", CppTemplate.render), (.swift, "swift", SwiftTemplate.render),
        ]

    /// The files of the kinds asked for, in a fixed order.
    func files(_ emit: Set<EmitKind>) throws -> [File] {
        var files: [File] = []
        let name = description.name
        if emit.contains(where: \.isLinked) { files += try linkedFiles(emit) }
        for (kind, ending, render) in Self.interfaces where emit.contains(kind) {
            let text = try render(description, levels.map(\.level), embeddedWeights != nil)
            files.append(File(name: "\(name).\(ending)", bytes: Array(text.utf8)))
        }
        if emit.contains(.swift) {
            files.append(File(name: "module.modulemap", bytes: Array(SwiftTemplate.moduleMap(description).utf8)))
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
        let name = description.name
        return try TemporaryFolder.with { folder in
            let custom = try customObjects()
            let objects = try compile(try units(folder: folder)) + custom
            var files: [File] = []
            if emit.contains(.so) {
                let bytes = try linker.sharedObject(
                    objects: objects, soname: "lib\(name).so", architecture: architecture,
                    exports: ExportedFunctions.names(description), needs: try CustomUnit.libraries(of: custom),
                    keepsNames: keepsNames)
                files.append(File(name: "lib\(name).so", bytes: bytes))
            }
            if emit.contains(.a) || emit.contains(.o) {
                let whole = try linker.relocatableObject(objects: objects, architecture: architecture)
                if emit.contains(.a) {
                    let archive = try StaticArchive.bytes(of: [
                        StaticArchive.Member(name: "\(name).o", content: whole)
                    ])
                    files.append(File(name: "lib\(name).a", bytes: archive))
                }
                if emit.contains(.o) { files.append(File(name: "\(name).o", bytes: whole)) }
            }
            cache?.trim()
            return files
        }
    }

    /// IR texts that become one object.
    private struct Unit: Sendable {
        let irs: [String]
        let level: CPULevel
        /// Whether the texts say all that the object holds, so that it may be kept.
        var isKept = true
        /// Whether its symbols are to be renamed for the library.
        var isCommon = false
        var byteCount: Int { irs.reduce(0) { $0 + $1.utf8.count } }
    }

    /// What is linked: runtime and tables first, then the levels.
    private func units(folder: String) throws -> [Unit] {
        let runtime = Unit(
            irs: RuntimeLayout.runtime(
                architecture, recordsKernels: description.recordsKernels, testsItself: description.selfTest != nil),
            level: .baseline, isCommon: true)
        let tables = Unit(
            irs: [try tables(folder: folder)], level: .baseline, isKept: embeddedWeights?.isEmpty ?? true)
        return [runtime, tables] + levels.flatMap { level in level.units.map { Unit(irs: [$0], level: level.level) } }
    }

    /// The objects, compiled side by side, the longest first.
    private func compile(_ units: [Unit]) throws -> [[UInt8]] {
        let order = units.indices.sorted { (units[$1].byteCount, $0) < (units[$0].byteCount, $1) }
        let compiled = try parallelMap(order) { try object(of: units[$0]) }
        var objects = [[UInt8]](repeating: [], count: units.count)
        for (at, object) in zip(order, compiled) { objects[at] = object }
        return objects
    }

    private func object(of unit: Unit) throws -> [UInt8] {
        let object = try LLVMCompiler.object(
            irs: unit.irs, target: target(unit.level), cache: unit.isKept ? cache : nil)
        guard unit.isCommon else { return object }
        return try ELFFile.renamingSymbols(
            of: object, from: RuntimeLayout.commonPrefix, to: RuntimeLayout.prefix(description.name))
    }

    /// The objects of the user's code, level by level.
    private func customObjects() throws -> [[UInt8]] {
        let units = levels.flatMap { level in level.codes.map { (unit: $0, target: target(level.level)) } }
        return try parallelMap(units) { try $0.unit.object(for: $0.target, cache: cache) }
    }

    /// The module of tables and exported functions; weights to embed are left in `folder` for the assembler.
    private func tables(folder: String) throws -> String {
        var weights: EmbeddedWeights?
        if let embeddedWeights, !embeddedWeights.isEmpty {
            let (layout, bytes) = EmbeddedWeights.layOut(embeddedWeights, path: folder + "/weights.bin")
            try FileBytes.write(bytes, to: layout.path)
            weights = layout
        }
        let manifest = try manifest.json()
        return LibraryTables(
            description: description, levels: levels.map(\.level), identities: identities(manifest),
            manifest: manifest, weights: weights
        ).ir()
    }

    /// By level, what an image of a context is known by: the hash of all that decides where the states and what functions keep
    /// lie in it, and what the latter is; and, where the library has values of states, of those.
    private func identities(_ manifest: String) -> [String] {
        let embedded = (embeddedWeights ?? []).flatMap { [$0.name, $0.tensor.contentHash] }
        return levels.map { level in
            let codes = level.codes.flatMap { [$0.code.source] + $0.code.flags }
            return BuildCache.key([manifest, level.level.rawValue] + embedded + level.units + codes)
        }
    }

    private func target(_ level: CPULevel) -> Target { Target(architecture: architecture, level: level) }
}
