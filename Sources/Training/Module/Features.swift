import GraphIR
import GraphTracing

/// What a model is given, by name.
public struct Features: Sendable {
    /// The tensors in order.
    public let entries: [(name: String, value: Tensor)]

    /// Names tensors.
    public init(_ entries: [(name: String, value: Tensor)]) { self.entries = entries }

    /// The feature of that name; without one, a tensor that carries an error, which lists those there are.
    public subscript(name: String, file file: String = #fileID, line line: Int = #line) -> Tensor {
        if let found = entries.first(where: { $0.name == name }) { return found.value }
        let place = PlaceScope.call(file, line).description
        return Tensor(
            failure: GraphError(
                "there is no feature '\(name)'", place: place.isEmpty ? nil : place,
                remedy: "there are: \(entries.map(\.name).joined(separator: ", "))"))
    }

    /// The only feature; with several, a tensor that carries an error.
    public var only: Tensor {
        if entries.count == 1 { return entries[0].value }
        return Tensor(
            failure: GraphError(
                "expected one feature, got \(entries.count): \(entries.map(\.name).joined(separator: ", "))",
                place: PlaceScope.current?.description, remedy: "ask for one of them by name"))
    }
}
