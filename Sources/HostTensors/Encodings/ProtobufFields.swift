/// Protocol Buffers' wire format, as much as records and event files need: varints, fixed numbers, bytes.
///
/// A message is a series of fields, each a key (number · 8 + wire type) and a value.
public struct ProtobufWriter {
    /// The message so far.
    public private(set) var bytes: [UInt8] = []

    /// Starts an empty message.
    public init() {}

    /// A field that is a whole number.
    public mutating func add(_ field: Int, varint value: UInt64) {
        append(UInt64(field) << 3)
        append(value)
    }

    /// A field that is an f64.
    public mutating func add(_ field: Int, double value: Double) {
        append(UInt64(field) << 3 | 1)
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += Array($0) }
    }

    /// A field that is an f32.
    public mutating func add(_ field: Int, float value: Float) {
        append(UInt64(field) << 3 | 5)
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += Array($0) }
    }

    /// A field of bytes: a text, a message, or packed numbers.
    public mutating func add(_ field: Int, bytes value: [UInt8]) {
        append(UInt64(field) << 3 | 2)
        append(UInt64(value.count))
        bytes += value
    }

    /// A text.
    public mutating func add(_ field: Int, text: String) { add(field, bytes: Array(text.utf8)) }

    /// A message of its own.
    public mutating func add(_ field: Int, message: (inout ProtobufWriter) -> Void) {
        var inner = ProtobufWriter()
        message(&inner)
        add(field, bytes: inner.bytes)
    }

    /// Numbers of f64, packed.
    public mutating func add(_ field: Int, packed values: [Double]) {
        var inner: [UInt8] = []
        for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { inner += Array($0) } }
        add(field, bytes: inner)
    }

    private mutating func append(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}

/// One field of a message.
public struct ProtobufField {
    /// The number by which the message's type knows it.
    public let number: Int
    /// The value of a number, as its bits.
    public let bits: UInt64
    /// The value of a text, message or packed numbers; empty for a number.
    public let bytes: ArraySlice<UInt8>
    /// The bytes of a fixed number: 4 or 8; 0 for a varint, -1 for bytes.
    let width: Int

    /// The fields of a message in order; nil when the bytes are none.
    public static func fields(of message: ArraySlice<UInt8>) -> [ProtobufField]? {
        var reader = Cursor(bytes: message)
        var fields: [ProtobufField] = []
        while !reader.bytes.isEmpty {
            guard let key = reader.varint(), let number = Int(exactly: key >> 3), number > 0 else { return nil }
            switch key & 7 {
            case 0:
                guard let value = reader.varint() else { return nil }
                fields.append(ProtobufField(number: number, bits: value, bytes: [], width: 0))
            case 1, 5:
                let width = key & 7 == 1 ? 8 : 4
                guard let taken = reader.take(width) else { return nil }
                fields.append(ProtobufField(number: number, bits: Self.number(taken), bytes: [], width: width))
            case 2:
                guard let count = reader.varint().flatMap({ Int(exactly: $0) }), let taken = reader.take(count) else {
                    return nil
                }
                fields.append(ProtobufField(number: number, bits: 0, bytes: taken, width: -1))
            default: return nil
            }
        }
        return fields
    }

    /// The value as a text.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
    /// The value as an f64.
    public var double: Double { width == 4 ? Double(Float(bitPattern: UInt32(bits))) : Double(bitPattern: bits) }
    /// The value, or the packed values, as f32 numbers.
    public var floats: [Float] {
        if width == 4 { return [Float(bitPattern: UInt32(bits))] }
        return stride(from: bytes.startIndex, to: bytes.endIndex - 3, by: 4).map {
            Float(bitPattern: UInt32(Self.number(bytes[$0..<$0 + 4])))
        }
    }
    /// The value, or the packed values, as whole numbers; nil when the packed bytes are cut off.
    public var integers: [Int64]? {
        if width >= 0 { return [Int64(bitPattern: bits)] }
        var reader = Cursor(bytes: bytes)
        var values: [Int64] = []
        while !reader.bytes.isEmpty {
            guard let value = reader.varint() else { return nil }
            values.append(Int64(bitPattern: value))
        }
        return values
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private struct Cursor {
        var bytes: ArraySlice<UInt8>

        mutating func varint() -> UInt64? {
            var value: UInt64 = 0
            for shift in stride(from: UInt64(0), to: 64, by: 7) {
                guard let byte = bytes.popFirst() else { return nil }
                value |= UInt64(byte & 0x7f) << shift
                if byte < 0x80 { return value }
            }
            return nil
        }

        mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
            guard count >= 0, count <= bytes.count else { return nil }
            defer { bytes = bytes.dropFirst(count) }
            return bytes.prefix(count)
        }
    }
}
