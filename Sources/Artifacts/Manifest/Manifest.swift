import Foundation
import HostTensors

/// What a library says of itself: `NAME.json` beside it, and the text that `NAME_info` returns (without `files`).
///
/// Keys are sorted and there is no time, path or host in it: the same library has the same manifest everywhere.
public struct Manifest: Codable, Sendable, Hashable {
    /// The version of this format that is written and read.
    public static let supportedFormatVersion = 1

    /// A CPU level that the library has code for.
    public struct Level: Codable, Sendable, Hashable {
        /// Its name, as `v3`.
        public var name: String
        /// What `variant` of the options is set to for it.
        public var rank: Int
    }

    /// A dimension symbol.
    public struct Dim: Codable, Sendable, Hashable {
        /// The symbol.
        public var name: String
        /// The least value allowed.
        public var minimum: Int
        /// The greatest value allowed.
        public var maximum: Int
        /// What each value is a multiple of.
        public var multiple: Int
    }

    /// A state.
    public struct State: Codable, Sendable, Hashable {
        /// The path name.
        public var name: String
        /// `parameter`, `slot`, `buffer` or `counter`.
        public var role: String
        /// The element type in graph text.
        public var dtype: String
        /// The extents.
        public var shape: [Int]
        /// Bytes of its elements.
        public var byteCount: Int
    }

    /// An input or output.
    public struct Tensor: Codable, Sendable, Hashable {
        /// The name.
        public var name: String
        /// The element type in graph text.
        public var dtype: String
        /// The type in graph text, as `f32[B, 784]`.
        public var type: String
    }

    /// A function.
    public struct Function: Codable, Sendable, Hashable {
        /// The graph function's name.
        public var name: String
        /// The C function.
        public var symbol: String
        /// The dimension symbols that callers give, in order.
        public var dims: [String]
        /// The inputs, in order.
        public var inputs: [Tensor]
        /// The outputs, in order.
        public var outputs: [Tensor]
    }

    /// A file of the delivery.
    public struct File: Codable, Sendable, Hashable {
        /// Its name, without a folder.
        public var name: String
        /// Its size.
        public var byteCount: Int
        /// SHA-256 of its bytes, in hexadecimal.
        public var sha256: String
    }

    /// The version of this format.
    public var formatVersion: Int
    /// What `NAME_abi_version` returns.
    public var abiVersion: Int
    /// The library's name.
    public var name: String
    /// The target triple.
    public var target: String
    /// The CPU levels, from the least to the most capable.
    public var levels: [Level]
    /// The dimension symbols, in module order.
    public var dims: [Dim]
    /// The states, in module order.
    public var states: [State]
    /// The functions, in module order.
    public var functions: [Function]
    /// Whether the library holds initial values of its states.
    public var embedsWeights: Bool
    /// Bytes of constant data in the library, besides those; absent when it was not told.
    public var constantBytes: Int?
    /// The most results that its self-test gives; absent when it has none.
    public var selfTestResults: Int?
    /// The options it was compiled with.
    public var options: [String: String]
    /// Hashes of what it was compiled from.
    public var sourceHashes: [String: String]
    /// The files delivered with it; absent in the copy inside the library.
    public var files: [File]?
}

extension Manifest {
    /// Reads a manifest from JSON.
    ///
    /// - Parameters:
    ///   - json: the text of `NAME.json` or of `NAME_info`.
    ///   - place: what errors call the text.
    /// - Throws: `ArtifactError.malformedManifest` or `.unsupportedManifest`.
    public init(json: String, place: String = "manifest") throws {
        let decoder = JSONDecoder()
        do {
            let data = Data(json.utf8)
            let version = try decoder.decode(VersionOnly.self, from: data).formatVersion
            guard version == Self.supportedFormatVersion else {
                throw ArtifactError.unsupportedManifest(version: version, supported: Self.supportedFormatVersion)
            }
            self = try decoder.decode(Manifest.self, from: data)
        } catch let error as DecodingError {
            throw ArtifactError.malformedManifest(place: place, reason: Self.reason(of: error))
        }
    }

    /// Reads the manifest file at `path`.
    public init(path: String) throws {
        try self.init(json: String(decoding: WholeFile.read(path: path), as: UTF8.self), place: path)
    }

    /// The manifest as JSON: sorted keys, two spaces of indentation, a line end at its end.
    public func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }

    private struct VersionOnly: Decodable { var formatVersion: Int }

    private static func reason(of error: DecodingError) -> String {
        func path(_ context: DecodingError.Context) -> String {
            context.codingPath.isEmpty ? "" : context.codingPath.map(\.stringValue).joined(separator: ".") + ": "
        }
        return switch error {
        case .keyNotFound(let key, let context): path(context) + "'\(key.stringValue)' is missing"
        case .typeMismatch(let type, let context): path(context) + "expected \(type)"
        case .valueNotFound(let type, let context): path(context) + "expected \(type), got null"
        case .dataCorrupted(let context): path(context) + "malformed JSON"
        @unknown default: "unexpected content"
        }
    }
}
