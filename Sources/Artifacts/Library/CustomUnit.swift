import CustomCode
import KernelIR
import Toolchain

/// The user's code in a library: what kernels call under a name of its own for each CPU level.
public struct CustomUnit: Sendable, Hashable {
    /// The code.
    public var code: CustomCode
    /// The name of its function in the library; those of everything else that it defines begin with it.
    public var symbol: String

    /// Names some code.
    public init(_ code: CustomCode, symbol: String) {
        self.code = code
        self.symbol = symbol
    }
}

extension CustomUnit {
    /// The code compiled for a target, nothing in it named as in another level or another operation; throws `CustomCodeError`.
    public func object(for target: Target, cache: BuildCache?) throws -> [UInt8] {
        let compiler = try CCompiler.locate(for: code.name)
        let arguments = target.compilerArguments
        let key = BuildCache.key(
            [
                "custom code", CCompiler.conventions, try FileIdentity(path: compiler.path).text, target.triple,
                "\(arguments)",
                code.language.rawValue, code.name, code.source, symbol,
            ])
        return try (code.isSelfContained ? cache : nil).bytes(key) {
            let object = try compiler.object(
                of: code, triple: target.architecture == Target.host.architecture ? nil : target.triple,
                arguments: arguments)
            return try ELFFile.renamingDefinitions(of: object) { $0 == code.name ? symbol : "\(symbol).\($0)" }
        }
    }

    /// The libraries that compiled code needs beside the C library.
    static func libraries(of objects: [[UInt8]]) throws -> [String] {
        let wanted = try Set(objects.flatMap { try ELFFile($0).undefinedSymbols }.compactMap(SystemLibrary.defining))
        return SystemLibrary.allCases.filter { $0 != .c && wanted.contains($0) }.map(\.rawValue)
    }
}

extension Target {
    /// What tells Clang of the processor.
    fileprivate var compilerArguments: [String] {
        switch architecture {
        case .x86_64:
            ["-march=\(processor)", "-mprefer-vector-width=\(vectorBits)"]
                + extraFeatures.split(separator: ",").map { "-m\($0.dropFirst())" }
        case .aarch64: ["-march=armv8-a", "-mno-outline-atomics"]
        }
    }
}
