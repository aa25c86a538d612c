import GraphIR
import GraphTracing
import HostTensors

let productOperators: [OperatorDefinition] = [
    row("Einsum", since: 12, ["equation"], limits: "an axis named twice in one operand") { node in
        try node.einsum(node.text("equation", ""))
    },
    row("Gemm", ["alpha", "beta", "transA", "transB"]) { node in
        var (x, y) = (try node.tensor(0), try node.tensor(1))
        let (alpha, beta) = (node.float("alpha", 1), node.float("beta", 1))
        if node.bool("transA") { x = x.transposed() }
        if node.bool("transB") { y = y.transposed() }
        let addend = node.optional(2)?.tensor
        if let addend, alpha == 1, beta == 1, x.dtype.isFloat, x.rank == 2, addend.rank == 1, addend.dim(0) == y.dim(1)
        {
            return dense(x, y, addend)
        }
        var product = matmul(x, y)
        if alpha != 1 { product = product * alpha }
        guard let addend else { return product }
        return product + (beta == 1 ? addend : addend * beta)
    },
    row("MatMul") { try product(try $0.tensor(0), try $0.tensor(1)) },
]

/// The product of NumPy's `matmul`: matrices in the last two axes, the others repeated to each other.
func product(_ x: Tensor, _ y: Tensor) throws -> Tensor {
    if x.rank == 0 || y.rank <= 2 { return matmul(x, y) }
    // A vector is a matrix of one row.
    if x.rank == 1 { return try product(x.expanded(at: 0), y).squeezed(at: -2) }
    if x.rank > 2, x.shape.dropLast(2) == y.shape.dropLast(2) { return matmul(x, y) }
    let batch = try Tensor.commonShape(
        "MatMul", TensorType(x.dtype, x.shape.dropLast(2)), TensorType(y.dtype, y.shape.dropLast(2)))
    return matmul(
        x.broadcast(to: batch + x.shape.suffix(2)), y.broadcast(to: batch + y.shape.suffix(2)))
}

extension Node {
    /// The sum of products of a formula such as `bij,bjk->bik`; the axes of `...` get letters of their own.
    fileprivate func einsum(_ equation: String) throws -> Tensor {
        let operands = tensors
        let sides = equation.filter { $0 != " " }.split(separator: "->", omittingEmptySubsequences: false).map(
            String.init)
        var terms = sides[0].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard terms.count == operands.count, sides.count <= 2 else {
            throw failure("'\(equation)' does not name \(operands.count) operands")
        }
        let free = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".filter { !equation.contains($0) }
        var longest = 0
        for (at, operand) in operands.enumerated() where terms[at].contains("...") {
            let count = operand.rank - (terms[at].count - 3)
            guard (0...free.count).contains(count) else { throw failure("'\(terms[at])' does not fit \(operand.type)") }
            longest = max(longest, count)
            terms[at] = terms[at].replacing("...", with: String(free.prefix(count).reversed()))
        }
        let ellipsis = String(free.prefix(longest).reversed())
        let result: String
        if sides.count == 2 {
            result = sides[1].replacing("...", with: ellipsis)
        } else {
            let letters = terms.joined()
            result =
                ellipsis
                + String(
                    Set(letters).filter { letter in letters.count { $0 == letter } == 1 && !ellipsis.contains(letter) }
                        .sorted())
        }
        let formula = terms.joined(separator: ",") + "->" + result
        return GraphTracing.einsum(formula, operands)
    }
}
