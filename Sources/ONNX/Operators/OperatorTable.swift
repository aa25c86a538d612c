/// The operators of ONNX that are imported, by what they are for.
enum OperatorTable {
    /// Operators that belong together.
    struct Family: Sendable {
        /// A heading.
        let title: String
        /// Its operators.
        let rows: [OperatorDefinition]
    }

    /// All families, in the order of the documentation.
    static let families: [Family] = [
        Family(title: "Elementwise", rows: elementwiseOperators),
        Family(title: "Comparison, logic and choice", rows: comparisonOperators),
        Family(title: "Activations", rows: activationOperators),
        Family(title: "Products", rows: productOperators),
        Family(title: "Convolution and pooling", rows: convolutionOperators + poolingOperators),
        Family(title: "Quantization", rows: quantizationOperators),
        Family(title: "Normalization", rows: normalizationOperators),
        Family(title: "Reduction and order", rows: reductionOperators + orderOperators),
        Family(title: "Shape and movement", rows: movementOperators + selectionOperators + scatterOperators),
        Family(title: "Resizing and sampling", rows: resizeOperators + samplingOperators),
        Family(title: "Constants and shapes", rows: constantOperators),
        Family(title: "Attention", rows: attentionOperators),
        Family(title: "Recurrent layers", rows: recurrentOperators),
        Family(title: "Control flow", rows: controlOperators),
    ]

    private static let byName = Dictionary(
        families.flatMap(\.rows).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

    /// The row of an operator of the standard's own domain, if it is imported.
    static func definition(of name: String) -> OperatorDefinition? { byName[name] }
}
