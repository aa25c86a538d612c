/// What an ELF file says of itself: a reader of 64-bit little-endian object files and shared libraries.
public struct ELFFile: Sendable, Hashable {
    /// One entry of a symbol table.
    public struct Symbol: Sendable, Hashable {
        /// The name, without a version.
        public let name: String
        /// Whether the file has it, or asks others for it.
        public let isDefined: Bool
        /// Whether other files may use it: bound globally or weakly, and not hidden.
        public let isGlobal: Bool
        /// Whether it names code.
        public let isFunction: Bool
        /// Bytes of code or data.
        public let byteCount: Int
    }

    /// The architecture number of the ELF header: 62 for x86-64, 183 for AArch64.
    public let machine: Int
    /// The full symbol table; empty when it was stripped.
    public let symbols: [Symbol]
    /// The symbols that matter at load time; empty for an object file.
    public let dynamicSymbols: [Symbol]
    /// The sonames of the libraries that it needs.
    public let needed: [String]
    /// The name that users of this shared library ask for, or nil.
    public let soname: String?
    /// Whether it has functions that are called when it is loaded or ends.
    public let runsWhenLoaded: Bool

    /// The names that the file asks other files for, sorted: at load time for a linked file, when linked for an object.
    public var undefinedSymbols: [String] { names(defined: false) }

    /// The names that other files may use, sorted.
    public var exportedSymbols: [String] { names(defined: true) }

    /// Reads an ELF file.
    ///
    /// - Throws: `ProgramError.malformedELF` for anything else, and for tables that reach outside the file.
    public init(_ bytes: [UInt8]) throws {
        let reader = ELFReader(bytes: bytes)
        guard bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1]) else {
            throw ProgramError.malformedELF(reason: "expected it to start with 7f 45 4c 46 02 01")
        }
        machine = try reader.integer(at: 18, bytes: 2)
        let sections = try reader.sections()
        symbols = try reader.symbols(in: sections, type: 2)
        // Arrays of functions for the beginning, the end, and before the beginning.
        runsWhenLoaded = sections.contains { (14...16).contains($0.type) && $0.byteCount > 0 }
        dynamicSymbols = try reader.symbols(in: sections, type: 11)
        var needed: [String] = []
        var soname: String?
        for (tag, name) in try reader.dynamicNames(in: sections) {
            if tag == 1 { needed.append(name) }
            if tag == 14 { soname = name }
        }
        self.needed = needed
        self.soname = soname
    }

    private func names(defined: Bool) -> [String] {
        let table = dynamicSymbols.isEmpty ? symbols : dynamicSymbols
        return table.filter { $0.isGlobal && $0.isDefined == defined }.map(\.name).sorted()
    }
}

/// Reads the tables of an ELF file, every access checked against its end.
package struct ELFReader {
    package struct Section {
        package let type: Int
        package let offset: Int
        package let byteCount: Int
        package let link: Int
    }

    let bytes: [UInt8]

    package init(bytes: [UInt8]) { self.bytes = bytes }

    package func integer(at offset: Int, bytes count: Int) throws -> Int {
        guard offset >= 0, offset <= bytes.count - count else {
            throw ProgramError.malformedELF(
                reason: "expected \(count) bytes at offset \(offset), but it ends at \(bytes.count)")
        }
        var value: UInt64 = 0
        for index in (0..<count).reversed() { value = value << 8 | UInt64(bytes[offset + index]) }
        guard let small = Int(exactly: value) else {
            throw ProgramError.malformedELF(reason: "the number at offset \(offset) is too large")
        }
        return small
    }

    package func text(at offset: Int) throws -> String {
        guard bytes.indices.contains(offset), let end = bytes[offset...].firstIndex(of: 0) else {
            throw ProgramError.malformedELF(reason: "expected a name at offset \(offset)")
        }
        return String(decoding: bytes[offset..<end], as: UTF8.self)
    }

    package func sections() throws -> [Section] {
        let table = try integer(at: 40, bytes: 8)
        let count = try integer(at: 60, bytes: 2)
        guard table <= bytes.count, count * 64 <= bytes.count - table else {
            throw ProgramError.malformedELF(reason: "the section table reaches outside the file")
        }
        return try (0..<count).map { index in
            let header = table + index * 64
            let section = Section(
                type: try integer(at: header + 4, bytes: 4), offset: try integer(at: header + 24, bytes: 8),
                byteCount: try integer(at: header + 32, bytes: 8), link: try integer(at: header + 40, bytes: 4))
            let isStored = section.type != 8  // zero-filled sections take no place in the file
            guard !isStored || section.offset <= bytes.count && section.byteCount <= bytes.count - section.offset else {
                throw ProgramError.malformedELF(reason: "section \(index) reaches outside the file")
            }
            return section
        }
    }

    func symbols(in sections: [Section], type: Int) throws -> [ELFFile.Symbol] {
        guard let table = sections.first(where: { $0.type == type }) else { return [] }
        let names = try namesOffset(of: table, sections)
        // The first entry stands for "no symbol".
        return try (0..<table.byteCount / 24).dropFirst().map { index in
            let entry = table.offset + index * 24
            let info = try integer(at: entry + 4, bytes: 1)
            let visibility = try integer(at: entry + 5, bytes: 1) & 3
            return ELFFile.Symbol(
                name: try text(at: names + integer(at: entry, bytes: 4)),
                isDefined: try integer(at: entry + 6, bytes: 2) != 0,
                isGlobal: info >> 4 != 0 && visibility != 1 && visibility != 2, isFunction: info & 15 == 2,
                byteCount: try integer(at: entry + 16, bytes: 8))
        }
    }

    func dynamicNames(in sections: [Section]) throws -> [(tag: Int, name: String)] {
        guard let table = sections.first(where: { $0.type == 6 }) else { return [] }
        let names = try namesOffset(of: table, sections)
        var found: [(tag: Int, name: String)] = []
        for index in 0..<table.byteCount / 16 {
            let entry = table.offset + index * 16
            // Values of other tags are addresses and flags, and tags may be above all positive numbers.
            guard try integer(at: entry + 4, bytes: 4) == 0 else { continue }
            let tag = try integer(at: entry, bytes: 4)
            if tag == 0 { break }
            if tag == 1 || tag == 14 {
                found.append((tag, try text(at: names + integer(at: entry + 8, bytes: 8))))
            }
        }
        return found
    }

    private func namesOffset(of table: Section, _ sections: [Section]) throws -> Int {
        guard sections.indices.contains(table.link) else {
            throw ProgramError.malformedELF(reason: "a symbol table names section \(table.link) for its names")
        }
        return sections[table.link].offset
    }
}
