import Artifacts
import CustomCode
import GraphIR
import Toolchain

/// Whole compilations that were made before, found by graph and options before a stage runs.
///
/// An entry is valid for the program that made it, with the LLVM and the linker that it used. How a memory limit is kept is told by
/// compiling: then nothing is kept here.
struct CompilationCache {
    let cache: BuildCache
    private let key: String
    /// The user's code in the graph.
    private let codes: [CustomCode]

    /// The place of a compilation; nil where nothing is to be kept, or this program's own file can't be found.
    init?(of description: ArtifactDescription, _ options: CompileOptions, codes: [CustomCode]) {
        self.codes = codes
        guard let cache = options.cache, !options.embedWeights, !options.checksPasses, options.memoryLimit == nil,
            codes.allSatisfy(\.isSelfContained),
            let program = try? FileIdentity.ofThisProgram()
        else { return nil }
        self.cache = cache
        key = BuildCache.key(
            ["compilation", description.name] + program.map(\.text)
                + description.sourceHashes.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
                + [
                    options.architecture.rawValue, "\(options.levels.map(\.rawValue))",
                    "\(options.emit.map(\.rawValue).sorted())", options.precision.rawValue,
                    "\(options.recordsKernels)", "\(options.keepsNames)", options.selfTest.map(\.identity) ?? "none",
                ] + options.schedules.entries.map { "\($0.key) \($0.schedule)" }
                + options.recomputation.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" })
    }

    /// What was kept; nil when there is nothing, or another LLVM or linker made it.
    func read() -> LibraryFiles? {
        guard let entry = cache.read(key), let end = entry.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let tools = String(decoding: entry[..<end], as: UTF8.self).split(separator: "\t").map {
            FileIdentity(text: String($0))
        }
        guard tools.allSatisfy(\.isCurrent) else { return nil }
        return LibraryFiles(encoded: entry[(end + 1)...])
    }

    /// Keeps what was made; not where the tools that made it can't be told.
    func keep(_ library: LibraryFiles) {
        guard let llvm = try? LLVMLibrary.standard().identity, let linker = try? Linker.locate(),
            let compilers = try? codes.prefix(1).map({ try FileIdentity(path: CCompiler.locate(for: $0.name).path) }),
            let tools = try? [llvm, FileIdentity(path: linker.path)] + compilers, let bytes = try? library.encoded()
        else { return }
        cache.keep(Array(tools.map(\.text).joined(separator: "\t").utf8) + [UInt8(ascii: "\n")] + bytes, under: key)
    }
}
