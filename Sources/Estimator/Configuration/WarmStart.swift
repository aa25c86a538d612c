import Execution
import HostTensors
import GraphIR

/// What a model that was never trained takes over from another.
///
/// Only its parameters and buffers are looked at, not step counts or optimizer slots.
public struct WarmStart: Sendable {
    /// A model directory, whose newest checkpoint is taken, or the folder of a checkpoint, or a safetensors file.
    public var path: String
    /// The paths of states to take, with `*` for any characters: `encoder/*`.
    public var pattern: String
    /// The other model's path for a path of this one, where they differ.
    public var renamed: [String: String]

    /// Takes the states whose paths match a pattern, by default all parameters and buffers.
    public init(from path: String, pattern: String = "*", renamed: [String: String] = [:]) {
        self.path = path
        self.pattern = pattern
        self.renamed = renamed
    }

    /// Sets a fresh model's states; throws when one that matches is missing there or of another type, none matches, or a new
    /// name is given for a state that the model does not have.
    ///
    /// Gives the paths that were taken.
    func apply(to model: Model) throws -> [String] {
        let given = try states()
        let paths = model.signature.states.map(\.path)
        if let unknown = renamed.keys.sorted().first(where: { !paths.contains($0) }) {
            throw ExecutionError(
                place: "warm start from \(path), renamed", expected: "paths of this model, each with the other model's",
                actual: "'\(unknown)'", remedy: "this model has: \(paths.joined(separator: ", "))")
        }
        var taken: [String] = []
        for state in model.signature.states where [.parameter, .buffer].contains(state.role) {
            guard Self.matches(state.path[...], pattern[...]), !Self.isBookkeeping(state) else { continue }
            let source = renamed[state.path] ?? state.path
            guard let value = given[source] else {
                throw ExecutionError(
                    place: "warm start from \(path)", expected: "a state '\(source)'", actual: "none of that name",
                    remedy: "narrow the pattern '\(pattern)', or say what it is called there with renamed:")
            }
            do { try model.signature.check(value, forState: state.path) } catch {
                throw ExecutionError(
                    place: "warm start from \(path)", expected: "\(state.type) for the state '\(state.path)'",
                    actual: "\(value.dtype)\(value.shape)",
                    remedy: "make the models alike there, or leave it out of the pattern '\(pattern)'")
            }
            try model.setState(state.path, to: value)
            taken.append(state.path)
        }
        guard !taken.isEmpty else {
            throw ExecutionError(
                place: "warm start from \(path)", expected: "states that match '\(pattern)'", actual: "none",
                remedy: "this model has: \(paths.joined(separator: ", "))")
        }
        return taken
    }

    /// The seed and the sums of metrics belong to a run, not to what was learned.
    private static func isBookkeeping(_ state: StateDeclaration) -> Bool {
        state.path == "seed" || state.path.hasPrefix("metrics/")
    }

    private func states() throws -> NamedTensors {
        if path.hasSuffix(".safetensors") {
            return NamedTensors(
                try Safetensors.read(path: path).entries.map { ($0.name, $0.tensor) },
                uniquingKeysWith: { first, _ in first })
        }
        let name = path.split(separator: "/").last ?? ""
        if name.hasPrefix(CheckpointStore.prefix), let step = Int(name.dropFirst(CheckpointStore.prefix.count)) {
            return try CheckpointStore(directory: String(path.dropLast(name.count + 1))).read(step: step).states
        }
        guard let checkpoint = try CheckpointStore(directory: path).latest().checkpoint else {
            throw ExecutionError(
                place: "warm start from \(path)", expected: "a checkpoint", actual: "none", remedy: "check the path")
        }
        return checkpoint.states
    }

    /// Whether a text matches a pattern in which `*` stands for any characters.
    static func matches(_ text: Substring, _ pattern: Substring) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        if first == "*" {
            let rest = pattern.dropFirst()
            return text.indices.contains { matches(text[$0...], rest) } || matches("", rest)
        }
        return text.first == first && matches(text.dropFirst(), pattern.dropFirst())
    }
}
