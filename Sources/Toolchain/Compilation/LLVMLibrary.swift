import CLLVM
import Dispatch

/// LLVM's shared library in this process. It is loaded when something is to be compiled and not before, so that all
/// else works, and starts sooner, without it.
public struct LLVMLibrary: @unchecked Sendable {
    /// The file it came from, as it was looked for.
    public let file: String
    /// LLVM's functions; never changed, never freed.
    let functions: UnsafePointer<strata_llvm>

    /// Under which names the library is looked for where the dynamic linker looks: Debian's, and LLVM's own.
    public static let standardCandidates = ["libLLVM-19.so", "libLLVM.so.19.1"]

    /// The library that compiles, loaded at the first call.
    ///
    /// - Throws: `ToolchainError.missingLLVM`, which names the package to install.
    public static func standard() throws -> LLVMLibrary { try loaded.get() }

    /// Has another thread load the library that compiles, so that it is there when it is needed.
    public static func beginLoading() { DispatchQueue.global().async { _ = try? standard() } }

    private static let loaded = Result { try load(candidates: standardCandidates) }

    /// Loads the first of `candidates`, names or paths, that is an LLVM of the right release.
    ///
    /// - Throws: `ToolchainError.missingLLVM` with what was wrong with each.
    public static func load(candidates: [String]) throws -> LLVMLibrary {
        var reasons: [String] = []
        for file in candidates {
            var message: UnsafeMutablePointer<CChar>?
            defer { strata_llvm_free(message) }
            guard let functions = strata_llvm_load(file, &message) else {
                reasons.append(message.map { String(cString: $0) } ?? "no reason given")
                continue
            }
            let library = LLVMLibrary(file: file, functions: functions)
            if library.release == expectedRelease { return library }
            reasons.append("\(file) is LLVM \(library.version)")
        }
        throw ToolchainError.missingLLVM(searched: candidates, reasons: reasons)
    }

    /// The file that it was loaded from, found by the address of one of its functions.
    public var identity: FileIdentity {
        get throws {
            let address = unsafeBitCast(functions.pointee.LLVMGetVersion, to: UnsafeRawPointer.self)
            return try FileIdentity(path: strata_file_of_code(address).map { String(cString: $0) } ?? file)
        }
    }

    /// Its version, as "19.1.7".
    public var version: String {
        let (major, minor, patch) = numbers
        return "\(major).\(minor).\(patch)"
    }

    /// The release whose text form is written and whose C interface is called.
    private static let expectedRelease: UInt32 = 19

    private var release: UInt32 { numbers.0 }

    private var numbers: (UInt32, UInt32, UInt32) {
        var (major, minor, patch): (UInt32, UInt32, UInt32) = (0, 0, 0)
        functions.pointee.LLVMGetVersion(&major, &minor, &patch)
        return (major, minor, patch)
    }

    /// Takes over a string of LLVM's C interface.
    func take(_ message: UnsafeMutablePointer<CChar>?) -> String {
        guard let message else { return "" }
        defer { functions.pointee.LLVMDisposeMessage(message) }
        return String(cString: message)
    }
}
