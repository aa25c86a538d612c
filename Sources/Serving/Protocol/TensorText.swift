import HostTensors

/// Reads the elements of a tensor from a JSON array, flat or nested as the shape is.
struct TensorText {
    private let text: UnsafeRawBufferPointer
    private let dtype: DType
    private let shape: [Int]
    /// Where messages say it is: `input 'x'`.
    private let place: String
    private var position = 0
    private var count = 0
    /// The number of brackets around the first element.
    private var leafDepth: Int?

    /// The tensor that `text`, one array, spells; throws a `RequestFailure` with the place of what is wrong.
    static func read(
        _ text: UnsafeRawBufferPointer, dtype: DType, shape: [Int], place: String
    ) throws -> HostTensor {
        let expected = try HostTensor.elementCount(of: shape, dtype: dtype)
        // Each element but the last takes two bytes of text: memory is asked for only where there can be so many.
        guard expected <= text.count else {
            throw RequestFailure.badRequest(
                "\(place): a tensor of shape \(shape) has \(expected) elements; the data has fewer")
        }
        let reader = TensorText(text: text, dtype: dtype, shape: shape, place: place)
        return try dtype.accept(Reading(reader: reader, expected: expected))
    }

    private init(text: UnsafeRawBufferPointer, dtype: DType, shape: [Int], place: String) {
        (self.text, self.dtype, self.shape, self.place) = (text, dtype, shape, place)
    }

    /// The reader's loop for one element type.
    private struct Reading: DTypeVisitor {
        let reader: TensorText
        let expected: Int

        func visit<Scalar: HostScalar>(_ type: Scalar.Type) throws -> HostTensor {
            var reader = reader
            var tensor = HostTensor(zeros: reader.shape, dtype: Scalar.dtype)
            try tensor.withMutableScalars(as: Scalar.self) { try reader.array(into: $0, depth: 1) }
            try reader.requireEnd(expected: expected)
            return tensor
        }
    }

    private mutating func requireEnd(expected: Int) throws {
        if let byte = next() { throw unexpected(byte, "the end of the data") }
        guard count == expected else {
            throw RequestFailure.badRequest(
                "\(place): a tensor of shape \(shape) has \(expected) elements; the data has \(count)")
        }
    }

    private func unexpected(_ byte: UInt8?, _ expected: String) -> RequestFailure {
        let got = byte.map { (0x20..<0x7f).contains($0) ? "'\(Character(UnicodeScalar($0)))'" : "byte \($0)" }
        return .badRequest(
            "\(place), data, element \(count): expected \(expected), got \(got ?? "the end of the text")")
    }

    /// The next byte that is not blank, still to be read; nil at the end.
    private mutating func next() -> UInt8? {
        while position < text.count {
            let byte = text[position]
            if byte > 0x20 || (byte != 0x20 && byte != 0x0a && byte != 0x0d && byte != 0x09) { return byte }
            position += 1
        }
        return nil
    }

    private mutating func array<Scalar: HostScalar>(
        into elements: UnsafeMutableBufferPointer<Scalar>, depth: Int
    ) throws {
        let first = next()
        guard first == UInt8(ascii: "[") else { throw unexpected(first, "'['") }
        position += 1
        var members = 0
        if next() == UInt8(ascii: "]") {
            position += 1
            return try close(depth: depth, members: 0)
        }
        while true {
            if next() == UInt8(ascii: "[") {
                guard depth < max(1, shape.count) else {
                    throw unexpected(UInt8(ascii: "["), "a number, as the shape is \(shape)")
                }
                try array(into: elements, depth: depth + 1)
            } else {
                try element(into: elements, depth: depth)
            }
            members += 1
            let separator = next()
            position += 1
            if separator == UInt8(ascii: ",") { continue }
            guard separator == UInt8(ascii: "]") else { throw unexpected(separator, "',' or ']'") }
            return try close(depth: depth, members: members)
        }
    }

    /// Checks the number of members of an array that is nested as the shape is.
    private func close(depth: Int, members: Int) throws {
        guard leafDepth == shape.count, depth <= shape.count, shape.count > 1, members != shape[depth - 1] else {
            return
        }
        throw RequestFailure.badRequest(
            "\(place), data, before element \(count): expected arrays of \(shape[depth - 1]) along axis \(depth - 1), as the "
                + "shape is \(shape), got one of \(members)")
    }

    private mutating func element<Scalar: HostScalar>(
        into elements: UnsafeMutableBufferPointer<Scalar>, depth: Int
    ) throws {
        let leafDepth = leafDepth ?? depth
        self.leafDepth = leafDepth
        guard depth == leafDepth, depth == 1 || depth == shape.count else {
            throw RequestFailure.badRequest(
                "\(place), data, element \(count): expected a flat array, or one nested as the shape \(shape) is, got an "
                    + "element in \(depth) brackets")
        }
        let value: Scalar =
            switch Scalar.dtype {
            case .bool: Scalar(cast: try boolean() ? 1 : 0 as Int64)
            case let dtype where dtype.isFloat: try float()
            default: try integer()
            }
        // More elements than there should be are only counted.
        if count < elements.count { elements[count] = value }
        count += 1
    }

    private mutating func boolean() throws -> Bool {
        for (word, value) in [("true", true), ("false", false), ("1", true), ("0", false)]
        where text.count - position >= word.utf8.count
            && text[position..<position + word.utf8.count].elementsEqual(word.utf8)
        {
            position += word.utf8.count
            return value
        }
        throw unexpected(next(), "true or false")
    }

    /// The bytes of the next number, which are digits, signs, points and letters.
    private mutating func token() -> UnsafeRawBufferPointer {
        let start = position
        while position < text.count {
            switch text[position] {
            case UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "["), 0x20, 0x0a, 0x0d, 0x09:
                return UnsafeRawBufferPointer(rebasing: text[start..<position])
            default: position += 1
            }
        }
        return UnsafeRawBufferPointer(rebasing: text[start..<position])
    }

    private func refused(_ token: UnsafeRawBufferPointer) -> RequestFailure {
        let got = String(decoding: token.prefix(40), as: UTF8.self)
        let words = dtype.isFloat ? "a number" : dtype == .bool ? "true or false" : "a whole number"
        return .badRequest(
            "\(place), data, element \(count): expected \(words) of datatype \(Datatype.name(of: dtype)), got \(got)")
    }

    private mutating func integer<Scalar: HostScalar>() throws -> Scalar {
        let token = token()
        let text = String(decoding: token, as: UTF8.self)
        if token.first == UInt8(ascii: "+") { throw refused(token) }
        if Scalar.dtype == .u64 {
            guard let value = UInt64(text) else { throw refused(token) }
            return Scalar(cast: value)
        }
        guard let value = Int64(text) else { throw refused(token) }
        let scalar = Scalar(cast: value)
        guard scalar.cast(to: Int64.self) == value else { throw refused(token) }
        return scalar
    }

    private mutating func float<Scalar: HostScalar>() throws -> Scalar {
        let token = token()
        // JSON has no such numbers, so they are strings.
        if token.first == UInt8(ascii: "\"") {
            switch String(decoding: token, as: UTF8.self) {
            case "\"NaN\"": return Scalar(cast: Double.nan)
            case "\"Infinity\"": return Scalar(cast: Double.infinity)
            case "\"-Infinity\"": return Scalar(cast: -Double.infinity)
            default: throw refused(token)
            }
        }
        guard let value = DecimalNumber.read(token) else { throw refused(token) }
        let scalar = Scalar(cast: value)
        guard scalar.cast(to: Double.self).isFinite else { throw refused(token) }
        return scalar
    }
}
