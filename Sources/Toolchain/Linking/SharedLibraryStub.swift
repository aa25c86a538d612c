import KernelIR

/// A shared library with names but no content, to link against in place of one that is only there at load time.
struct SharedLibraryStub {
    /// The name that what is linked against it will ask for.
    let soname: String
    /// What it stands for a library of.
    let architecture: Architecture
    /// Version names and the functions that have them, in order. Functions not named here may still be used: they are
    /// then looked up by name alone.
    let versions: [(name: String, functions: [String])]

    /// The C library. Most of its functions are looked up without a version, so that what is linked runs with every
    /// release; condition variables carry the version that replaced their incompatible first form.
    static func cLibrary(of architecture: Architecture) -> SharedLibraryStub {
        let conditions = ["broadcast", "destroy", "init", "signal", "timedwait", "wait"].map { "pthread_cond_" + $0 }
        return SharedLibraryStub(
            soname: "libc.so.6", architecture: architecture,
            versions: architecture == .x86_64 ? [("GLIBC_2.3.2", conditions)] : [])
    }

    /// The ELF file: a header, then the sections that a linker reads of a shared library, then their table.
    ///
    /// Numbers are from the ELF-64 object file format and the symbol versioning part of the Linux Standard Base.
    var bytes: [UInt8] {
        var names = StringTable()
        let symbols = symbolTable(&names)
        let symbolVersions = symbolVersionTable
        let definitions = versionDefinitions(&names)
        let dynamic = words(14, names.offset(of: soname)) + words(0, 0)
        let sections: [Section] = [
            Section(type: 3, content: names.bytes),
            Section(type: 11, link: 1, info: 1, entrySize: 24, content: symbols),
            Section(type: 6, link: 1, entrySize: 16, content: dynamic),
            Section(type: 0x6fff_ffff, link: 2, entrySize: 2, content: symbolVersions),
            Section(type: 0x6fff_fffd, link: 1, info: versions.count + 1, content: definitions),
        ]
        var contents: [UInt8] = []
        var table = [UInt8](repeating: 0, count: 64)
        for section in sections {
            table += section.header(at: 64 + contents.count)
            contents += section.content
            contents += [UInt8](repeating: 0, count: (8 - contents.count % 8) % 8)
        }
        return header(tableOffset: 64 + contents.count, sectionCount: sections.count + 1) + contents + table
    }

    private struct Section {
        let type: Int
        var link = 0
        var info = 0
        var entrySize = 0
        let content: [UInt8]

        func header(at offset: Int) -> [UInt8] {
            integer(0, 4) + integer(type, 4) + words(0, 0, offset, content.count)
                + integer(link, 4) + integer(info, 4) + words(8, entrySize)
        }
    }

    /// Zero-terminated strings, each stored once.
    private struct StringTable {
        private(set) var bytes: [UInt8] = [0]
        private var offsets: [String: Int] = [:]

        mutating func offset(of text: String) -> Int {
            if let known = offsets[text] { return known }
            let offset = bytes.count
            bytes += Array(text.utf8) + [0]
            offsets[text] = offset
            return offset
        }
    }

    private func header(tableOffset: Int, sectionCount: Int) -> [UInt8] {
        let machine =
            switch architecture {
            case .x86_64: 62
            case .aarch64: 183
            }
        let identification: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9)
        let sharedLibrary = 3
        return identification + integer(sharedLibrary, 2) + integer(machine, 2) + integer(1, 4)
            + words(0, 0, tableOffset) + integer(0, 4) + integer(64, 2) + integer(0, 4)
            + integer(64, 2) + integer(sectionCount, 2) + integer(1, 2)
    }

    private func symbolTable(_ names: inout StringTable) -> [UInt8] {
        var table = [UInt8](repeating: 0, count: 24)
        for function in versions.flatMap(\.functions) {
            let globalFunction: [UInt8] = [0x12, 0]
            table += integer(names.offset(of: function), 4) + globalFunction + integer(1, 2) + words(0, 0)
        }
        return table
    }

    private var symbolVersionTable: [UInt8] {
        var table = integer(0, 2)
        for (index, version) in versions.enumerated() {
            for _ in version.functions { table += integer(index + 2, 2) }
        }
        return table
    }

    private func versionDefinitions(_ names: inout StringTable) -> [UInt8] {
        var table: [UInt8] = []
        let all = [soname] + versions.map(\.name)
        for (index, name) in all.enumerated() {
            let isBase = index == 0
            let next = index == all.count - 1 ? 0 : 28
            table += integer(1, 2) + integer(isBase ? 1 : 0, 2) + integer(index + 1, 2) + integer(1, 2)
            table += integer(Self.hash(name), 4) + integer(20, 4) + integer(next, 4)
            table += integer(names.offset(of: name), 4) + integer(0, 4)
        }
        return table
    }

    /// The hash of the System V ABI, which version names are compared by.
    private static func hash(_ name: String) -> Int {
        var hash: UInt32 = 0
        for byte in name.utf8 {
            hash = hash &<< 4 &+ UInt32(byte)
            let high = hash & 0xf000_0000
            hash = (hash ^ high >> 24) & ~high
        }
        return Int(hash)
    }
}

/// The `count` low bytes of `value`, the lowest first.
private func integer(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

/// Numbers of eight bytes.
private func words(_ values: Int...) -> [UInt8] { values.flatMap { integer($0, 8) } }
