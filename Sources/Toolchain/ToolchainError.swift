/// What can go wrong between LLVM IR text and a linked file, each with its place and how to mend it.
public enum ToolchainError: Error, Hashable, Sendable {
    /// IR text that does not parse: which of the given texts (from 1), where in it, what LLVM says, and the line itself.
    case unparsableIR(text: Int, line: Int, column: Int, reason: String, source: String)
    /// IR that parses but breaks a rule of the language, in the verifier's words.
    case invalidIR(reason: String)
    /// IR text that names another target than the one it is compiled for.
    case otherTriple(inText: String, expected: String)
    /// IR texts that can't be one module, as when two define the same symbol.
    case unlinkableIR(text: Int, reason: String)
    /// A pass pipeline that LLVM does not know or could not run.
    case passesFailed(pipeline: String, reason: String)
    /// IR that has no machine code on the target, as an instruction above the target's CPU level.
    case emissionFailed(target: String, reason: String)
    /// No LLVM under any of the names looked for, and what was wrong with each.
    case missingLLVM(searched: [String], reasons: [String])
    /// An LLVM that was built without the target's code generator.
    case missingCodeGenerator(triple: String, reason: String)
    /// A target triple that is not known.
    case unknownTriple(String)
    /// A CPU level that the architecture does not have.
    case unknownLevel(String, architecture: String, known: [String])
    /// No linker in any of the places looked at.
    case missingLinker(searched: [String])
    /// The linker's refusal, in its words.
    case linkFailed(output: String, reason: String)
}

extension ToolchainError: CustomStringConvertible {
    /// The place, what was expected and found, and the remedy, as one message.
    public var description: String {
        switch self {
        case .unparsableIR(let text, let line, let column, let reason, let source):
            Self.quote(text: text, line: line, column: column, reason: reason, source: source)
        case .invalidIR(let reason):
            "invalid LLVM IR: \(reason)"
        case .otherTriple(let inText, let expected):
            "the LLVM IR is written for \(inText), but is compiled for \(expected): "
                + "leave its target triple out or make the two agree"
        case .unlinkableIR(let text, let reason):
            "LLVM IR text \(text) can't be linked to the ones before it: \(reason)"
        case .passesFailed(let pipeline, let reason):
            "the pass pipeline \"\(pipeline)\" can't be run: \(reason)"
        case .emissionFailed(let target, let reason):
            "no machine code for \(target): \(reason)"
        case .missingLLVM(let searched, let reasons):
            "LLVM 19, which compiles, can't be loaded as \(searched.joined(separator: " or ")) "
                + "(\(reasons.joined(separator: "; "))): \(Self.install("llvm-19-dev"))"
        case .missingCodeGenerator(let triple, let reason):
            "this LLVM has no code generator for \(triple): \(reason); Debian's has: \(Self.install("llvm-19-dev"))"
        case .unknownTriple(let triple):
            "unknown target \"\(triple)\": expected host, \(Target.knownTriples.joined(separator: ", ")), "
                + "or an architecture alone (\(Architecture.allCases.map(\.rawValue).joined(separator: ", ")))"
        case .unknownLevel(let level, let architecture, let known):
            "unknown CPU level \"\(level)\" of \(architecture): expected \(known.joined(separator: ", "))"
        case .missingLinker(let searched):
            "no linker found (looked for \(searched.joined(separator: ", "))): \(Self.install("lld-19"))"
        case .linkFailed(let output, let reason):
            "\(output) can't be linked: \(reason)"
        }
    }

    /// The command that installs a package of Debian.
    static func install(_ package: String) -> String { ProgramError.install(package) }

    private static func quote(text: Int, line: Int, column: Int, reason: String, source: String) -> String {
        let caret = String(repeating: " ", count: max(column - 1, 0)) + "^"
        return "LLVM IR text \(text), line \(line), column \(column): \(reason)\n  \(source)\n  \(caret)"
    }
}
