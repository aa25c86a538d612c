import HostTensors

/// Random graphs and data for them, to compare two ways of running a graph.
///
/// The same seed and options give the same module everywhere. Values stay well conditioned for the data that `inputs`
/// and `states` make: no overflow, no division by nearly zero, and nothing that jumps (comparisons, rounding, argmax)
/// is applied to a value that two correct evaluations may round differently.
public enum RandomGraph {
    /// Kinds of operations to choose from.
    public enum Family: String, CaseIterable, Sendable, Hashable {
        /// Functions of one value, element by element.
        case unary
        /// Functions of two values, element by element.
        case binary
        /// `compare`, `select`, logic on truth values, conversions.
        case choice
        /// Arithmetic on integers.
        case integer
        /// `broadcast`.
        case broadcast
        /// `reshape`, `transpose`, `slice`, `pad`, `concat`, `reverse`.
        case movement
        /// `reduce`, `argreduce`.
        case reduction
        /// Softmax, written out.
        case softmax
        /// `dot`: dense layers, batched products, products over the batch.
        case contraction
        /// `conv`.
        case convolution
        /// `reduceWindow`, `windowScatter`.
        case window
        /// `iota`, `random`.
        case source
        /// Operations with a body: activations, layers, losses.
        case composite
        /// Reading and writing where data says.
        case indexing
        /// Running combinations, sorting.
        case order
        /// Normalization, attention, recurrent cells, more activations.
        case network
        /// Conditions, scans, loops.
        case structure
        /// Contractions and windows in any of their forms.
        case form
        /// Time steps written out.
        case steps

        /// What a classifier is made of.
        public static let basic = allCases.filter {
            ![.indexing, .order, .network, .structure, .form, .steps].contains($0)
        }
    }

    /// What the graphs are to be like.
    public struct Options: Sendable {
        /// About how many operations a graph has.
        public var opCount: ClosedRange<Int> = 4...24
        /// Whether the first axis of inputs is the symbolic dim `B`; nil lets the seed decide.
        public var symbolicBatch: Bool?
        /// The range of `B`.
        public var batchRange: ClosedRange<Int> = 1...16
        /// The kinds of operations.
        public var families: [Family] = Family.basic
        /// The element type of most values; the seed changes it to f64 now and then if it is f32.
        public var dtype: DType = .f32
        /// Whether some graphs update states.
        public var updates = true
        /// Whether outputs' gradients are outputs, too.
        public var gradients = false

        /// The usual graphs.
        public init() {}
    }

    /// A module of one function, `main`; it passes `verify`.
    public static func module(seed: UInt64, options: Options = Options()) -> GraphModule {
        var generator = GraphGenerator(seed: seed, options: options)
        return generator.generate()
    }

    /// A module of one function, `main`, of operations that have one right result to the bit, whatever the data; it passes `verify`.
    ///
    /// Only zeros may have either sign where `docs/semantics.md` leaves it open, and nothing depends on it there.
    public static func exactModule(seed: UInt64, opCount: ClosedRange<Int> = 3...16) -> GraphModule {
        var generator = ExactGraphGenerator(seed: seed)
        return generator.generate(opCount: opCount)
    }

    /// What data is made of.
    public enum Numbers: Sendable {
        /// Floats in [-1, 1] in steps of 2⁻¹⁰, integers from 0 to 7, truth values.
        case moderate
        /// Everything the element type has: infinities, NaN, zeros of both signs, subnormal numbers, ends of ranges, ties.
        case any
    }

    /// Data for a function's inputs, in order.
    ///
    /// `bindings` gives the sizes of the symbolic dims; throws when one is missing.
    public static func inputs(
        of function: GraphFunction, bindings: [String: Int] = [:], seed: UInt64, numbers: Numbers = .moderate
    ) throws -> [HostTensor] {
        var random = SplitMix64(seed: seed ^ 0x1297_75f3_6c9a_7e01)
        return try function.inputs.map { input in
            let type = function.type(of: input.value)
            return try tensor(type.dtype, type.shape(bindings), numbers, &random)
        }
    }

    /// Data for a module's states, in order.
    public static func states(
        of module: GraphModule, seed: UInt64, numbers: Numbers = .moderate
    ) throws -> [HostTensor] {
        var random = SplitMix64(seed: seed ^ 0x51a7_e50f_3d1b_0c42)
        return try module.states.map { try tensor($0.type.dtype, $0.type.shape([:]), numbers, &random) }
    }

    private static func tensor(
        _ dtype: DType, _ shape: [Int], _ numbers: Numbers, _ random: inout SplitMix64
    ) throws -> HostTensor {
        switch numbers {
        case .moderate: try tensor(dtype, shape, &random)
        case .any: try anyTensor(dtype, shape, &random)
        }
    }

    /// A tensor of random elements that every dtype holds exactly, but for bf16.
    static func tensor(_ dtype: DType, _ shape: [Int], _ random: inout SplitMix64) throws -> HostTensor {
        let count = shape.reduce(1, *)
        let elements = (0..<count).map { _ -> Double in
            switch dtype {
            case .bool: Double(random.below(2))
            case _ where dtype.isInteger: Double(random.below(8))
            default: Double(random.number(in: -1024...1024)) / 1024
            }
        }
        return try HostTensor(elements, shape: shape).converted(to: dtype)
    }
}
