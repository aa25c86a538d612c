import GraphIR

/// An access to a buffer that interval bounds could not prove to stay inside it.
public struct UnprovedAccess: Sendable, Hashable, CustomStringConvertible {
    /// The buffer's name.
    public let buffer: String
    /// The index.
    public let index: IndexExpression
    /// The number of elements of the buffer.
    public let count: Dim
    /// Whether it is a store.
    public let isStore: Bool

    /// `load %x[i+r-2] is not proved to be in 0..<784*B`.
    public var description: String {
        "\(isStore ? "store" : "load") %\(buffer)[\(index)] is not proved to be in 0..<\(count)"
    }
}

/// What the verifier found about one kernel.
public struct KernelVerification: Sendable, Hashable {
    /// What breaks the rules of kernels, in the order of the text.
    public var problems: [GraphError] = []
    /// Accesses that may be right but are not proved, in the order of the text, each once.
    public var unproved: [UnprovedAccess] = []

    /// Whether no rule is broken.
    public var isValid: Bool { problems.isEmpty }
}

extension Kernel {
    /// Checks the rules of kernels and proves accesses in bounds for every size the dimensions may have.
    ///
    /// The rules: nested loops have different variables; `tile` extents name an enclosing tile loop; unrolled loops have a constant or tile
    /// extent; indices are linear in the variable of a vector loop; buffers, accumulators and locals are declared, and
    /// accumulators are set before they are read; element types agree; a parallel loop is the only outermost
    /// statement, and its chunk is a multiple of its tile step.
    public func verify(dims: [DimSymbol] = []) -> KernelVerification {
        var verifier = KernelVerifier(kernel: self, dims: dims)
        verifier.checkKernel()
        return verifier.result
    }

    /// Throws the first broken rule, if there is one.
    public func checked(dims: [DimSymbol] = []) throws {
        if let first = verify(dims: dims).problems.first { throw first }
    }
}
