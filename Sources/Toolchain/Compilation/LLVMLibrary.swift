import CLLVM

/// The LLVM library this process is linked to.
public enum LLVMLibrary {
    /// Its version, as "19.1.7".
    public static var version: String {
        var major: UInt32 = 0
        var minor: UInt32 = 0
        var patch: UInt32 = 0
        LLVMGetVersion(&major, &minor, &patch)
        return "\(major).\(minor).\(patch)"
    }

    /// Registers the code generators, once for the process.
    static func initialize() { _ = initialized }

    private static let initialized: Void = strata_llvm_initialize()

    /// Takes over a string of LLVM's C interface.
    static func take(_ message: UnsafeMutablePointer<CChar>?) -> String {
        guard let message else { return "" }
        defer { LLVMDisposeMessage(message) }
        return String(cString: message)
    }
}
