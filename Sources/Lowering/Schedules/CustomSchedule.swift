import CustomCode
import GraphIR
import KernelIR

extension KernelDraft {
    /// Bytes of operands and results that are a task of the user's code.
    private static let taskBytes = 1 << 16

    /// `custom`: a call of the user's code, whose rows threads share where it allows that.
    mutating func lowerCustom(root: GraphOp) throws {
        guard let code = root.attributes.code("code") else { throw GraphError("custom: no code is given") }
        hint = code.name
        func tensors(_ values: [ValueID], _ access: BufferAccess) -> [CustomCall.Tensor] {
            values.map { value in
                let type = type(value)
                return CustomCall.Tensor(buffer: buffer(.value(value), type, access), shape: type.shape)
            }
        }
        let operands = tensors(root.operands, .read)
        let made = CustomCall(code, operands: operands, results: tensors(root.results, .write))
        call = made
        guard code.isDividedByRows else { return }
        let rows = made.rows
        let all = (root.operands + root.results).map(type)
        let bytesOfRow = all.filter { $0.shape.first == rows }.reduce(Dim(0)) { sum, type in
            sum + Dim.product(type.shape.dropFirst()) * Dim(type.dtype.byteCount)
        }
        let chunk = chunk(workPerIteration: bytesOfRow, step: 1, goal: Self.taskBytes)
        if rows.bounds(ranges).upperBound > chunk {
            parallel = ParallelLoop(variable: "row", extent: rows, chunk: chunk)
        }
    }
}
