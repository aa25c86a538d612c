/// What Strata uses of the machine it runs on: what is there, and how to get what is not.
public struct EnvironmentReport: Sendable, Hashable {
    /// One thing that is looked for.
    public struct Fact: Sendable, Hashable {
        /// What it is.
        public let name: String
        /// What it is used for.
        public let purpose: String
        /// Where it is, or its version; nil when it is not there.
        public let found: String?
        /// The command that gets it.
        public let remedy: String
        /// Whether compiling and running for this machine needs it.
        public let isRequired: Bool
    }

    /// This machine's processor.
    public let processor: HostProcessor
    /// All that was looked for, in a fixed order.
    public let facts: [Fact]

    /// Whether all that is required is there.
    public var isComplete: Bool { facts.allSatisfy { !$0.isRequired || $0.found != nil } }

    /// Looks at this machine.
    ///
    /// - Parameters:
    ///   - llvm: names or paths of LLVM's library.
    ///   - searchPath: the folders that programs are looked for in.
    ///   - mpiLibrary: which MPI library there is; nil for none.
    public static func gather(
        llvm: [String] = LLVMLibrary.standardCandidates, searchPath: [String] = Subprocess.standardSearchPath,
        mpiLibrary: String? = nil
    ) -> EnvironmentReport {
        let linker = try? Linker.locate(searchPath: searchPath)
        let compiler = ["clang", "cc", "gcc"].lazy.compactMap { Subprocess.find($0, searchPath: searchPath) }.first
        return EnvironmentReport(
            processor: .detect(),
            facts: [
                Fact(
                    name: "LLVM", purpose: "turns kernels into machine code",
                    found: (try? LLVMLibrary.load(candidates: llvm))?.version,
                    remedy: ToolchainError.install("llvm-19-dev"), isRequired: true),
                Fact(
                    name: "linker", purpose: "makes shared libraries",
                    found: linker.map { linker in
                        (try? linker.version()).map { "\(linker.path) (\($0))" } ?? linker.path
                    },
                    remedy: ToolchainError.install("lld-19"), isRequired: true),
                Fact(
                    name: "C compiler",
                    purpose: "compiles custom operations (clang), and programs that use a compiled model",
                    found: compiler, remedy: ToolchainError.install("clang"), isRequired: false),
                Fact(
                    name: "AArch64 emulator", purpose: "runs AArch64 artifacts on x86-64",
                    found: Subprocess.find("qemu-aarch64", searchPath: searchPath),
                    remedy: ToolchainError.install("qemu-user"),
                    isRequired: false),
                Fact(
                    name: "AArch64 C library", purpose: "is loaded by AArch64 artifacts under the emulator",
                    found: existing(aarch64Root + "/lib/libc.so.6"),
                    remedy: ToolchainError.install("libc6-arm64-cross"),
                    isRequired: false),
                Fact(
                    name: "Fashion-MNIST", purpose: "is the data of the demo and the end-to-end tests",
                    found: existing(fashionMNISTFolder), remedy: ToolchainError.install("dataset-fashion-mnist"),
                    isRequired: false),
                Fact(
                    name: "rsvg-convert", purpose: "writes the curves of 'strata plot' as PNG",
                    found: Subprocess.find("rsvg-convert", searchPath: searchPath),
                    remedy: ToolchainError.install("librsvg2-bin"), isRequired: false),
                Fact(
                    name: "mpirun", purpose: "starts a training as several processes",
                    found: ["mpirun", "mpiexec"].lazy.compactMap { Subprocess.find($0, searchPath: searchPath) }.first,
                    remedy: installMPI, isRequired: false),
                Fact(
                    name: "MPI library", purpose: "carries what the processes of a training tell each other",
                    found: mpiLibrary, remedy: installMPI, isRequired: false),
            ])
    }

    /// The command that gets MPI: its library and `mpirun`.
    public static let installMPI = ToolchainError.install("openmpi-bin")

    /// The folder that Debian's AArch64 libraries for cross use are installed under: the emulator's `-L`.
    public static let aarch64Root = "/usr/aarch64-linux-gnu"

    /// The folder that Debian's Fashion-MNIST data set is installed in.
    public static let fashionMNISTFolder = "/usr/share/datasets/fashion-mnist"

    private static func existing(_ path: String) -> String? { FileBytes.exists(path) ? path : nil }
}

extension EnvironmentReport: CustomStringConvertible {
    /// One line a fact; what is missing is followed by the command that gets it.
    public var description: String {
        let model = processor.model.isEmpty ? "" : " (\(processor.model))"
        let head = [
            "processor: \(processor.architecture.rawValue), level \(processor.level.rawValue), "
                + "\(processor.coreCount) cores\(model)"
        ]
        let lines = facts.map { fact in
            if let found = fact.found { return "\(fact.name): \(found)" }
            let weight = fact.isRequired ? "missing" : "not there (optional)"
            return "\(fact.name): \(weight), \(fact.purpose): \(fact.remedy)"
        }
        return (head + lines).joined(separator: "\n")
    }
}
