/// Why a library can't be made or a manifest can't be read: what is at fault, what was expected, how to mend it.
public enum ArtifactError: Error, Hashable, Sendable {
    /// A name that is no identifier in C and C++.
    case invalidName(String, what: String)
    /// Two things of one kind with one name.
    case duplicateName(String, what: String)
    /// A graph function named like a part of the C API.
    case reservedFunctionName(String)
    /// A dimension whose range or multiple makes no sense.
    case invalidDim(name: String, range: ClosedRange<Int>, multiple: Int)
    /// A state without a name of 1 to 500 printable bytes, with a negative extent, or with more than 16 axes.
    case invalidState(name: String, shape: [Int])
    /// Dimension indices of a function that are out of range or not ascending.
    case invalidDimIndices(function: String, indices: [Int], count: Int)
    /// No CPU level, or a level twice, or one that the architecture lacks.
    case invalidLevels([String], architecture: String)
    /// Emitted code that lacks a symbol which the library's tables need.
    case missingSymbol(String, level: String)
    /// Weights that can't be embedded.
    case weightsMismatch(state: String, expected: String, actual: String)
    /// Weights to embed or write, but none given.
    case missingWeights
    /// A folder that can't be made.
    case folderFailed(path: String, reason: String)
    /// A manifest that is no JSON of the expected form.
    case malformedManifest(place: String, reason: String)
    /// A manifest of another format version.
    case unsupportedManifest(version: Int, supported: Int)
}

extension ArtifactError: CustomStringConvertible {
    /// The place, what was expected and found, and the remedy, as one message.
    public var description: String {
        switch self {
        case .invalidName(let name, let what):
            "\(what) name '\(name)': expected letters, digits and underscores, as in names of C, and no digit first: "
                + (what == "library" ? "compile it under another name" : "rename it in the graph")
        case .duplicateName(let name, let what): "\(what) '\(name)' appears twice: rename one of them"
        case .reservedFunctionName(let name):
            "function '\(name)': the C API has a function of that name itself: rename the graph function"
        case .invalidDim(let name, let range, let multiple):
            "dimension \(name): expected a range from 0 up and a multiple of at least 1, got "
                + "\(range.lowerBound)...\(range.upperBound) and \(multiple)"
        case .invalidState(let name, let shape):
            "state '\(name)': expected a name of 1 to 500 bytes and at most 16 extents from 0 up, got \(shape)"
        case .invalidDimIndices(let function, let indices, let count):
            "function '\(function)': expected ascending indices of \(count) dimensions, got \(indices)"
        case .invalidLevels(let levels, let architecture):
            "CPU levels [\(levels.joined(separator: ", "))]: expected at least one level of \(architecture), each once"
        case .missingSymbol(let symbol, let level):
            "the code for CPU level \(level) does not define @\(symbol)"
        case .weightsMismatch(let state, let expected, let actual):
            "weights '\(state)': expected \(expected), got \(actual)"
        case .missingWeights: "weights are to be embedded, but none are given"
        case .folderFailed(let path, let reason): "\(path) can't be made: \(reason)"
        case .malformedManifest(let place, let reason): "\(place): not a manifest: \(reason)"
        case .unsupportedManifest(let version, let supported):
            "manifest of format version \(version): expected \(supported); compile the model again with this version"
        }
    }
}
