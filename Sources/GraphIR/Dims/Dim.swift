/// A dimension: an integer polynomial over named symbols, kept in normal form, so that equal dimensions compare equal.
///
/// `B*T + 2` is three facts: a constant, a symbol, a product. There is no "unknown": a rule that cannot compute a
/// dimension is an error with a place.
public struct Dim: Hashable, Sendable {
    /// One product of symbols with its coefficient; `symbols` is sorted and may repeat (a square).
    public struct Term: Hashable, Sendable {
        /// The factor, never zero.
        public var coefficient: Int
        /// The multiplied symbols, sorted; empty for the constant term.
        public var symbols: [String]

        /// Makes a term.
        public init(coefficient: Int, symbols: [String]) {
            self.coefficient = coefficient
            self.symbols = symbols
        }
    }

    /// The terms in normal form: products with more symbols first, then by name, the constant last.
    public private(set) var terms: [Term]

    /// Makes a constant dimension.
    public init(_ constant: Int) {
        terms = constant == 0 ? [] : [Term(coefficient: constant, symbols: [])]
    }

    /// Makes the dimension that is one symbol.
    public init(symbol: String) {
        terms = [Term(coefficient: 1, symbols: [symbol])]
    }

    /// Makes a dimension from terms in any order, which are brought to normal form.
    public init(terms: [Term]) {
        var sums: [[String]: Int] = [:]
        for term in terms { sums[term.symbols.sorted(), default: 0] += term.coefficient }
        self.terms = sums.filter { $0.value != 0 }
            .map { Term(coefficient: $0.value, symbols: $0.key) }
            .sorted { Dim.precedes($0.symbols, $1.symbols) }
    }

    private static func precedes(_ left: [String], _ right: [String]) -> Bool {
        if left.count != right.count { return left.count > right.count }
        return left.lexicographicallyPrecedes(right)
    }

    /// The value, if no symbol occurs.
    public var constant: Int? {
        if terms.isEmpty { return 0 }
        return terms.count == 1 && terms[0].symbols.isEmpty ? terms[0].coefficient : nil
    }

    /// The symbols that occur, sorted, each once.
    public var symbols: [String] {
        var seen: Set<String> = []
        return terms.flatMap(\.symbols).filter { seen.insert($0).inserted }.sorted()
    }

    /// The value under `bindings`; throws `GraphError` when a symbol is not bound.
    public func value(_ bindings: [String: Int]) throws -> Int {
        if let constant { return constant }
        var sum = 0
        for term in terms {
            var product = term.coefficient
            for symbol in term.symbols {
                guard let value = bindings[symbol] else {
                    throw GraphError(
                        "dimension '\(symbol)' has no value", remedy: "bind it to a size, or use a static shape")
                }
                product *= value
            }
            sum += product
        }
        return sum
    }

    /// The quotient, if `divisor` divides every term exactly.
    public func dividedExactly(by divisor: Dim) -> Dim? {
        guard divisor.terms.count == 1, let factor = divisor.terms.first else {
            return self == divisor && !terms.isEmpty ? Dim(1) : nil
        }
        var quotients: [Term] = []
        for term in terms {
            guard term.coefficient % factor.coefficient == 0 else { return nil }
            var left = term.symbols
            for symbol in factor.symbols {
                guard let at = left.firstIndex(of: symbol) else { return nil }
                left.remove(at: at)
            }
            quotients.append(Term(coefficient: term.coefficient / factor.coefficient, symbols: left))
        }
        return Dim(terms: quotients)
    }

    /// The smallest and largest value when every symbol stays in its (positive) range.
    public func bounds(_ ranges: [String: ClosedRange<Int>]) -> ClosedRange<Int> {
        var low = 0
        var high = 0
        for term in terms {
            var least = 1
            var most = 1
            for symbol in term.symbols {
                let range = ranges[symbol] ?? 0...Int(Int32.max)
                least = least.multipliedReportingOverflow(by: range.lowerBound).partialValue
                let (product, overflow) = most.multipliedReportingOverflow(by: range.upperBound)
                most = overflow ? Int.max / 4 : product
            }
            let ends = [least, most].map { end -> Int in
                let (product, overflow) = end.multipliedReportingOverflow(by: term.coefficient)
                return overflow ? (term.coefficient < 0 ? Int.min / 4 : Int.max / 4) : product
            }
            low = Dim.saturatingSum(low, min(ends[0], ends[1]))
            high = Dim.saturatingSum(high, max(ends[0], ends[1]))
        }
        return low...max(low, high)
    }

    /// The sum, kept within a quarter of what an `Int` holds: bounds beyond that are as good as infinite.
    private static func saturatingSum(_ left: Int, _ right: Int) -> Int {
        let (sum, overflow) = left.addingReportingOverflow(right)
        let unbounded = overflow ? (left < 0 ? Int.min : Int.max) : sum
        return min(max(unbounded, Int.min / 4), Int.max / 4)
    }

    /// The sum.
    public static func + (left: Dim, right: Dim) -> Dim { Dim(terms: left.terms + right.terms) }
    /// The difference.
    public static func - (left: Dim, right: Dim) -> Dim { left + right * Dim(-1) }
    /// The product.
    public static func * (left: Dim, right: Dim) -> Dim {
        if let scale = left.constant, scale == 1 { return right }
        if let scale = right.constant, scale == 1 { return left }
        return Dim(
            terms: left.terms.flatMap { one in
                right.terms.map {
                    Term(coefficient: one.coefficient * $0.coefficient, symbols: one.symbols + $0.symbols)
                }
            })
    }

    /// The product of dimensions, 1 for none: the element count of a shape.
    public static func product(_ dims: some Sequence<Dim>) -> Dim { dims.reduce(Dim(1), *) }
}

extension Dim: ExpressibleByIntegerLiteral, CustomStringConvertible {
    /// Makes a constant dimension.
    public init(integerLiteral value: Int) { self.init(value) }

    /// The text form, without spaces: `2*B*T+1`.
    public var description: String {
        if terms.isEmpty { return "0" }
        var text = ""
        for term in terms {
            if term.coefficient < 0 { text += "-" } else if !text.isEmpty { text += "+" }
            let magnitude = abs(term.coefficient)
            let factors = (magnitude == 1 && !term.symbols.isEmpty ? [] : [String(magnitude)]) + term.symbols
            text += factors.joined(separator: "*")
        }
        return text
    }
}

/// A named dimension of a module: its range, and what always divides it.
public struct DimSymbol: Hashable, Sendable {
    /// The name, as it appears in shapes.
    public var name: String
    /// The sizes an artifact accepts; checked at entry.
    public var range: ClosedRange<Int>
    /// Every value is a multiple of this.
    public var multiple: Int

    /// Declares a named dimension.
    public init(_ name: String, range: ClosedRange<Int>, multiple: Int = 1) {
        self.name = name
        self.range = range
        self.multiple = multiple
    }
}
