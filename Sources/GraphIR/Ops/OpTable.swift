import OrderedCollections

/// Every operation, in documentation order: the one place that says what an operation is.
public enum OpTable {
    /// Operations of one kind, under a title.
    public struct Family: Sendable {
        /// The heading in the documentation.
        public let title: String
        /// The rows, in documentation order.
        public let rows: [OpDefinition]
    }

    /// The rows by kind: the only list of operations; a new operation is one row in one of these.
    public static let families: [Family] = [
        Family(title: "Sources", rows: sourceOps),
        Family(title: "Elementwise, one operand", rows: unaryOps),
        Family(title: "Elementwise, two operands", rows: binaryOps),
        Family(title: "Comparison and choice", rows: comparisonOps),
        Family(title: "Movement", rows: movementOps),
        Family(title: "Indexing", rows: indexingOps),
        Family(title: "Reduction", rows: reductionOps + [cumulativeOp]),
        Family(title: "Order", rows: sortingOps),
        Family(title: "Contraction", rows: [dotOp, convOp]),
        Family(title: "Windows", rows: windowOps),
        Family(title: "Structure", rows: structureOps),
        Family(title: "Code of the user's", rows: [customOp]),
        Family(title: "Activations (composite)", rows: activationOps + unitOps),
        Family(title: "Losses (composite)", rows: lossOps),
        Family(title: "Layers (composite)", rows: layerOps),
        Family(title: "Normalization (composite)", rows: normalizationOps),
        Family(title: "Attention (composite)", rows: attentionOps),
        Family(title: "Recurrent cells (composite)", rows: recurrentOps),
        Family(title: "Random (composite)", rows: randomOps),
        Family(title: "Optimizers (composite)", rows: optimizerOps),
    ]

    /// The rows by name.
    public static let rows: OrderedDictionary<String, OpDefinition> = {
        var rows: OrderedDictionary<String, OpDefinition> = [:]
        for row in families.flatMap(\.rows) {
            precondition(rows[row.name] == nil, "op '\(row.name)' is declared twice")
            rows[row.name] = row
        }
        return rows
    }()

    /// The row of an operation; throws an error that names close spellings.
    public static func definition(of name: String) throws -> OpDefinition {
        if let row = rows[name] { return row }
        throw GraphError(
            "unknown op '\(name)'",
            remedy: Spelling.suggestion(for: name, among: rows.keys) ?? "docs/ops.md lists every op")
    }
}
