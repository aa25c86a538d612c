/// The texts that generated files are made from, embedded by the package manager.
public enum EmbeddedText {
    /// The Mustache template of a library's C header.
    public static var header: String { text(PackageResources.header_h_mustache) }

    /// The runtime of generated libraries as target-neutral LLVM IR, every symbol of it prefixed `strata_rt_`.
    public static var runtime: String { text(PackageResources.runtime_ll) }

    /// What x86-64 supplies to the runtime, as LLVM IR.
    public static var runtimeOnX86_64: String { text(PackageResources.target_x86_64_ll) }

    /// What AArch64 supplies to the runtime, as LLVM IR.
    public static var runtimeOnAArch64: String { text(PackageResources.target_aarch64_ll) }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
