import Programs

/// What can go wrong with the code of a custom operation.
public enum CustomCodeError: Error, Hashable, Sendable {
    /// No C compiler in any of the places looked at.
    case missingCompiler(operation: String, searched: [String])
    /// Code that the compiler refuses, in its words; the triple is given where it is for another machine than this.
    case refused(operation: String, triple: String?, reason: String)
    /// Code that defines no function of the operation's name.
    case undefined(operation: String)
    /// Code that would run when a library is loaded, as constructors of objects outside of functions do, and where the compiler sees it.
    case constructs(operation: String, places: String)
    /// Code that uses names which neither it nor the system's libraries define.
    case unknownNames(operation: String, names: [String])
    /// Code that was compiled but cannot be loaded, in the loader's words.
    case notLoaded(operation: String, reason: String)
}

extension CustomCodeError: CustomStringConvertible {
    /// The operation, what is wrong, and the way out, as one message.
    public var description: String {
        switch self {
        case .missingCompiler(let operation, let searched):
            "custom operation '\(operation)': no C compiler found (looked for \(searched.joined(separator: ", "))): "
                + ProgramError.install("clang")
        case .refused(let operation, let triple, let reason):
            "custom operation '\(operation)' can't be compiled\(triple.map { " for \($0)" } ?? ""):\n\(reason)"
                + (triple == nil || !reason.contains("file not found")
                    ? ""
                    : "\n(headers of your own are found by flags such as \"-I/path\"; those of that machine: "
                        + "\(ProgramError.install("libc6-dev-arm64-cross libstdc++-12-dev-arm64-cross")))")
        case .undefined(let operation):
            "custom operation '\(operation)': its code defines no function of that name: "
                + "write STRATA_OPERATION(\(operation)) { … }, see strata_operation.h"
        case .constructs(let operation, let places):
            "custom operation '\(operation)' has code that runs when a library is loaded, on any processor: "
                + "make objects that are constructed, outside of functions, static ones of a function"
                + (places.isEmpty ? "" : "\n\(places)")
        case .unknownNames(let operation, let names):
            "custom operation '\(operation)' uses \(names.joined(separator: ", ")), which neither it nor the libraries of C, "
                + "mathematics and C++ define: define it in the code"
        case .notLoaded(let operation, let reason):
            "custom operation '\(operation)' can't be loaded: \(reason)"
        }
    }
}
