import HostTensors

/// One example, as functions that map and filter a dataset see it.
public struct Example: Sendable {
    /// The pass over the data, from 0.
    public let epoch: Int
    /// The example's number within the pass, from 0, where it is looked at.
    ///
    /// Random numbers that depend on nothing but a seed, `epoch` and `index` are the same after a resumed training.
    public let index: Int
    /// The values by column.
    public let tensors: NamedTensors

    /// The value of a column; throws an `ExecutionError` that lists the columns there are.
    public subscript(name: String) -> HostTensor {
        get throws {
            if let tensor = tensors[name] { return tensor }
            throw ExecutionError(
                place: "dataset, example \(index)", expected: "a column", actual: "'\(name)'",
                remedy: "there are: \(tensors.keys.joined(separator: ", "))")
        }
    }
}
