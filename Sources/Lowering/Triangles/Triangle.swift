import GraphIR
import KernelIR

/// The elements of a value above a diagonal of two of its axes: those with `index[columns] > index[rows] + offset`. A causal mask
/// hides them: keys that come after a query.
struct Triangle: Hashable {
    var rows: Int
    var columns: Int
    var offset: Int

    /// How far an element is below the diagonal: negative above it.
    func margin(_ indices: [IndexExpression]) -> IndexExpression { indices[rows] + Dim(offset) - indices[columns] }

    /// The triangle that lies in both; nil where they are of different axes.
    func intersection(_ other: Triangle) -> Triangle? {
        guard rows == other.rows, columns == other.columns else { return nil }
        return Triangle(rows: rows, columns: columns, offset: max(offset, other.offset))
    }
}

/// What a function's masks say of its values: products above a diagonal need not be computed where a factor is zero there, or where nobody
/// reads the sum.
struct Triangles {
    /// Values that are zero in a triangle, for the numbers that models compute with: a weight of attention is the exponential of
    /// -10³⁰ there.
    private(set) var zeros: [ValueID: Triangle] = [:]
    /// Values of which a triangle does not matter: what is made of it is masked, or multiplied by zero.
    private(set) var unread: [ValueID: Triangle] = [:]

    /// Of a function without masks.
    init() {}
}

extension Triangles {
    /// Finds the triangles of a function's values.
    init(of function: GraphFunction) {
        self.init()
        guard function.ops.contains(where: { $0.name == "compare" }) else { return }
        var search = TriangleSearch(function)
        for op in function.ops { search.visit(op) }
        zeros = search.zeros
        findUnread(function, masks: search.masks.mapValues(\.triangle))
    }

    private mutating func findUnread(_ function: GraphFunction, masks: [ValueID: Triangle]) {
        var readers: [ValueID: [(op: GraphOp, at: Int)]] = [:]
        for op in function.ops {
            for (at, operand) in op.operands.enumerated() { readers[operand, default: []].append((op, at)) }
        }
        let kept = Set(function.liveOut)
        for op in function.ops.reversed() {
            for result in op.results where !kept.contains(result) {
                let parts = (readers[result] ?? []).map { unread(by: $0.op, at: $0.at, masks) }
                guard let first = parts.first, let first else { continue }
                unread[result] = parts.dropFirst().reduce(first) { known, part in
                    known.flatMap { known in part.flatMap(known.intersection) }
                }
            }
        }
    }

    /// The triangle of an operand that does not matter to an operation.
    private func unread(by op: GraphOp, at operand: Int, _ masks: [ValueID: Triangle]) -> Triangle? {
        if op.name == "select", operand == 1, let mask = masks[op.operands[0]] { return mask }
        if op.name == "select", operand > 0 { return unread[op.results[0]] }
        if op.name == "mul", let zero = zeros[op.operands[1 - operand]] { return zero }
        return Self.finite.contains(op.name) ? unread[op.results[0]] : nil
    }

    /// Operations whose results are numbers whatever numbers they are given. A sum that is left out is 0, of which a logarithm would be
    /// infinite, and that times zero NaN.
    private static let finite: Set = ["add", "sub", "mul", "neg", "abs", "cast", "tanh", "logistic"]
}
