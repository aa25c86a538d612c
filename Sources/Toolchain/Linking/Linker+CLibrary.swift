import KernelIR

extension Linker {
    /// Makes a stand-in for the C library to link against, so that no target's own one is needed.
    ///
    /// What is linked names `libc.so.6` as needed. All its symbols are found at load time, most without a version, so
    /// that one library serves every release of the C library; those that had an incompatible first version carry the
    /// version that mended them.
    func cLibraryStub(_ architecture: Architecture, folder: String) throws -> String {
        let object = folder + "/libc.o"
        let script = folder + "/libc.version"
        let stub = folder + "/libc.so.6"
        let versions = Self.versionedSymbols(of: architecture)
        let definitions = versions.flatMap(\.symbols).map { "define void @\($0)() {\n  ret void\n}\n" }.joined()
        let target = Target(architecture: architecture, level: .baseline)
        try FileBytes.write(try LLVMCompiler.object(ir: definitions, target: target, optimize: .none), to: object)
        let nodes = versions.map { version, symbols in
            "\(version) { global: \(symbols.map { $0 + "; " }.joined())};\n"
        }
        try FileBytes.write(Array(nodes.joined().utf8), to: script)
        let versionScript = nodes.isEmpty ? [] : ["--version-script", script]
        try link(
            ["-shared", "-soname", "libc.so.6"] + versionScript + [object], architecture, output: stub, shownAs: stub)
        return stub
    }

    /// Symbols whose first version in the C library must not be used: condition variables of before 2.3.2.
    private static func versionedSymbols(of architecture: Architecture) -> [(version: String, symbols: [String])] {
        switch architecture {
        case .x86_64:
            [
                (
                    "GLIBC_2.3.2",
                    ["broadcast", "destroy", "init", "signal", "timedwait", "wait"].map { "pthread_cond_" + $0 }
                )
            ]
        case .aarch64: []
        }
    }
}
