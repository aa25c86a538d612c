import Foundation
import GraphIR

/// What was compiled and linked before, kept in a folder under the hash of all that it was made from.
///
/// It never makes a build fail: what can't be read, or is damaged, is made again; what can't be written is not kept. Several
/// processes may use one folder at the same time.
public struct BuildCache: Sendable, Hashable {
    /// The folder; made when something is first kept.
    public let folder: String
    /// How many bytes of files stay; beyond, those that were not used for longest go.
    public let byteLimit: Int

    /// Keeps results in `folder`.
    public init(folder: String, byteLimit: Int = 512 << 20) {
        self.folder = folder
        self.byteLimit = byteLimit
    }

    /// The user's: `strata` in `$XDG_CACHE_HOME`, or in `~/.cache`; nil for a user without a home.
    public static var standard: BuildCache? {
        let variables = ProcessInfo.processInfo.environment
        func folder(_ variable: String) -> String? { variables[variable].flatMap { $0.hasPrefix("/") ? $0 : nil } }
        return (folder("XDG_CACHE_HOME") ?? folder("HOME").map { $0 + "/.cache" }).map {
            BuildCache(folder: $0 + "/strata")
        }
    }

    /// A key: the hash of `parts`, each with its length.
    public static func key(_ parts: [String]) -> String {
        var hash = ContentHash()
        for part in parts {
            hash.update("\(part.utf8.count):")
            hash.update(part)
        }
        return hash.hexadecimal()
    }

    /// What is kept under `key`; nil when there is nothing, or nothing whole.
    public func read(_ key: String) -> [UInt8]? {
        guard let file = try? FileBytes.read(path(key)), let bytes = Self.content(of: file) else { return nil }
        // The time of the last use, which decides what goes first.
        utimensat(AT_FDCWD, path(key), nil, 0)
        return bytes
    }

    /// Keeps `bytes` under `key`, in one step for other processes.
    public func keep(_ bytes: [UInt8], under key: String) {
        try? FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        var name = Array("\(folder)/\(Self.partialPrefix)XXXXXX".utf8CString)
        let descriptor = mkstemp(&name)
        guard descriptor >= 0 else { return }
        let partial = String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        defer { unlink(partial) }
        let isWritten = (try? FileBytes.write(Self.header(of: bytes) + bytes, to: descriptor, path: partial)) != nil
        guard close(descriptor) == 0, isWritten else { return }
        rename(partial, path(key))
    }

    /// Removes what was not used for longest until a quarter of the limit is free, if there is more than the limit.
    public func trim() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        var files: [(path: String, used: Double, byteCount: Int)] = []
        for name in names {
            var status = stat()
            guard stat("\(folder)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            let used = Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
            files.append(("\(folder)/\(name)", used, Int(status.st_size)))
        }
        var total = files.reduce(0) { $0 + $1.byteCount }
        guard total > byteLimit else { return }
        for file in files.sorted(by: { ($0.used, $0.path) < ($1.used, $1.path) }) where total > byteLimit / 4 * 3 {
            unlink(file.path)
            total -= file.byteCount
        }
    }

    private func path(_ key: String) -> String { "\(folder)/\(key)" }

    /// Begins the names of files that are being written; one that a process left behind goes with the oldest.
    private static let partialPrefix = "partial-"

    private static func header(of bytes: [UInt8]) -> [UInt8] {
        Array("strata-cache 1 \(ContentHash.hexadecimal(of: bytes))\n".utf8)
    }

    /// The bytes behind a header that they agree with.
    private static func content(of file: [UInt8]) -> [UInt8]? {
        guard let end = file.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let bytes = Array(file[(end + 1)...])
        return file.starts(with: header(of: bytes)) ? bytes : nil
    }
}

extension BuildCache? {
    /// What is kept under `key`, or what `make` gives, which is then kept; without a cache, what `make` gives.
    public func bytes(_ key: String, _ make: () throws -> [UInt8]) rethrows -> [UInt8] {
        if let kept = self?.read(key) { return kept }
        let made = try make()
        self?.keep(made, under: key)
        return made
    }
}
