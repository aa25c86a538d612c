import KernelIR

/// Links object files with LLVM's linker.
///
/// The result depends on the objects and options alone: it holds no build id, path, time or host, and no sysroot is
/// needed, for any of the targets.
public struct Linker: Sendable, Hashable {
    /// The linker's file.
    public let path: String

    /// Uses the `ld.lld` at `path`.
    public init(path: String) { self.path = path }

    /// Where a linker is looked for, in this order: the release that belongs to the LLVM in use before any other.
    public static let standardCandidates = ["/usr/lib/llvm-19/bin/ld.lld", "ld.lld-19", "ld.lld"]

    /// Finds the linker.
    ///
    /// - Parameters:
    ///   - candidates: absolute paths, and names to look for in `searchPath`.
    ///   - searchPath: the folders that names are looked for in.
    /// - Throws: `ToolchainError.missingLinker`, which names the package to install.
    public static func locate(
        candidates: [String] = standardCandidates, searchPath: [String] = Subprocess.standardSearchPath
    ) throws -> Linker {
        for candidate in candidates {
            if candidate.hasPrefix("/") {
                if FileBytes.isExecutable(candidate) { return Linker(path: candidate) }
            } else if let found = Subprocess.find(candidate, searchPath: searchPath) {
                return Linker(path: found)
            }
        }
        throw ToolchainError.missingLinker(searched: candidates)
    }

    /// The linker's name and version, in its own words.
    public func version() throws -> String {
        let text = try Subprocess.run(path, ["--version"], environment: [:]).output
        return String(text.prefix { $0 != "\n" })
    }

    /// Links objects in memory into a shared library in memory.
    ///
    /// - Parameters:
    ///   - objects: ELF objects of the architecture.
    ///   - soname: the name that programs linked to the library will look for, as `libmnist.so`.
    ///   - architecture: what the objects were made for.
    ///   - exports: the symbols that are visible from outside; all others are hidden, and left out when unreachable.
    ///   - needs: the sonames of libraries that it needs beside the C library.
    ///   - keepsNames: whether the names of hidden functions are kept, for profilers and debuggers.
    /// - Throws: `ToolchainError.linkFailed`, also when a symbol of `exports` is defined nowhere.
    public func sharedObject(
        objects: [[UInt8]], soname: String, architecture: Architecture, exports: [String], needs: [String] = [],
        keepsNames: Bool = true
    ) throws -> [UInt8] {
        try TemporaryFolder.with { folder in
            let paths = try Self.store(objects, in: folder)
            let output = folder + "/linked.so"
            try link(
                try sharedObjectArguments(paths, soname, architecture, exports, folder: folder)
                    + needs.map { try Self.storeStub(of: $0, architecture, in: folder) }
                    + (keepsNames ? [] : ["--strip-all"]),
                architecture, output: output, shownAs: soname)
            return try FileBytes.read(output)
        }
    }

    /// Links object files into the shared library `output`, as `sharedObject(objects:soname:architecture:exports:)`.
    public func sharedObject(
        objectFiles: [String], output: String, soname: String, architecture: Architecture, exports: [String]
    ) throws {
        try TemporaryFolder.with { folder in
            try link(
                try sharedObjectArguments(objectFiles, soname, architecture, exports, folder: folder),
                architecture, output: output, shownAs: output)
        }
    }

    /// Links objects into the position-independent program `output`, which needs the C library and `libraries`.
    ///
    /// - Parameters:
    ///   - libraries: shared libraries, which the program will look for by soname in its own folder.
    ///   - entry: the symbol that the program starts at; there is no start-up code from outside.
    public func program(
        objects: [[UInt8]], libraries: [String], output: String, architecture: Architecture, entry: String = "_start"
    ) throws {
        try TemporaryFolder.with { folder in
            let arguments =
                ["-pie", "--dynamic-linker", Self.dynamicLinker(of: architecture), "-e", entry]
                + ["--unresolved-symbols=ignore-all", "-rpath", "$ORIGIN"]
                + (try Self.store(objects, in: folder)) + libraries
                + ["--no-as-needed", try Self.storeCLibraryStub(architecture, in: folder)]
            try link(arguments, architecture, output: output, shownAs: output)
        }
    }

    private func sharedObjectArguments(
        _ objects: [String], _ soname: String, _ architecture: Architecture, _ exports: [String], folder: String
    ) throws -> [String] {
        let script = folder + "/exports.version"
        try FileBytes.write(Array(Self.versionScript(exports).utf8), to: script)
        return ["-shared", "-soname", soname, "--version-script", script]
            + objects + ["--no-as-needed", try Self.storeCLibraryStub(architecture, in: folder)]
    }

    private func link(_ arguments: [String], _ architecture: Architecture, output: String, shownAs name: String) throws
    {
        let common = [
            "-m", Self.emulation(of: architecture), "-o", output,
            "-z", "now", "-z", "relro", "-z", "noexecstack", "--build-id=none", "--hash-style=gnu", "--gc-sections",
            "--no-undefined-version", "--threads=1", "--color-diagnostics=never",
        ]
        // An empty environment: no variable may steer the linker.
        let outcome = try Subprocess.run(path, common + arguments, environment: [:])
        if !outcome.isSuccess {
            throw ToolchainError.linkFailed(output: name, reason: Self.reason(of: outcome))
        }
    }

    static func reason(of outcome: Subprocess.Outcome) -> String {
        if let signal = outcome.signal { return "the linker was ended by signal \(signal)" }
        let text = outcome.standardError
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    private static func versionScript(_ exports: [String]) -> String {
        let global = exports.isEmpty ? "" : "global: " + exports.map { "\"\($0)\"; " }.joined()
        return "{ \(global)local: *; };\n"
    }

    static func store(_ objects: [[UInt8]], in folder: String) throws -> [String] {
        try objects.enumerated().map { index, bytes in
            let path = "\(folder)/\(index).o"
            try FileBytes.write(bytes, to: path)
            return path
        }
    }

    /// Stands for a library of which functions are looked up by name alone.
    private static func storeStub(
        of soname: String, _ architecture: Architecture, in folder: String
    ) throws -> String {
        let stub = SharedLibraryStub(soname: soname, architecture: architecture, versions: [])
        try FileBytes.write(stub.bytes, to: "\(folder)/\(soname)")
        return "\(folder)/\(soname)"
    }

    private static func storeCLibraryStub(_ architecture: Architecture, in folder: String) throws -> String {
        let path = folder + "/libc.so.6"
        try FileBytes.write(SharedLibraryStub.cLibrary(of: architecture).bytes, to: path)
        return path
    }

    static func emulation(of architecture: Architecture) -> String {
        switch architecture {
        case .x86_64: "elf_x86_64"
        case .aarch64: "aarch64linux"
        }
    }

    private static func dynamicLinker(of architecture: Architecture) -> String {
        switch architecture {
        case .x86_64: "/lib64/ld-linux-x86-64.so.2"
        case .aarch64: "/lib/ld-linux-aarch64.so.1"
        }
    }
}
