import CCustomCode
import Foundation
import Programs

/// Compiles the code of custom operations with Clang, which knows every target.
public struct CCompiler: Sendable, Hashable {
    /// The compiler's file.
    public let path: String

    /// The name of the header that says what operations are given.
    public static let headerName = "strata_operation.h"
    /// What the compiler is called.
    public static let standardCandidates = ["clang", "clang-19"]

    /// Finds the compiler in the folders of `searchPath`; throws `CustomCodeError.missingCompiler`.
    public static func locate(
        for operation: String, searchPath: [String] = Subprocess.standardSearchPath
    ) throws -> CCompiler {
        for name in standardCandidates {
            if let found = Subprocess.find(name, searchPath: searchPath) { return CCompiler(path: found) }
        }
        throw CustomCodeError.missingCompiler(operation: operation, searched: standardCandidates)
    }

    /// The code as an object file with position-independent code; throws a `CustomCodeError`, with the compiler's words for what it refuses.
    ///
    /// - Parameters:
    ///   - triple: the machine that the code is for; nil for this one.
    ///   - arguments: what the compiler is told of the processor.
    public func object(of code: CustomCode, triple: String? = nil, arguments: [String] = []) throws -> [UInt8] {
        try TemporaryFolder.with { folder in
            try compile(code, ["-c"], triple: triple, arguments, folder: folder, output: folder + "/code.o")
            let object = try FileBytes.read(folder + "/code.o")
            try check(ELFFile(object), of: code, folder: folder)
            return object
        }
    }

    /// Makes a shared library of the code for this machine; throws as `object` does.
    func library(of code: CustomCode, output: String) throws {
        try TemporaryFolder.with { folder in
            // What it needs of the C and C++ libraries is in this process already.
            try compile(
                code, ["-shared", "-nostdlib"], triple: nil, [], folder: folder, output: output)
            try check(ELFFile(FileBytes.read(output)), of: code, folder: folder)
        }
    }

    /// Throws where what was compiled lacks the operation's function, would run when a library is loaded, or uses what nothing defines.
    private func check(_ compiled: ELFFile, of code: CustomCode, folder: String) throws {
        guard compiled.symbols.contains(where: { $0.isDefined && $0.isFunction && $0.name == code.name }) else {
            throw CustomCodeError.undefined(operation: code.name)
        }
        // Code of all levels is loaded, whatever the processor.
        guard !compiled.runsWhenLoaded else {
            throw CustomCodeError.constructs(operation: code.name, places: constructions(in: code, folder: folder))
        }
        let unknown = compiled.undefinedSymbols.filter { SystemLibrary.defining($0) == nil }
        guard unknown.isEmpty else { throw CustomCodeError.unknownNames(operation: code.name, names: unknown) }
    }

    /// Where code is that runs when a library is loaded, in the compiler's words; empty where it has none.
    private func constructions(in code: CustomCode, folder: String) -> String {
        // It says so of objects with destructors only where those are called.
        let flags = ["-fsyntax-only", "-Wno-everything", "-Wglobal-constructors", "-fc++-static-destructors"]
        let outcome = try? run(code, ["-c"], triple: nil, [], folder: folder, output: "/dev/null", also: flags)
        guard let outcome, outcome.isSuccess else { return "" }
        let lines = words(outcome, folder: folder).split(separator: "\n", omittingEmptySubsequences: false)
        return lines.filter { !$0.hasSuffix(" generated.") }.joined(separator: "\n")
    }

    private func compile(
        _ code: CustomCode, _ kind: [String], triple: String?, _ arguments: [String], folder: String, output: String
    ) throws {
        let outcome = try run(code, kind, triple: triple, arguments, folder: folder, output: output)
        guard outcome.isSuccess else {
            let reason = outcome.signal.map { "the compiler was ended by signal \($0)" }
            throw CustomCodeError.refused(
                operation: code.name, triple: triple, reason: reason ?? words(outcome, folder: folder))
        }
    }

    /// What the compiler said, without the folder and the last line end.
    private func words(_ outcome: Subprocess.Outcome, folder: String) -> String {
        let words = outcome.standardError.replacing("\(folder)/", with: "")
        return words.hasSuffix("\n") ? String(words.dropLast()) : words
    }

    /// Runs the compiler on the code, which it finds in `folder`; `also` are its last arguments.
    private func run(
        _ code: CustomCode, _ kind: [String], triple: String?, _ arguments: [String], folder: String, output: String,
        also last: [String] = []
    ) throws -> Subprocess.Outcome {
        let (suffix, standard) = code.language == .c ? ("c", "-std=gnu17") : ("cpp", "-std=gnu++17")
        try FileBytes.write(
            Array(String(cString: strata_operation_header_text()).utf8), to: "\(folder)/\(Self.headerName)")
        let file = "\(code.name).\(suffix)"
        try FileBytes.write(Array("#line 1 \"\(file)\"\n\(code.source)".utf8), to: "\(folder)/\(file)")
        // No variable may add headers that the text does not name.
        let variables = ProcessInfo.processInfo.environment.filter { ["PATH", "HOME", "TMPDIR"].contains($0.key) }
        return try Subprocess.run(
            path,
            kind + (triple.map { ["--target=\($0)"] } ?? []) + [standard] + Self.common
                + (code.language == .cpp ? Self.ofCPP : []) + arguments
                + (try triple.map { try headers(for: $0, code.language, folder: folder) } ?? []) + [
                    "-I", folder, "-ffile-prefix-map=\(folder)/=",
                ] + code.flags + last
                + ["\(folder)/\(file)", "-o", output], environment: variables)
    }

    /// The C library's headers for another machine: Debian's for cross compiling or, for C where those are not there, a few of our own.
    private func headers(for triple: String, _ language: CustomCode.Language, folder: String) throws -> [String] {
        let parts = triple.split(separator: "-")
        let installed = "/usr/\(parts.first ?? "")-\(parts.suffix(2).joined(separator: "-"))/include"
        if FileBytes.exists("\(installed)/math.h") { return ["-isystem", installed] }
        guard language == .c else { return [] }
        for (name, text) in Self.fallbackHeaders { try FileBytes.write(Array(text.utf8), to: "\(folder)/\(name)") }
        return ["-nostdlibinc"]
    }

    /// Code that depends on nothing but the text, the target and the compiler.
    private static let common = [
        "-O2", "-fPIC", "-fvisibility=hidden", "-fno-math-errno", "-fno-ident", "-fno-stack-protector",
        "-fno-asynchronous-unwind-tables", "-fno-color-diagnostics", "-g0",
    ]
    private static let ofCPP = ["-fno-exceptions", "-fno-rtti", "-fno-c++-static-destructors"]

    /// The names and texts of headers for machines whose own are not there.
    private static let fallbackHeaders = [
        ("math.h", String(cString: strata_fallback_math_text())),
        ("string.h", String(cString: strata_fallback_string_text())),
    ]

    /// All that decides what becomes of a code, but for the compiler itself, the target and the code.
    public static var conventions: String {
        (common + ofCPP).joined(separator: " ") + String(cString: strata_operation_header_text())
            + fallbackHeaders.map(\.1).joined()
    }
}
