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

    /// The code as an object file with position-independent code; throws `CustomCodeError.refused` with the compiler's words.
    ///
    /// - Parameters:
    ///   - triple: the machine that the code is for; nil for this one.
    ///   - arguments: what the compiler is told of the processor.
    public func object(of code: CustomCode, triple: String? = nil, arguments: [String] = []) throws -> [UInt8] {
        try TemporaryFolder.with { folder in
            try compile(code, ["-c"], triple: triple, arguments, folder: folder, output: folder + "/code.o")
            return try FileBytes.read(folder + "/code.o")
        }
    }

    /// Makes a shared library of the code for this machine.
    func library(of code: CustomCode, output: String) throws {
        try TemporaryFolder.with { folder in
            // What it needs of the C and C++ libraries is in this process already.
            try compile(
                code, ["-shared", "-nostdlib"], triple: nil, [], folder: folder, output: output)
        }
    }

    private func compile(
        _ code: CustomCode, _ kind: [String], triple: String?, _ arguments: [String], folder: String, output: String
    ) throws {
        let (suffix, standard) = code.language == .c ? ("c", "-std=gnu17") : ("cpp", "-std=gnu++17")
        try FileBytes.write(
            Array(String(cString: strata_operation_header_text()).utf8), to: "\(folder)/\(Self.headerName)")
        let file = "\(code.name).\(suffix)"
        try FileBytes.write(Array("#line 1 \"\(file)\"\n\(code.source)".utf8), to: "\(folder)/\(file)")
        // No variable may add headers that the text does not name.
        let variables = ProcessInfo.processInfo.environment.filter { ["PATH", "HOME", "TMPDIR"].contains($0.key) }
        let outcome = try Subprocess.run(
            path,
            kind + (triple.map { ["--target=\($0)"] } ?? []) + [standard] + Self.common
                + (code.language == .cpp ? Self.ofCPP : []) + arguments
                + (try triple.map { try headers(for: $0, code.language, folder: folder) } ?? []) + [
                    "-I", folder, "-ffile-prefix-map=\(folder)/=",
                ] + code.flags
                + ["\(folder)/\(file)", "-o", output], environment: variables)
        guard outcome.isSuccess else {
            let words = outcome.standardError.replacing("\(folder)/", with: "")
            let reason = outcome.signal.map { "the compiler was ended by signal \($0)" } ?? words
            throw CustomCodeError.refused(
                operation: code.name, triple: triple,
                reason: reason.hasSuffix("\n") ? String(reason.dropLast()) : reason)
        }
    }

    /// The C library's headers for another machine: Debian's for cross compiling or, for C where those are not there, a few of our own.
    private func headers(for triple: String, _ language: CustomCode.Language, folder: String) throws -> [String] {
        let parts = triple.split(separator: "-")
        let installed = "/usr/\(parts.first ?? "")-\(parts.suffix(2).joined(separator: "-"))/include"
        if FileBytes.exists("\(installed)/math.h") { return ["-isystem", installed] }
        guard language == .c else { return [] }
        for (name, text) in [("math", strata_fallback_math_text()), ("string", strata_fallback_string_text())] {
            try FileBytes.write(Array(text.map { String(cString: $0) }?.utf8 ?? "".utf8), to: "\(folder)/\(name).h")
        }
        return ["-nostdlibinc"]
    }

    /// Code that depends on nothing but the text, the target and the compiler.
    private static let common = [
        "-O2", "-fPIC", "-fvisibility=hidden", "-fno-math-errno", "-fno-ident", "-fno-stack-protector",
        "-fno-asynchronous-unwind-tables", "-fno-color-diagnostics", "-g0",
    ]
    private static let ofCPP = ["-fno-exceptions", "-fno-rtti", "-fno-c++-static-destructors"]

    /// All that decides what becomes of a code, but for the compiler itself, the target and the code.
    public static var conventions: String {
        (common + ofCPP).joined(separator: " ") + String(cString: strata_operation_header_text())
    }
}
