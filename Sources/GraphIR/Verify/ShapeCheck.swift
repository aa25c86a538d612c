/// Whether sizes make sense: declared dims, positive sizes, byte counts that fit.
enum ShapeCheck {
    /// The most bytes a tensor may take, so that no size arithmetic overflows.
    static let byteLimit = 0x1p56

    /// What is wrong with a dimension's declaration.
    static func problem(with dim: DimSymbol) -> GraphError? {
        guard Identifier.isValid(dim.name) else {
            return GraphError("dim '\(dim.name)' has no valid name", remedy: "use letters, digits and underscores")
        }
        guard dim.range.lowerBound >= 1, dim.range.upperBound <= TextLimits.number else {
            return GraphError(
                "dim '\(dim.name)' has the range \(dim.range.lowerBound)...\(dim.range.upperBound)",
                remedy: "sizes are from 1 to \(TextLimits.number)")
        }
        guard dim.multiple >= 1, dim.range.upperBound / dim.multiple * dim.multiple >= dim.range.lowerBound else {
            return GraphError(
                "dim '\(dim.name)' has no multiple of \(dim.multiple) in "
                    + "\(dim.range.lowerBound)...\(dim.range.upperBound)",
                remedy: "widen the range, or choose a smaller divisor")
        }
        return nil
    }

    /// What is wrong with a type: an undeclared dim, a size that is not positive, too many bytes.
    static func problem(with type: TensorType, dims: [DimSymbol]) -> GraphError? {
        for (axis, dim) in type.shape.enumerated() {
            if let size = dim.constant {
                guard size < 1 else { continue }
                return GraphError("axis \(axis) of \(type) has the size \(size)", remedy: "sizes are at least 1")
            }
            if let unknown = dim.symbols.first(where: { name in !dims.contains { $0.name == name } }) {
                return GraphError(
                    "undeclared dim '\(unknown)' in \(type)",
                    remedy: "declare it at the start of the module: dim \(unknown) in 1...1024")
            }
            if let least = least(dim, dims), least < 1 {
                return GraphError(
                    "axis \(axis) of \(type) can have the size \(Int(max(least, -0x1p60)))",
                    remedy: "raise the smallest size of \(dim.symbols.joined(separator: " or "))")
            }
        }
        let bytes = largest(type.shape, dims) * Double(type.dtype.byteCount)
        return bytes > byteLimit ? tooLarge("\(type)") : nil
    }

    /// The most numbers an operation may compute, sizes with names aside: what counts them overflows nothing either.
    private static let workLimit = 1 << 58

    /// What is wrong with how much work an operation is.
    static func problem(with op: GraphOp, in function: GraphFunction) -> GraphError? {
        guard let definition = OpTable.rows[op.name] else { return nil }
        let (operands, results) = (op.operands.map(function.type(of:)), op.results.map(function.type(of:)))
        let work = definition.flops(operands, results, op.attributes).terms.reduce(0.0) {
            $0 + Double($1.coefficient.magnitude)
        }
        guard work > Double(workLimit) else { return nil }
        return GraphError("\(op.name) takes more than 2^58 steps", remedy: "lower the sizes")
    }

    /// What is wrong with a shape whose size arithmetic would overflow.
    static func overflow(of shape: [Dim], dims: [DimSymbol]) -> GraphError? {
        guard largest(shape, dims) > byteLimit else { return nil }
        return tooLarge("[\(shape.map(\.description).joined(separator: ","))]")
    }

    private static func tooLarge(_ text: String) -> GraphError {
        GraphError("\(text) can take more than 2^56 bytes", remedy: "lower its sizes or the ranges of its dims")
    }

    /// An upper bound of the element count.
    private static func largest(_ shape: [Dim], _ dims: [DimSymbol]) -> Double {
        shape.reduce(1.0) { product, dim in
            product
                * dim.terms.reduce(0.0) { sum, term in
                    sum
                        + term.symbols.reduce(Double(term.coefficient.magnitude)) { factor, symbol in
                            factor * Double(dims.first { $0.name == symbol }?.range.upperBound ?? 1)
                        }
                }
        }
    }

    /// The smallest value of a dimension that is linear in each symbol, attained at a corner of the ranges; nil when a
    /// square occurs or there are too many symbols.
    private static func least(_ dim: Dim, _ dims: [DimSymbol]) -> Double? {
        let symbols = dim.symbols
        let isMultilinear = dim.terms.allSatisfy { Set($0.symbols).count == $0.symbols.count }
        guard isMultilinear, symbols.count <= 8 else { return nil }
        var least = Double.infinity
        for corner in 0..<(1 << symbols.count) {
            var values: [String: Double] = [:]
            for (at, symbol) in symbols.enumerated() {
                guard let dim = dims.first(where: { $0.name == symbol }) else { return nil }
                let (low, high) = (dim.range.lowerBound, dim.range.upperBound)
                let multiple = max(1, dim.multiple)
                values[symbol] = Double(
                    corner >> at & 1 == 0 ? (low + multiple - 1) / multiple * multiple : high / multiple * multiple)
            }
            let value = dim.terms.reduce(0.0) { sum, term in
                sum + term.symbols.reduce(Double(term.coefficient)) { $0 * (values[$1] ?? 1) }
            }
            least = min(least, value)
        }
        return least
    }
}

extension TensorType {
    /// What is wrong with a type that can take too many bytes, so that arithmetic with its sizes could overflow.
    public func sizeProblem(dims: [DimSymbol]) -> GraphError? { ShapeCheck.overflow(of: shape, dims: dims) }
}

extension GraphFunction {
    /// What is wrong with the sizes of an operation, whose arithmetic could overflow: too many bytes of a result, or too much work.
    public func sizeProblem(of op: GraphOp, dims: [DimSymbol]) -> GraphError? {
        op.results.lazy.compactMap { type(of: $0).sizeProblem(dims: dims) }.first
            ?? ShapeCheck.problem(with: op, in: self)
    }
}
