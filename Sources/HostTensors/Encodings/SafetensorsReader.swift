/// Reads and checks one safetensors file.
struct SafetensorsReader {
    /// One tensor as the header describes it.
    private struct Description {
        var name: String
        var dtype: DType
        var shape: [Int]
        var begin: Int
        var end: Int
        /// Where the header describes it.
        var offset: Int
    }

    private static let headerOffset = 8
    private static let remedy = "write the file again with a safetensors library"

    private let bytes: UnsafeRawBufferPointer
    private let path: String
    private var reader: ByteReader

    init(_ reader: ByteReader) {
        self.reader = reader
        bytes = reader.bytes
        path = reader.path
    }

    mutating func read() throws -> SafetensorsFile {
        let headerCount = try reader.littleEndian(UInt64.self, "the header length")
        guard headerCount <= UInt64(Safetensors.longestHeader) else {
            throw reader.error(
                at: 0, expected: "a header of at most \(Safetensors.longestHeader) bytes", actual: "\(headerCount)",
                remedy: "give a safetensors file; this begins like something else")
        }
        let text = try reader.take(Int(headerCount), "the header")
        let members = try members(of: parse(text), of: "an object as header")
        var metadata: [String: String] = [:]
        var descriptions: [Description] = []
        for member in members {
            if member.name == Safetensors.metadataName {
                metadata = try self.metadata(member.value)
            } else {
                descriptions.append(try description(member))
            }
        }
        try checkCoverage(descriptions)
        let dataOffset = reader.offset
        let entries = try descriptions.map { description in
            let range = dataOffset + description.begin..<dataOffset + description.end
            let tensor = try HostTensor(
                copying: UnsafeRawBufferPointer(rebasing: bytes[range]), dtype: description.dtype,
                shape: description.shape)
            return (name: description.name, tensor: tensor)
        }
        return SafetensorsFile(entries: entries, metadata: metadata)
    }

    private func parse(_ text: UnsafeRawBufferPointer) throws -> JSON {
        do {
            return try JSONParser.parse(text)
        } catch {
            throw reader.error(
                at: Self.headerOffset + error.offset, expected: "\(error.expected) in the JSON header",
                actual: error.actual, remedy: Self.remedy)
        }
    }

    private func mismatch(_ value: JSON, in field: String? = nil, expected: String) -> FileError {
        self.error(at: value.offset, in: field, expected: expected, actual: value.kind)
    }

    /// An error at a byte of the header, in the description of a tensor if `field` names one.
    private func error(at offset: Int, in field: String?, expected: String, actual: String) -> FileError {
        let byte = Self.headerOffset + offset
        let place: FileError.Place = if let field { .field(field, byte: byte) } else { .byte(byte) }
        return FileError(path: path, place: place, expected: expected, actual: actual, remedy: Self.remedy)
    }

    private func members(of value: JSON, in field: String? = nil, of content: String) throws -> [JSON.Member] {
        guard case .object(let members) = value.content else { throw mismatch(value, in: field, expected: content) }
        return members
    }

    private func metadata(_ value: JSON) throws -> [String: String] {
        let field = Safetensors.metadataName
        var metadata: [String: String] = [:]
        for member in try members(of: value, in: field, of: "an object of strings") {
            guard case .string(let text) = member.value.content else {
                throw mismatch(member.value, in: field, expected: "a string for \"\(member.name)\"")
            }
            metadata[member.name] = text
        }
        return metadata
    }

    private func description(_ member: JSON.Member) throws -> Description {
        let field = "tensor \"\(member.name)\""
        var dtype: DType?
        var shape: [Int]?
        var range: (begin: Int, end: Int)?
        for part in try members(of: member.value, in: field, of: "an object with dtype, shape and data_offsets") {
            switch part.name {
            case "dtype": dtype = try self.dtype(part.value, in: field)
            case "shape": shape = try counts(part.value, in: field, of: "an array of extents as shape")
            case "data_offsets":
                let content = "[begin, end] as data_offsets"
                let counts = try counts(part.value, in: field, of: content)
                guard counts.count == 2, counts[0] <= counts[1] else {
                    throw error(at: part.value.offset, in: field, expected: content, actual: "\(counts)")
                }
                range = (counts[0], counts[1])
            default:
                throw error(
                    at: part.nameOffset, in: field, expected: "only dtype, shape and data_offsets",
                    actual: "\"\(part.name)\"")
            }
        }
        guard let dtype, let shape, let range else {
            throw error(
                at: member.value.offset, in: field, expected: "dtype, shape and data_offsets",
                actual: "not all of them")
        }
        let byteCount = HostTensor.checkedCount(of: shape, dtype: dtype).map { $0 * dtype.byteCount }
        guard range.end - range.begin == byteCount else {
            throw error(
                at: member.value.offset, in: field,
                expected: byteCount.map { "\($0) bytes for \(HostTensor.typeText(dtype, shape))" }
                    ?? "a shape that fits in memory",
                actual: byteCount == nil ? "\(shape)" : "data_offsets [\(range.begin), \(range.end)]")
        }
        return Description(
            name: member.name, dtype: dtype, shape: shape, begin: range.begin, end: range.end,
            offset: member.nameOffset)
    }

    private func dtype(_ value: JSON, in field: String) throws -> DType {
        guard case .string(let name) = value.content,
            let dtype = Safetensors.dtypeNames.first(where: { $0.name == name })?.dtype
        else {
            let names = Safetensors.dtypeNames.map(\.name).joined(separator: " ")
            throw mismatch(value, in: field, expected: "a dtype of \(names)")
        }
        return dtype
    }

    private func counts(_ value: JSON, in field: String, of content: String) throws -> [Int] {
        guard case .array(let elements) = value.content else { throw mismatch(value, in: field, expected: content) }
        return try elements.map { element in
            guard let count = element.integer, count >= 0 else {
                throw mismatch(element, in: field, expected: "an integer from 0 to \(Int.max)")
            }
            return count
        }
    }

    /// Checks that the tensors cover the rest of the file without gap or overlap.
    private func checkCoverage(_ descriptions: [Description]) throws {
        var covered = 0
        for description in descriptions.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
            guard description.begin == covered else {
                throw error(
                    at: description.offset, in: "tensor \"\(description.name)\"",
                    expected: "data that begins at offset \(covered), where the tensor before it ends",
                    actual: "offset \(description.begin), \(description.begin < covered ? "an overlap" : "a gap")")
            }
            covered = description.end
        }
        guard covered == reader.remainingCount else {
            throw reader.error(
                at: reader.offset, expected: "\(covered) bytes of tensors", actual: "\(reader.remainingCount)",
                remedy: covered > reader.remainingCount
                    ? "the file is truncated: copy or make it again" : "something follows the tensors: " + Self.remedy)
        }
    }
}
