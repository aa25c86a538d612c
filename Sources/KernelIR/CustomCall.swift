import CustomCode
import GraphIR

/// A call of the user's code: what a kernel is in place of loops.
public struct CustomCall: Sendable, Hashable {
    /// A buffer as the code sees it.
    public struct Tensor: Sendable, Hashable {
        /// The buffer, by its number in the kernel.
        public var buffer: Int
        /// The size of each axis.
        public var shape: [Dim]

        /// Makes a tensor of a buffer.
        public init(buffer: Int, shape: [Dim]) {
            self.buffer = buffer
            self.shape = shape
        }
    }

    /// The code.
    public var code: CustomCode
    /// What it reads, in its order.
    public var operands: [Tensor]
    /// What it writes, in its order.
    public var results: [Tensor]

    /// Makes a call.
    public init(_ code: CustomCode, operands: [Tensor], results: [Tensor]) {
        self.code = code
        self.operands = operands
        self.results = results
    }

    /// The number of rows that one call makes where threads don't share them: 1 for a result without axes.
    public var rows: Dim { results.first?.shape.first ?? 1 }
}
