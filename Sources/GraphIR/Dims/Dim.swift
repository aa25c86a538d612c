/// A dimension: an integer polynomial over named symbols, kept in normal form, so that equal dimensions compare equal.
///
/// `B*T + 2` is three facts: a constant, a symbol, a product. There is no "unknown": a rule that cannot compute a
/// dimension is an error with a place. Numbers stay within a quarter of what an `Int` holds: sizes that a verified graph has are far
/// below that, and what is not verified yet overflows nothing.
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
        var ordered = terms.map { term in
            term.symbols.count < 2 ? term : Term(coefficient: term.coefficient, symbols: term.symbols.sorted())
        }
        if ordered.count > 1 { ordered.sort { Dim.precedes($0.symbols, $1.symbols) } }
        self.init(ordered: ordered)
    }

    /// Makes a dimension from terms in order, of which neighbours may have the same symbols.
    private init(ordered: [Term]) {
        terms = []
        terms.reserveCapacity(ordered.count)
        for term in ordered {
            if let last = terms.last, last.symbols == term.symbols {
                terms[terms.count - 1].coefficient = Dim.saturatingSum(last.coefficient, term.coefficient)
            } else {
                if terms.last?.coefficient == 0 { terms.removeLast() }
                terms.append(term)
            }
        }
        if terms.last?.coefficient == 0 { terms.removeLast() }
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
                product = Dim.saturatingProduct(product, value)
            }
            sum = Dim.saturatingSum(sum, product)
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

    /// The product, within the same limits.
    private static func saturatingProduct(_ left: Int, _ right: Int) -> Int {
        let (product, overflow) = left.multipliedReportingOverflow(by: right)
        let unbounded = overflow ? ((left < 0) == (right < 0) ? Int.max : Int.min) : product
        return min(max(unbounded, Int.min / 4), Int.max / 4)
    }

    /// The sum.
    public static func + (left: Dim, right: Dim) -> Dim {
        if left.terms.isEmpty { return right }
        if right.terms.isEmpty { return left }
        var merged: [Term] = []
        merged.reserveCapacity(left.terms.count + right.terms.count)
        var at = 0
        for term in left.terms {
            while at < right.terms.count, precedes(right.terms[at].symbols, term.symbols) {
                merged.append(right.terms[at])
                at += 1
            }
            merged.append(term)
        }
        return Dim(ordered: merged + right.terms[at...])
    }
    /// The difference.
    public static func - (left: Dim, right: Dim) -> Dim { left + right * Dim(-1) }
    /// The product.
    public static func * (left: Dim, right: Dim) -> Dim {
        if let scale = left.constant { return right.scaled(by: scale) }
        if let scale = right.constant { return left.scaled(by: scale) }
        return Dim(
            terms: left.terms.flatMap { one in
                right.terms.map {
                    Term(
                        coefficient: saturatingProduct(one.coefficient, $0.coefficient),
                        symbols: one.symbols + $0.symbols)
                }
            })
    }

    private func scaled(by factor: Int) -> Dim {
        if factor == 1 { return self }
        if factor == 0 { return 0 }
        var scaled = self
        for at in terms.indices {
            scaled.terms[at].coefficient = Dim.saturatingProduct(terms[at].coefficient, factor)
        }
        return scaled
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
