import GraphIR

/// A transformation of one function that keeps its meaning.
public struct GraphPass: Sendable {
    /// The name, as `dump` and `--check-passes` print it.
    public var name: String
    /// What it does, in one sentence.
    public var summary: String
    /// Transforms the function; gives whether it changed anything.
    public var run: @Sendable (inout GraphFunction, PassContext) throws -> Bool

    /// Declares a pass.
    public init(
        name: String, summary: String, run: @escaping @Sendable (inout GraphFunction, PassContext) throws -> Bool
    ) {
        self.name = name
        self.summary = summary
        self.run = run
    }
}

/// What a pass may know besides the function.
public struct PassContext: Sendable {
    /// The module's states, which functions refer to by index.
    public var states: [StateDeclaration]
    /// The module's named dimensions.
    public var dims: [DimSymbol]
    /// What the user asked for.
    public var options: PassOptions

    /// Makes a context.
    public init(states: [StateDeclaration] = [], dims: [DimSymbol] = [], options: PassOptions = PassOptions()) {
        self.states = states
        self.dims = dims
        self.options = options
    }

    /// The context that a module gives its functions.
    public init(_ module: GraphModule, options: PassOptions = PassOptions()) {
        self.init(states: module.states, dims: module.dims, options: options)
    }
}

/// What can be chosen about optimization; recorded with what is compiled.
public struct PassOptions: Sendable, Hashable {
    /// Constant folding makes no constant of more elements than this, unless its operands had as many.
    public var foldLimit: Int
    /// Whether every pass is checked by interpreting the function before and after it.
    public var checksPasses: Bool
    /// Values are computed again where that spares at least this many bytes, named dimensions at a usual size.
    public var recomputationLeast: Int
    /// By function, how far it goes in computing values again, where its memory is limited.
    public var recomputation: [String: Recomputation]

    /// The usual options.
    public init(
        foldLimit: Int = 4096, checksPasses: Bool = false, recomputationLeast: Int = 1 << 16,
        recomputation: [String: Recomputation] = [:]
    ) {
        self.foldLimit = foldLimit
        self.checksPasses = checksPasses
        self.recomputationLeast = recomputationLeast
        self.recomputation = recomputation
    }
}
