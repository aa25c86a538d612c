import OrderedCollections

/// Every operation, in documentation order: the one place that says what an operation is.
public enum OpTable {
    /// The rows by name.
    public static let rows: OrderedDictionary<String, OpDefinition> = {
        var rows: OrderedDictionary<String, OpDefinition> = [:]
        for row in families.joined() { rows[row.name] = row }
        return rows
    }()

    private static let families: [[OpDefinition]] = [
        unaryOps, binaryOps,
    ]

    /// The row of an operation; throws an error that names close spellings.
    public static func definition(of name: String) throws -> OpDefinition {
        guard let row = rows[name] else {
            throw GraphError("unknown op '\(name)'", remedy: "docs/ops.md lists every op")
        }
        return row
    }
}
