/// The operators that can be imported, as documentation.
public enum ONNXSupport {
    /// The text of `docs/onnx.md`: every operator that is imported, since when, and what of it is not.
    public static func markdown() -> String {
        let opsets = ONNXModel.opsets
        var lines = [
            "# Operators of ONNX", "",
            "Generated from the table of operators (`Sources/ONNX/Operators`) by `strata onnx`; a test holds this file to it.",
            "How a model is imported is in [guides/onnx.md](guides/onnx.md).", "",
            "Models of operator sets \(opsets.lowerBound) to \(opsets.upperBound) are read. *Since* is the first of them in which the operator is imported. Attributes of the",
            "standard are understood unless the last column names them; a node with one that is not is refused with an error that names",
            "the node. Element types are those of Strata: f64, f32, f16, bf16, integers of 8 to 64 bits with and without sign, bool.",
            "",
        ]
        for family in OperatorTable.families {
            lines += ["## \(family.title)", "", "| operator | since | not supported |", "|---|---|---|"]
            lines += family.rows.map(\.markdownLine)
            lines.append("")
        }
        return lines.dropLast().joined(separator: "\n") + "\n"
    }
}

extension OperatorDefinition {
    fileprivate var markdownLine: String {
        "| \(name) | \(since) | \(limits) |"
    }
}
