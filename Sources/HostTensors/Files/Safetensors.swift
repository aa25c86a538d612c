/// The tensors and metadata of a safetensors file.
public struct SafetensorsFile: Sendable {
    /// The tensors in the order the header lists them.
    public var entries: [(name: String, tensor: HostTensor)]
    /// Free text by name.
    public var metadata: [String: String]

    /// A file's content.
    public init(entries: [(name: String, tensor: HostTensor)], metadata: [String: String] = [:]) {
        self.entries = entries
        self.metadata = metadata
    }

    /// The tensor with this name, or nil.
    public subscript(name: String) -> HostTensor? { entries.first { $0.name == name }?.tensor }
}

/// The safetensors format: an 8-byte little-endian length, a JSON header of that length, then the tensors' bytes.
///
/// Reading checks what the format demands: offsets that match dtype and shape, no overlap, no gap, no name twice.
/// Writing is deterministic: the header lists tensors in the given order and metadata by name; bytes go to the file in
/// order of falling element size, so that every tensor is aligned to its elements.
public enum Safetensors {
    /// The header entry that holds the metadata.
    static let metadataName = "__metadata__"
    /// The longest header the format allows, in bytes.
    static let longestHeader = 100_000_000

    /// The names of the dtypes in the format.
    static let dtypeNames: [(name: String, dtype: DType)] = [
        ("F64", .f64), ("F32", .f32), ("F16", .f16), ("BF16", .bf16), ("I64", .i64), ("I32", .i32), ("I16", .i16),
        ("I8", .i8), ("U64", .u64), ("U32", .u32), ("U16", .u16), ("U8", .u8), ("BOOL", .bool),
    ]

    /// The tensors and metadata in the file at `path`.
    public static func read(path: String) throws -> SafetensorsFile {
        try decode(WholeFile.read(path: path), path: path)
    }

    /// The tensors and metadata in the bytes of a safetensors file; `path` names them in errors.
    public static func decode(_ bytes: [UInt8], path: String = "bytes") throws -> SafetensorsFile {
        try bytes.withUnsafeBytes { bytes in
            var reader = SafetensorsReader(ByteReader(bytes, path: path))
            return try reader.read()
        }
    }

    /// Replaces the file at `path`, atomically, by one that holds `entries` and `metadata`; names must differ.
    public static func write(
        _ entries: [(String, HostTensor)], metadata: [String: String] = [:], path: String
    ) throws {
        let layout = try Layout(entries, metadata: metadata, path: path)
        try WholeFile.write(path: path) { append in
            try layout.header.withUnsafeBytes { try append($0) }
            for index in layout.order { try entries[index].1.withUnsafeBytes { try append($0) } }
        }
    }

    /// The bytes of a file that holds `entries` and `metadata`; names must differ.
    public static func encode(
        _ entries: [(String, HostTensor)], metadata: [String: String] = [:]
    ) throws -> [UInt8] {
        let layout = try Layout(entries, metadata: metadata, path: "bytes")
        return layout.order.reduce(into: layout.header) { bytes, index in
            entries[index].1.withUnsafeBytes { bytes.append(contentsOf: $0) }
        }
    }

    /// The header of a file, and the order in which the tensors' bytes follow it.
    private struct Layout {
        let header: [UInt8]
        let order: [Int]

        init(_ entries: [(String, HostTensor)], metadata: [String: String], path: String) throws {
            try Self.checkNames(entries, path: path)
            order = entries.indices.sorted {
                let (left, right) = (entries[$0].1.dtype.byteCount, entries[$1].1.dtype.byteCount)
                return left != right ? left > right : $0 < $1
            }
            var begins = [Int](repeating: 0, count: entries.count)
            var offset = 0
            for index in order {
                begins[index] = offset
                offset += entries[index].1.byteCount
            }
            var members: [String] = []
            if !metadata.isEmpty {
                let pairs = metadata.sorted { $0.key < $1.key }.map { "\(JSON.quoted($0)):\(JSON.quoted($1))" }
                members.append("\(JSON.quoted(metadataName)):{\(pairs.joined(separator: ","))}")
            }
            for (index, (name, tensor)) in entries.enumerated() {
                let dtypeName = dtypeNames.first { $0.dtype == tensor.dtype }?.name ?? ""
                let shape = tensor.shape.map(String.init).joined(separator: ",")
                let range = "\(begins[index]),\(begins[index] + tensor.byteCount)"
                members.append(
                    "\(JSON.quoted(name)):{\"dtype\":\"\(dtypeName)\",\"shape\":[\(shape)],\"data_offsets\":[\(range)]}"
                )
            }
            var text = Array("{\(members.joined(separator: ","))}".utf8)
            text += [UInt8](repeating: 0x20, count: (8 - text.count % 8) % 8)
            header = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text
        }

        private static func checkNames(_ entries: [(String, HostTensor)], path: String) throws {
            var names: Set<String> = [metadataName]
            for (name, _) in entries where !names.insert(name).inserted {
                throw FileError(
                    path: path, place: .wholeFile, expected: "different names, none of them \(metadataName)",
                    actual: "\"\(name)\"", remedy: "rename the tensor")
            }
        }
    }
}
