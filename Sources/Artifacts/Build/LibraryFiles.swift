/// The files of a compiled library before they are written, but for weights beside it.
public struct LibraryFiles: Sendable {
    /// A file to write.
    public struct File: Sendable, Hashable {
        /// Its name, without a folder.
        public let name: String
        /// Its content.
        public let bytes: [UInt8]
    }

    /// The files, in the order they are written.
    public let files: [File]
    /// What the library says of itself, without a list of files.
    public let manifest: Manifest

    init(files: [File], manifest: Manifest) {
        self.files = files
        self.manifest = manifest
    }
}

extension LibraryFiles {
    /// All of it as bytes: the size and name of the manifest and of each file on a line, an empty line, their contents.
    public func encoded() throws -> [UInt8] {
        let all = [File(name: "manifest", bytes: Array(try manifest.json().utf8))] + files
        let head = all.map { "\($0.bytes.count) \($0.name)\n" }.joined() + "\n"
        return all.reduce(into: Array(head.utf8)) { $0 += $1.bytes }
    }

    /// Reads what `encoded` gives; nil for anything else.
    public init?(encoded bytes: ArraySlice<UInt8>) {
        var sizes: [(name: String, byteCount: Int)] = []
        var rest = bytes
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let line = rest[..<end]
            rest = rest[(end + 1)...]
            if line.isEmpty { break }
            let words = String(decoding: line, as: UTF8.self).split(separator: " ", maxSplits: 1)
            guard words.count == 2, let byteCount = Int(words[0]), byteCount >= 0 else { return nil }
            sizes.append((String(words[1]), byteCount))
        }
        var files: [File] = []
        for (name, byteCount) in sizes {
            guard byteCount <= rest.count else { return nil }
            files.append(File(name: name, bytes: Array(rest.prefix(byteCount))))
            rest = rest.dropFirst(byteCount)
        }
        guard rest.isEmpty, !files.isEmpty,
            let manifest = try? Manifest(json: String(decoding: files.removeFirst().bytes, as: UTF8.self))
        else { return nil }
        self.init(files: files, manifest: manifest)
    }
}
