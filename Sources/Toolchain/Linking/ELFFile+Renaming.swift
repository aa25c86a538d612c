extension ELFFile {
    /// The object file `bytes` with every symbol that begins with `prefix` beginning with `replacement` instead.
    ///
    /// Code that is the same in many libraries but for its names is compiled once.
    ///
    /// - Throws: `ProgramError.malformedELF` for anything but an object file.
    public static func renamingSymbols(of bytes: [UInt8], from prefix: String, to replacement: String) throws -> [UInt8]
    {
        if prefix == replacement { return bytes }
        return try renamingSymbols(of: bytes) { name, _ in
            name.hasPrefix(prefix) ? replacement + name.dropFirst(prefix.count) : nil
        }
    }

    /// The object file `bytes` with other names for what it defines and other objects may use, hidden from other libraries.
    ///
    /// Objects of the same names, such as those of inline functions, then stand side by side in a library.
    ///
    /// - Throws: `ProgramError.malformedELF` for anything but an object file.
    public static func renamingDefinitions(of bytes: [UInt8], to rename: (String) -> String) throws -> [UInt8] {
        try renamingSymbols(of: bytes, hides: true) { name, isDefined in
            isDefined && !name.isEmpty ? rename(name) : nil
        }
    }

    /// The object with other names for the symbols that `rename` gives one for; it is told whether other files may use a symbol that is
    /// defined here.
    private static func renamingSymbols(
        of bytes: [UInt8], hides: Bool = false, to rename: (_ name: String, _ isDefined: Bool) -> String?
    ) throws -> [UInt8] {
        let reader = ELFReader(bytes: bytes)
        let sections = try reader.sections()
        guard let table = sections.first(where: { $0.type == 2 }), sections.indices.contains(table.link) else {
            throw ProgramError.malformedELF(reason: "expected a symbol table with names")
        }
        // The names, which may also be those of sections, stay; new ones are added behind them, at the end of the file.
        let old = sections[table.link]
        var names = Array(bytes[old.offset..<old.offset + old.byteCount])
        var renamed = bytes
        for entry in stride(from: table.offset, to: table.offset + table.byteCount / 24 * 24, by: 24) {
            let name = try reader.text(at: old.offset + reader.integer(at: entry, bytes: 4))
            let isGlobal = try reader.integer(at: entry + 4, bytes: 1) >> 4 != 0
            let isDefined = try reader.integer(at: entry + 6, bytes: 2) != 0
            guard let new = rename(name, isGlobal && isDefined) else { continue }
            Self.store(names.count, bytes: 4, at: entry, in: &renamed)
            if hides { renamed[entry + 5] = 2 }
            names += Array(new.utf8) + [0]
        }
        let header = try reader.integer(at: 40, bytes: 8) + table.link * 64
        Self.store(renamed.count, bytes: 8, at: header + 24, in: &renamed)
        Self.store(names.count, bytes: 8, at: header + 32, in: &renamed)
        return renamed + names
    }

    private static func store(_ value: Int, bytes count: Int, at offset: Int, in bytes: inout [UInt8]) {
        for index in 0..<count { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
    }
}
