/// What the header of an npy file says.
struct NPYHeader {
    var dtype: DType
    var isBigEndian: Bool
    var isColumnMajor: Bool
    var shape: [Int]
    var shapeOffset: Int
}

/// Reads the Python dictionary in the header of an npy file.
struct NPYHeaderParser {
    let text: UnsafeRawBufferPointer
    /// Where `text` begins in the file.
    let base: Int
    /// Makes the errors.
    let reader: ByteReader
    private var position = 0

    private static let remedy = "save the array again with numpy.save"

    init(text: UnsafeRawBufferPointer, base: Int, reader: ByteReader) {
        self.text = text
        self.base = base
        self.reader = reader
    }

    mutating func parse() throws -> NPYHeader {
        var type: (dtype: DType, isBigEndian: Bool)?
        var isColumnMajor: Bool?
        var shape: [Int]?
        var shapeOffset = base
        try expect("{")
        while next() != UInt8(ascii: "}") {
            let keyOffset = base + position
            let key = try string("a key")
            try expect(":")
            switch key {
            case "descr": type = try elementType()
            case "fortran_order": isColumnMajor = try boolean()
            case "shape":
                _ = next()
                shapeOffset = base + position
                shape = try extents()
            default:
                throw reader.error(
                    at: keyOffset, expected: "the keys descr, fortran_order and shape", actual: "'\(key)'",
                    remedy: Self.remedy)
            }
            if next() == UInt8(ascii: ",") { position += 1 } else { break }
        }
        try expect("}")
        guard let type, let isColumnMajor, let shape else {
            throw reader.error(
                at: base, expected: "the keys descr, fortran_order and shape", actual: "not all of them",
                remedy: Self.remedy)
        }
        return NPYHeader(
            dtype: type.dtype, isBigEndian: type.isBigEndian, isColumnMajor: isColumnMajor, shape: shape,
            shapeOffset: shapeOffset)
    }

    /// The next byte that is not blank, still to be read; nil at the end.
    private mutating func next() -> UInt8? {
        while position < text.count, text[position] == 0x20 || text[position] == 0x0a { position += 1 }
        return position < text.count ? text[position] : nil
    }

    private func shown(_ byte: UInt8?) -> String {
        byte.map { "'\(Character(UnicodeScalar($0)))'" } ?? "the end of the header"
    }

    private mutating func expect(_ symbol: Character) throws {
        let found = next()
        guard found == symbol.asciiValue else {
            throw reader.error(
                at: base + position, expected: "'\(symbol)'", actual: shown(found), remedy: Self.remedy)
        }
        position += 1
    }

    private mutating func string(_ content: String) throws -> String {
        let quote = next()
        guard let quote, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
            throw reader.error(
                at: base + position, expected: "\(content) in quotes", actual: shown(quote),
                remedy: quote == UInt8(ascii: "[")
                    ? "structured arrays are not supported: save each field by itself" : Self.remedy)
        }
        let start = position + 1
        guard let end = (start..<text.count).first(where: { text[$0] == quote }) else {
            throw reader.error(
                at: base + position, expected: "\(content) that ends with a quote",
                actual: "the end of the header", remedy: Self.remedy)
        }
        position = end + 1
        return String(decoding: text[start..<end], as: UTF8.self)
    }

    private mutating func boolean() throws -> Bool {
        let found = next()
        let start = position
        while position < text.count, Self.isLetter(text[position]) { position += 1 }
        switch String(decoding: text[start..<position], as: UTF8.self) {
        case "True": return true
        case "False": return false
        default:
            throw reader.error(
                at: base + start, expected: "True or False", actual: shown(found), remedy: Self.remedy)
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "z")).contains(byte)
    }

    private mutating func extents() throws -> [Int] {
        var extents: [Int] = []
        try expect("(")
        while let digit = next(), digit != UInt8(ascii: ")") {
            let start = position
            while position < text.count, (0x30...0x39).contains(text[position]) { position += 1 }
            guard let extent = Int(String(decoding: text[start..<position], as: UTF8.self)) else {
                throw reader.error(
                    at: base + start, expected: "an extent from 0 to \(Int.max)", actual: shown(digit),
                    remedy: Self.remedy)
            }
            extents.append(extent)
            if next() == UInt8(ascii: ",") { position += 1 } else { break }
        }
        try expect(")")
        return extents
    }

    private mutating func elementType() throws -> (dtype: DType, isBigEndian: Bool) {
        _ = next()
        let offset = base + position
        let code = try string("a type code")
        let codes: [Substring: DType] = [
            "f8": .f64, "f4": .f32, "f2": .f16, "i8": .i64, "i4": .i32, "i2": .i16, "i1": .i8, "u8": .u64,
            "u4": .u32, "u2": .u16, "u1": .u8, "b1": .bool,
        ]
        guard let order = code.first, "<>|=".contains(order), let dtype = codes[code.dropFirst()] else {
            throw reader.error(
                at: offset, expected: "a type code f8 f4 f2 i8 i4 i2 i1 u8 u4 u2 u1 or b1 after '<', '>', '|' or '='",
                actual: "'\(code)'", remedy: "convert the array with astype first, for example to numpy.float32")
        }
        return (dtype, order == ">")
    }
}
