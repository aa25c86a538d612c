import HostTensors
import Synchronization

/// The C or C++ of an operation that is not in the op table: a text, and how it is compiled and called.
///
/// Two are equal when all of that is; where one was compiled for this machine is not looked at.
public final class CustomCode: Sendable {
    /// What the text is written in.
    public enum Language: String, CaseIterable, Sendable, Hashable {
        /// C17.
        case c
        /// C++17, without exceptions and run-time types.
        case cpp
    }

    /// The operation's name, and that of its function: an identifier.
    public let name: String
    /// The language of `source`.
    public let language: Language
    /// The text, lines ended by a line feed. It defines `STRATA_OPERATION(name)`, see `strata_operation.h`.
    public let source: String
    /// More arguments of the compiler, such as `-I/usr/include/eigen3`.
    public let flags: [String]
    /// Whether indices along the first axis of the results can be computed apart from each other, by several threads.
    public let isDividedByRows: Bool
    private let loaded = Mutex<LoadedCode?>(nil)

    /// Describes the code; nothing is compiled yet.
    public init(
        name: String, language: Language, source: String, flags: [String] = [], isDividedByRows: Bool = false
    ) {
        self.name = name
        self.language = language
        var text = source.utf8.reduce(into: [UInt8]()) { bytes, byte in
            // A line ends in a line feed, a carriage return, or both.
            if byte == UInt8(ascii: "\n"), bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
            if bytes.last == UInt8(ascii: "\r") { bytes[bytes.count - 1] = UInt8(ascii: "\n") }
            bytes.append(byte)
        }
        if text.last == UInt8(ascii: "\r") { text.removeLast() }
        if text.last != UInt8(ascii: "\n") { text.append(UInt8(ascii: "\n")) }
        self.source = String(decoding: text, as: UTF8.self)
        self.flags = flags
        self.isDividedByRows = isDividedByRows
    }

    /// Whether it is plain that the text says all that is compiled: nothing is included but this operation's header and the system's.
    public var isSelfContained: Bool {
        let isOdd = ["import", "embed", "incbin", "%:", "??="].contains { source.contains($0) }
        return flags.isEmpty && !isOdd
            && source.split(separator: "\n").allSatisfy { !$0.contains("include") || Self.includesOfSystem($0) }
    }

    /// Whether a line is `#include <name>`, or includes this operation's header.
    private static func includesOfSystem(_ line: Substring) -> Bool {
        let words = line.filter { $0 != " " && $0 != "\t" }
        guard words.hasPrefix("#include") else { return false }
        let file = words.dropFirst("#include".count)
        if file == "\"\(CCompiler.headerName)\"" { return true }
        return file.hasPrefix("<") && file.hasSuffix(">") && !file.hasPrefix("</") && !file.contains("..")
            && file.count { $0 == "<" || $0 == ">" } == 2
    }

    /// Compiles the code for this machine and loads it, unless that was done before; throws `CustomCodeError`.
    public func prepare() throws { _ = try load() }

    /// Computes the results of operands on this machine: tensors of these element types and shapes.
    ///
    /// Throws `CustomCodeError` when the code cannot be compiled or loaded.
    public func run(_ operands: [HostTensor], results: [(dtype: DType, shape: [Int])]) throws -> [HostTensor] {
        let code = try load()
        var outputs = results.map { HostTensor(zeros: $0.shape, dtype: $0.dtype) }
        let inputs = operands.map { RawTensor(copying: $0) }
        let made = outputs.map { RawTensor(copying: $0) }
        defer { for tensor in inputs + made { tensor.deallocate() } }
        let count = results.first?.shape.first ?? 1
        code.call(inputs, made, 0..<count)
        for at in outputs.indices { made[at].read(into: &outputs[at]) }
        return outputs
    }

    /// Runs the code on memory, for some indices along the results' first axis.
    package func run(on operands: [RawTensor], results: [RawTensor], rows: Range<Int>) throws {
        try load().call(operands, results, rows)
    }

    private func load() throws -> LoadedCode {
        try loaded.withLock { known in
            if let known { return known }
            let code = try LoadedCode(self)
            known = code
            return code
        }
    }
}

extension CustomCode: Hashable {
    /// Whether names, texts and all that is said about them are the same.
    public static func == (left: CustomCode, right: CustomCode) -> Bool {
        left === right
            || (left.name == right.name && left.language == right.language && left.source == right.source
                && left.flags == right.flags && left.isDividedByRows == right.isDividedByRows)
    }

    /// Hashes name and text.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(source)
    }
}
