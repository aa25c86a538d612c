import KernelIR

/// How the generated parts of a library meet its runtime: names, and the order of the runtime's table fields.
enum RuntimeLayout {
    /// `STRATA_RT_ABI_VERSION` of the runtime.
    static let abiVersion = 1

    /// The prefix of the runtime's symbols in a library; all of them are hidden.
    static func prefix(_ library: String) -> String { library + "_rt_" }

    /// The driver of a function at a level.
    static func plan(_ library: String, _ function: String, _ level: CPULevel) -> String {
        "\(prefix(library))plan_\(function)_\(level.rawValue)"
    }

    /// The function that gives the workspace of a function at a level.
    static func workspace(_ library: String, _ function: String, _ level: CPULevel) -> String {
        "\(prefix(library))workspace_\(function)_\(level.rawValue)"
    }

    /// What a function keeps between calls at a level.
    static func kept(_ library: String, _ function: String, _ level: CPULevel) -> String {
        "\(prefix(library))kept_\(function)_\(level.rawValue)"
    }

    /// The prefix of the runtime's symbols before they are renamed for a library.
    static let commonPrefix = "strata_rt_"

    /// The runtime as IR texts, the same for every library: its own, what the architecture supplies, and
    /// what records kernels or tests the library.
    static func runtime(_ architecture: Architecture, recordsKernels: Bool, testsItself: Bool) -> [String] {
        let supplied =
            switch architecture {
            case .x86_64: EmbeddedText.runtimeOnX86_64
            case .aarch64: EmbeddedText.runtimeOnAArch64
            }
        return [EmbeddedText.runtime, supplied] + (recordsKernels ? [EmbeddedText.record] : [])
            + (testsItself ? [EmbeddedText.selfTest] : [])
    }
}
