import Foundation
import KernelIR

/// The code of one CPU level: one LLVM module with the kernels, a plan for each function, and workspace functions.
///
/// In a library called NAME it defines, hidden, `void @NAME_rt_plan_<function>_<level>(ptr call)` for each function, and
/// `i64 @NAME_rt_workspace_<function>(ptr dims)` at one level at least (a level without it uses the nearest
/// one before it, or else after it, that has it); everything else it defines is internal. It may
/// call `void @NAME_rt_parallel_for(ptr pool, ptr task, ptr arguments, i64 count)`.
public struct EmittedLevel: Sendable, Hashable {
    /// The CPU level.
    public var level: CPULevel
    /// The module as LLVM IR text.
    public var irText: String

    /// Joins a level and its code.
    public init(level: CPULevel, irText: String) {
        self.level = level
        self.irText = irText
    }
}

extension EmittedLevel {
    /// The names of the functions that the text defines.
    func definedFunctions() -> Set<String> {
        var text = irText
        return text.withUTF8 { bytes in
            var names = Set<String>()
            var start = 0
            while start < bytes.count {
                let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
                if let name = Self.definedName(bytes[start..<end]) { names.insert(name) }
                start = end + 1
            }
            return names
        }
    }

    /// The level with workspace functions renamed to be its own, so that several levels can be linked.
    func withOwnWorkspaces(_ description: ArtifactDescription) -> EmittedLevel {
        let defined = definedFunctions()
        var renamed = self
        for function in description.functions {
            let name = RuntimeLayout.workspace(description.name, function.name)
            guard defined.contains(name) else { continue }
            let own = RuntimeLayout.workspace(description.name, function.name, level)
            renamed.irText = renamed.irText.replacingOccurrences(of: "@\(name)(", with: "@\(own)(")
        }
        return renamed
    }

    /// The name after `@` in a line that begins with `define`.
    private static func definedName(_ line: Slice<UnsafeBufferPointer<UInt8>>) -> String? {
        guard line.starts(with: "define ".utf8), let sign = line.firstIndex(of: UInt8(ascii: "@")),
            let end = line[sign...].firstIndex(of: UInt8(ascii: "("))
        else { return nil }
        return String(decoding: line[(sign + 1)..<end], as: UTF8.self)
    }
}
