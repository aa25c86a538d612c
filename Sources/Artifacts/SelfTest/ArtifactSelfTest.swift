/// What a library tests itself with.
public struct ArtifactSelfTest: Sendable, Hashable {
    /// What each state is filled with before a case, in module order.
    public var states: [TestFilling]
    /// The calls.
    public var cases: [TestCase]

    /// Joins fillings and cases.
    public init(states: [TestFilling], cases: [TestCase]) {
        self.states = states
        self.cases = cases
    }

    /// The number of results at each CPU level.
    var resultCount: Int { cases.reduce(0) { $0 + $1.goldens.count } }
}

/// One call of a function, and what has to come out of it.
public struct TestCase: Sendable, Hashable {
    /// The index of the function.
    public var function: Int
    /// The values of the dimensions that the function takes, in their order.
    public var dims: [Int]
    /// The same with their names, as `B=3, T=8`.
    public var sizes: String
    /// What its random numbers begin with.
    public var seed: UInt64
    /// What its inputs are filled with, in order.
    public var inputs: [TestFilling]
    /// What has to come out: every output in order, then every state that the function updates.
    public var goldens: [TestGolden]

    /// Makes a case.
    public init(
        function: Int, dims: [Int], sizes: String, seed: UInt64, inputs: [TestFilling], goldens: [TestGolden]
    ) {
        self.function = function
        self.dims = dims
        self.sizes = sizes
        self.seed = seed
        self.inputs = inputs
        self.goldens = goldens
    }
}
