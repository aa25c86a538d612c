import GraphTracing

/// How an operator of ONNX is imported: one row of the table.
struct OperatorDefinition: Sendable {
    /// Which inputs an operator only moves elements of, so that it can be applied to sizes.
    enum MovedInputs: Sendable {
        /// None: it computes.
        case none
        /// The first; the others say where to.
        case first
        /// All of them.
        case all
        /// All but the first, which chooses.
        case rest
    }

    /// The operator's name.
    let name: String
    /// The first operator set in which it is imported, 7 or the one that introduced it.
    let since: Int
    /// The attributes that are understood; a node with another is refused. Those of older operator sets, which give as attributes what
    /// newer ones give as inputs, are among them.
    let attributes: [String]
    /// Which of what the standard allows is not supported; empty if all is.
    let limits: String
    /// Which inputs' elements it moves.
    let moves: MovedInputs
    /// Makes the outputs out of the node; throws a `GraphError` for what is not supported.
    let convert: @Sendable (Node) throws -> [Value]
}

/// A row for an operator that gives one tensor.
func row(
    _ name: String, since: Int = 7, _ attributes: [String] = [], moves: OperatorDefinition.MovedInputs = .none,
    limits: String = "", _ convert: @escaping @Sendable (Node) throws -> Tensor
) -> OperatorDefinition {
    rows(name, since: since, attributes, moves: moves, limits: limits) { [try convert($0)] }
}

/// A row for an operator that gives several tensors.
func rows(
    _ name: String, since: Int = 7, _ attributes: [String] = [], moves: OperatorDefinition.MovedInputs = .none,
    limits: String = "", _ convert: @escaping @Sendable (Node) throws -> [Tensor]
) -> OperatorDefinition {
    OperatorDefinition(
        name: name, since: since, attributes: attributes, limits: limits, moves: moves,
        convert: { try convert($0).map(Value.init) })
}
