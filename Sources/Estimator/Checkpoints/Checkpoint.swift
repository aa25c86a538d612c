import Datasets
import Execution
import FoundationEssentials
import HostTensors

/// A model's training at one step: everything that is needed to go on as if it had never stopped.
public struct Checkpoint: Sendable {
    /// What is known of the states besides their values.
    public var manifest: CheckpointManifest
    /// The states by path.
    public var states: NamedTensors

    /// Makes a checkpoint.
    public init(manifest: CheckpointManifest, states: NamedTensors) {
        self.manifest = manifest
        self.states = states
    }
}

/// The content of a checkpoint's `manifest.json`.
public struct CheckpointManifest: Sendable, Codable, Equatable {
    /// A file of a checkpoint, with what is needed to notice damage.
    public struct File: Sendable, Codable, Equatable {
        /// The name within the checkpoint's folder.
        public var name: String
        /// The size in bytes.
        public var bytes: Int
        /// The SHA-256 of the content, 64 hexadecimal digits.
        public var sha256: String
    }

    /// The version of the format that is written and read.
    public static let currentFormat = 2

    /// The version of the format.
    public var format: Int
    /// The number of training steps done.
    public var step: Int
    /// The seed of the run.
    public var seed: UInt64
    /// The next batch to train on.
    public var position: DataPosition
    /// What the position is a position in: source, order, batch size.
    public var dataset: String
    /// The SHA-256 of the graph's text.
    public var graph: String
    /// The types of the examples the model was made for.
    public var inputs: ExampleTypes
    /// What computed the steps, such as `amx` or `interpreted`: another may round in another way. Nil if that is not known.
    public var code: String?
    /// The files beside the manifest.
    public var files: [File]

    /// Makes the manifest of a checkpoint that is about to be written.
    public init(
        step: Int, seed: UInt64, position: DataPosition, dataset: String, graph: String, inputs: ExampleTypes,
        code: String? = nil
    ) {
        format = Self.currentFormat
        self.step = step
        self.seed = seed
        self.position = position
        self.dataset = dataset
        self.graph = graph
        self.inputs = inputs
        self.code = code
        files = []
    }

    /// The bytes of the file: JSON with sorted keys, so that equal manifests are equal files.
    func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try [UInt8](encoder.encode(self)) + [UInt8(ascii: "\n")]
    }
}
