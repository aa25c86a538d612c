import GraphIR
import KernelIR

/// What a task takes of each of many products, where all of one would make a result or read an operand that a cache does not keep: what is
/// handed from one product to the next, such as the scores of a long text, need then not be there as a whole.
enum MatrixDivision {
    /// So many rows of the result. The split right operand is one copy for all of them.
    case rows(Int)
    /// The sum over so many places of the depth, which is added to those of the tasks before: the gradients of keys and values are sums over
    /// all queries of a text.
    case depth(Int)
}

extension MatrixForm {
    /// How tasks divide each product of a batch; nil where one takes it as a whole. `isAlone` says that the kernel writes the product and nothing
    /// that is made of it.
    func division(isAlone: Bool) -> MatrixDivision? {
        guard !batch.isEmpty, let m = rows.extent.constant, let n = columns.extent.constant,
            let k = depth.extent.constant
        else { return nil }
        if isAlone, leftIsTransposed, !rightIsTransposed,
            let block = KernelDraft.block(of: k, beside: max(m, n), unit: Self.block)
        {
            return .depth(block)
        }
        return KernelDraft.block(of: m, beside: max(n, k), unit: Self.block).map { .rows($0) }
    }

    /// The rows and the depth of what a task takes of each product of a batch, in whole blocks.
    var ofTask: (rows: Int, depth: Int) {
        var (m, k) = (rows.extent.constant ?? 0, depth.extent.constant ?? 0)
        switch division {
        case .rows(let count): m = count
        case .depth(let count): k = count
        case nil: break
        }
        func whole(_ count: Int, _ step: Int) -> Int { (count + step - 1) / step * step }
        return (whole(m, Self.block), whole(k, precision.tileDepth))
    }

    /// The form of what a task takes, and the axis of the tasks of a product, which comes last in the batch; nil where a task takes a product
    /// as a whole. The contraction is divided with it.
    mutating func divide(_ contraction: inout Contraction, fresh: (_ hint: String) -> String) -> LoopAxis? {
        switch division {
        case .rows(let count): rows = contraction.divide(rows, into: count, names: (fresh("b"), fresh("i")))
        case .depth(let count): depth = contraction.divide(depth, into: count, names: (fresh("b"), fresh("k")))
        case nil: return nil
        }
        batch += contraction.outputs.suffix(1)
        return contraction.outputs.last
    }
}
