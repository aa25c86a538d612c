extension OpTable {
    /// The text of `docs/ops.md`: every operation with its formula, operands, attributes and facets.
    public static func markdown() -> String {
        var lines = [
            "# Operations", "",
            "Generated from the op table (`Sources/GraphIR/Ops`) by `strata ops`; a test holds this file to it.",
            "What numbers mean – rounding, NaN, integers, random – is in [semantics.md](semantics.md).", "",
            "The table says what each operation works on. *Elements* are the types of the numbers it computes on (indices are",
            "integers, conditions `bool`); *named sizes*, whether shapes may have symbolic dimensions. Each cell is held to by",
            "tests that run over all operations: `OpTests` for element types, shapes, gradients (against central differences)",
            "and the interpreter, `CodegenTests` for compiled code against the interpreter, for all element types, on every level",
            "of x86-64 that the machine has, and on AArch64.", "",
            "| operation | elements | named sizes | gradient | interpreter | x86-64 | AArch64 |",
            "|---|---|---|---|---|---|---|",
        ]
        lines += families.flatMap(\.rows).map(\.tableLine)
        lines += [
            "",
            "An attribute with `=` has that default. *Gradient*: `rule` emits operations of its own, `body` differentiates",
            "the composite's body, otherwise why none flows. *Fusion* says how lowering may join the operation with others.",
        ]
        for family in families {
            lines += ["", "## \(family.title)"]
            for row in family.rows { lines += row.markdownLines }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension OpDefinition {
    fileprivate var markdownLines: [String] {
        var lines = ["", "### `\(name)`", "", summary, "", "    \(formula)", ""]
        lines.append("- operands: \(operandText)")
        lines.append("- elements: \(elements.summary)")
        if !attributes.isEmpty {
            lines.append("- attributes: \(attributes.map(\.markdown).joined(separator: ", "))")
        }
        lines.append("- gradient: \(gradientText)")
        lines.append("- fusion: \(fusion)\(inPlaceText)")
        return lines
    }

    fileprivate var tableLine: String {
        let sizes = name == "constant" ? "no" : "yes"
        let slope: String =
            switch gradient {
            case .rule, .fromBody: "yes"
            case .nonDifferentiable: "none"
            }
        return "| [`\(name)`](#\(name.lowercased())) | \(elements.summary) | \(sizes) | \(slope) | yes | yes | yes |"
    }

    private var operandText: String {
        switch operands {
        case .fixed(let names): names.isEmpty ? "none" : names.map { "`\($0)`" }.joined(separator: ", ")
        case .variadic(let name): "one or more `\(name)`"
        }
    }

    private var gradientText: String {
        switch gradient {
        case .rule: "rule"
        case .fromBody: "body"
        case .nonDifferentiable(let reason): "none: \(reason)"
        }
    }

    private var inPlaceText: String {
        guard !inPlace.isEmpty else { return "" }
        if case .fixed(let names) = operands {
            return "; may reuse the memory of \(inPlace.map { "`\(names[$0])`" }.joined(separator: ", "))"
        }
        return "; may reuse an operand's memory"
    }
}

extension AttributeSchema {
    fileprivate var markdown: String {
        let initial = defaultValue.map { " = `\($0.text(constants: .inline))`" } ?? ""
        return "`\(name)` (\(kind))\(initial)"
    }
}
