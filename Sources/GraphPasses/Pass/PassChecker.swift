import GraphIR

/// Checks passes by execution: the function before and after a pass must compute the same.
public struct PassChecker: Sendable {
    /// The module whose functions are checked.
    public var module: GraphModule

    /// Makes a checker for functions of a module.
    public init(_ module: GraphModule) { self.module = module }

    /// Throws a `GraphError` that names the pass and what it changed.
    public func check(_ pass: GraphPass, before: GraphFunction, after: GraphFunction) throws {}
}
