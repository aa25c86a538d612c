/// Writes static libraries: `ar` archives in the GNU form, with a symbol index that linkers search.
public enum StaticArchive {
    /// One file of an archive.
    public struct Member: Sendable, Hashable {
        /// The file's name, without a folder.
        public let name: String
        /// The file: an ELF object.
        public let content: [UInt8]

        /// Makes a member of a name and its content.
        public init(name: String, content: [UInt8]) {
            self.name = name
            self.content = content
        }
    }

    /// The bytes of an archive of `members`, in their order, all times and owners zero.
    ///
    /// Layout: the magic, `/` (the index: a count, each symbol's member offset, the names; numbers big-endian, 32 bits),
    /// `//` (names longer than 15 bytes, when there are any), then the members, each at an even offset.
    ///
    /// - Throws: `ProgramError.malformedELF` when a member is no ELF file.
    public static func bytes(of members: [Member]) throws -> [UInt8] {
        let symbols = try members.map { try globalDefinitions($0) }
        let longNames = longNameTable(members)
        let nameBytes = symbols.joined().reduce(0) { $0 + $1.utf8.count + 1 }
        let indexSize = 4 + 4 * symbols.joined().count + nameBytes
        var offset = magic.count + headerSize + padded(indexSize)
        if !longNames.content.isEmpty { offset += headerSize + padded(longNames.content.count) }

        var index = bigEndian(symbols.joined().count)
        for (member, names) in zip(members, symbols) {
            for _ in names { index += bigEndian(offset) }
            offset += headerSize + padded(member.content.count)
        }
        for name in symbols.joined() { index += Array(name.utf8) + [0] }

        var archive = magic + entry("/", index)
        if !longNames.content.isEmpty { archive += entry("//", longNames.content) }
        for (member, name) in zip(members, longNames.headerNames) { archive += entry(name, member.content) }
        return archive
    }

    private static let magic = Array("!<arch>\n".utf8)
    private static let headerSize = 60

    private static func globalDefinitions(_ member: Member) throws -> [String] {
        try ELFFile(member.content).symbols.filter { $0.isGlobal && $0.isDefined }.map(\.name)
    }

    private static func longNameTable(_ members: [Member]) -> (content: [UInt8], headerNames: [String]) {
        var content: [UInt8] = []
        let headerNames = members.map { member -> String in
            if member.name.utf8.count <= 15 { return member.name + "/" }
            defer { content += Array((member.name + "/\n").utf8) }
            return "/\(content.count)"
        }
        return (content, headerNames)
    }

    private static func entry(_ name: String, _ content: [UInt8]) -> [UInt8] {
        let isTable = name == "/" || name == "//"
        let fields = [(name, 16), ("0", 12), ("0", 6), ("0", 6), (isTable ? "0" : "644", 8), ("\(content.count)", 10)]
        let header = fields.map { text, width in text + String(repeating: " ", count: max(0, width - text.utf8.count)) }
        let padding: [UInt8] = content.count.isMultiple(of: 2) ? [] : [0x0a]
        return Array((header.joined() + "`\n").utf8) + content + padding
    }

    private static func padded(_ count: Int) -> Int { count + count % 2 }

    private static func bigEndian(_ value: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}
