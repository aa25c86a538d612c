import GraphIR

/// A size that is said by other dimensions, as exporters write it: `past_length + length`, `2*pairs`, `length - 1`.
struct DimensionSum {
    /// One product: a number and names.
    private struct Term {
        var factor: Int
        var names: [String] = []
    }

    private let terms: [Term]

    /// The names that occur.
    var names: [String] { terms.flatMap(\.names) }

    /// One name and nothing else.
    init(only name: String) { terms = [Term(factor: 1, names: [ModelInputs.identifier(name)])] }

    /// Reads a text; nil unless it is a sum, difference or product of names and numbers. A minus needs spaces around it, for names
    /// may have one.
    init?(_ text: String) {
        var terms: [Term] = []
        for sum in text.split(separator: "+", omittingEmptySubsequences: false) {
            let parts = String(sum).split(separator: " - ", omittingEmptySubsequences: false)
            for (at, part) in parts.enumerated() {
                var term = Term(factor: at == 0 ? 1 : -1)
                for factor in part.split(separator: "*", omittingEmptySubsequences: false) {
                    let word = factor.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
                    let name = String(word)
                    if let number = Int(name), (0...0xffff).contains(number), abs(term.factor) <= 0xffff {
                        term.factor *= number
                    } else if let first = name.first, first.isLetter || first == "_",
                        name.allSatisfy({ $0.isLetter || $0.isNumber || "_.-".contains($0) })
                    {
                        term.names.append(ModelInputs.identifier(name))
                    } else {
                        return nil
                    }
                }
                terms.append(term)
            }
        }
        let isMore = terms.count > 1 || terms.contains { $0.names.count > 1 || $0.factor != 1 }
        guard isMore, terms.count <= 8, terms.allSatisfy({ $0.names.count <= 4 }), !terms.allSatisfy(\.names.isEmpty)
        else { return nil }
        self.terms = terms
    }

    /// The size, with what each name stands for.
    func dim(_ resolve: (String) throws -> Dim) rethrows -> Dim {
        try terms.reduce(Dim(0)) { sum, term in
            try sum + term.names.reduce(Dim(term.factor)) { try $0 * resolve($1) }
        }
    }
}
