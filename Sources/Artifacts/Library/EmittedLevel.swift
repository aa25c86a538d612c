import CustomCode
import KernelIR

/// The code of one CPU level: kernels, a plan for each function, and workspace functions, as LLVM IR.
///
/// In a library called NAME it defines, hidden, `void @NAME_rt_plan_<function>_<level>(ptr call)` and
/// `i64 @NAME_rt_workspace_<function>_<level>(ptr dims, i64 threads)` for each function, and `@NAME_rt_kept_<function>_<level>`, what it
/// keeps between calls: { i64 bytes, i64 changes }; the names of all else it defines end in the level.
/// It may call what the runtime has for generated code, such as
/// `void @NAME_rt_run_steps(ptr call, ptr steps, ptr block, ptr runner)`.
public struct EmittedLevel: Sendable, Hashable {
    /// The CPU level.
    public var level: CPULevel
    /// The code as one LLVM module, to be shown.
    public var irText: String
    /// The same code as modules that are compiled apart from each other.
    public var units: [String]
    /// The user's code that it calls.
    public var codes: [CustomUnit]

    /// Joins a level and its code; without `units`, it is compiled as one.
    public init(level: CPULevel, irText: String, units: [String]? = nil, codes: [CustomUnit] = []) {
        self.codes = codes
        self.level = level
        self.irText = irText
        self.units = units ?? [irText]
    }
}

extension EmittedLevel {
    /// The names of the functions that the units define.
    func definedFunctions() -> Set<String> {
        units.reduce(into: []) { names, unit in
            var unit = unit
            unit.withUTF8 { Self.addDefined(in: $0, to: &names) }
        }
    }

    private static func addDefined(in bytes: UnsafeBufferPointer<UInt8>, to names: inout Set<String>) {
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            if bytes[start] == UInt8(ascii: "d"), let name = definedName(bytes[start..<end]) { names.insert(name) }
            start = end + 1
        }
    }

    /// The name after `@` in a line that begins with `define`.
    private static func definedName(_ line: Slice<UnsafeBufferPointer<UInt8>>) -> String? {
        guard line.starts(with: "define ".utf8), let sign = line.firstIndex(of: UInt8(ascii: "@")),
            let end = line[sign...].firstIndex(of: UInt8(ascii: "("))
        else { return nil }
        return String(decoding: line[(sign + 1)..<end], as: UTF8.self)
    }
}
