import KernelIR

extension Linker {
    /// Joins objects in memory into one relocatable object in memory; symbols keep their visibility.
    ///
    /// - Throws: `ToolchainError.linkFailed`, as when two objects define the same symbol.
    public func relocatableObject(objects: [[UInt8]], architecture: Architecture) throws -> [UInt8] {
        try TemporaryFolder.with { folder in
            let output = folder + "/joined.o"
            let arguments =
                ["-r", "-m", Self.emulation(of: architecture), "-o", output, "--build-id=none", "--threads=1"]
                + (try Self.store(objects, in: folder))
            let outcome = try Subprocess.run(path, arguments, environment: [:])
            if !outcome.isSuccess {
                throw ToolchainError.linkFailed(output: "the relocatable object", reason: Self.reason(of: outcome))
            }
            return try FileBytes.read(output)
        }
    }
}
