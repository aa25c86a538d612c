import GraphIR
import HostTensors

/// A polynomial over loop variables and dimension symbols: the same algebra as shapes, so bounds are proved the same way.
public typealias IndexExpression = Dim

/// How a kernel uses a buffer.
public enum BufferAccess: String, Sendable, Hashable {
    /// Only read.
    case read
    /// Only written.
    case write
    /// Read and written.
    case readWrite
    /// Private to one task, undefined when it begins: not among the arguments. The count is constant.
    case local
}

/// A flat, contiguous stretch of elements a kernel is given.
public struct KernelBuffer: Sendable, Hashable {
    /// The name in text.
    public var name: String
    /// The element type, as expressions see it.
    public var dtype: DType
    /// The type of the elements in memory: `dtype`, or `bf16` for an f32 that is rounded when it is stored and widened when it is
    /// loaded. A subnormal number may become 0 when it is rounded. Tile operations move the elements as they are in memory.
    public var stored: DType
    /// The number of elements.
    public var count: Dim
    /// How it is used.
    public var access: BufferAccess

    /// Declares a buffer; without `stored`, elements are in memory what they are in expressions.
    public init(_ name: String, dtype: DType, stored: DType? = nil, count: Dim, access: BufferAccess) {
        self.name = name
        self.dtype = dtype
        self.stored = stored ?? dtype
        self.count = count
        self.access = access
    }
}

/// A whole number that each call gives, known in the kernel by its name, as dimensions are.
public struct KernelNumber: Sendable, Hashable {
    /// The name, unlike those of dimensions and loop variables.
    public var name: String
    /// What it may be.
    public var range: ClosedRange<Int>

    /// Declares a number.
    public init(_ name: String, in range: ClosedRange<Int>) {
        self.name = name
        self.range = range
    }
}

/// How many times a loop runs.
public enum LoopExtent: Sendable, Hashable {
    /// That many times.
    case count(Dim)
    /// Once for each element of the current block of an enclosing tile loop: its step, or what is left at the end.
    case tile(String)
}

/// How a loop is run; the meaning is always that of a plain loop from 0.
public enum LoopKind: Sendable, Hashable {
    /// One after another, the body repeated `unroll` times a round.
    case serial(unroll: Int)
    /// In blocks of `step`: the variable takes 0, step, 2·step …; inner loops with extent `.tile` cover each block.
    case tile(step: Int)
    /// Every iteration written out; the extent must be constant or a tile.
    case unroll
    /// Iterations are lanes of vectors, `unroll` vectors a round, the last one masked.
    case vector(unroll: Int)
}

/// How an accumulator takes in a value.
public enum ReductionKind: String, CaseIterable, Sendable, Hashable {
    case sum, prod, max, min, and, or
}

/// What is computed for one iteration.
public indirect enum KernelExpression: Sendable, Hashable {
    /// A number of a dtype, by the bits it has as f64: 0 and -0 are two numbers.
    case number(bits: UInt64, DType)
    /// The value a `define` of an enclosing scope gave.
    case local(String)
    /// An element of a buffer (by its number).
    case load(Int, IndexExpression)
    /// An element of a buffer where every condition holds, else 0; the buffer is not read then.
    case loadWhere(Int, IndexExpression, [IndexCondition])
    /// The value of an index, converted to a dtype.
    case index(IndexExpression, DType)
    /// A scalar operation; the dtype is that of the result.
    case apply(ScalarOp, [KernelExpression], DType)
    /// A register of an accumulator, by the variables of the loops that span it.
    case accumulator(String, [String])
    /// Uniform f32 in [0, 1) number `index` of (seed, stream, step): Philox 4×32-10.
    case random(seed: KernelExpression, step: KernelExpression, stream: IndexExpression, index: IndexExpression)
    /// The bits of a value as an element of another dtype of the same size.
    case bits(KernelExpression, DType)
}

extension KernelExpression {
    /// A number of a dtype.
    public static func constant(_ value: Double, _ dtype: DType) -> KernelExpression {
        .number(bits: value.bitPattern, dtype)
    }
}

/// Holds where an index is below a limit.
public struct IndexCondition: Sendable, Hashable {
    /// The index.
    public var index: IndexExpression
    /// The first number for which it no longer holds.
    public var limit: Dim

    /// States `index < limit`.
    public init(_ index: IndexExpression, below limit: Dim) {
        self.index = index
        self.limit = limit
    }
}

/// What the factors of a product of tiles are; `n` of them lie in 4 bytes.
public enum TileElement: String, Sendable, Hashable {
    /// bf16, n = 2; sums are f32.
    case bf16
    /// Signed integers of 8 bits, n = 4; sums are i32.
    case i8
}

/// An operation on a tile register: rows of 64 bytes, numbered 0 to 7. Registers 6 and 7, of right factors, have 16 rows; the others as
/// many as the kernel says.
public enum TileOperation: Sendable, Hashable {
    /// Sets a register to zeros, of f32 or of i32.
    case clear(Int)
    /// Reads the rows from a buffer (by its number), `stride` elements apart.
    case load(Int, buffer: Int, IndexExpression, stride: Int)
    /// Writes the rows to a buffer, `stride` elements apart.
    case store(Int, buffer: Int, IndexExpression, stride: Int)
    /// `into[r][c] += Σₖ left[r][k] · right[k / n][n·c + k % n]`, k in 0..<16n.
    case multiply(TileElement, into: Int, left: Int, right: Int)

    /// The most rows of a register.
    public static let mostRows = 16
}

extension Kernel {
    /// The rows of a tile register.
    public func rows(ofTileRegister register: Int) -> Int { register < 6 ? tileRows : TileOperation.mostRows }
}

/// The part of a loop that is run: its variable is at least `from` and less than `below`, as far as the extent goes. A tile loop runs the blocks of
/// which some is in it.
public struct LoopWindow: Sendable, Hashable {
    /// The first number, over variables of loops around; may be negative.
    public var from: IndexExpression
    /// The first number after `from` that is left out; nil where the loop's extent says.
    public var below: IndexExpression?

    /// Declares a part.
    public init(from: IndexExpression = 0, below: IndexExpression? = nil) {
        self.from = from
        self.below = below
    }
}

/// A loop over `variable`.
public struct KernelLoop: Sendable, Hashable {
    /// The variable, unlike those of the loops around it; loops side by side may share one.
    public var variable: String
    /// How many times.
    public var extent: LoopExtent
    /// What of that is run; nil for all. Only serial and tile loops have one.
    public var window: LoopWindow?
    /// How it is run.
    public var kind: LoopKind
    /// What is repeated.
    public var body: [KernelStatement]

    /// Makes a loop.
    public init(
        _ variable: String, _ extent: LoopExtent, window: LoopWindow? = nil, _ kind: LoopKind, _ body: [KernelStatement]
    ) {
        self.variable = variable
        self.extent = extent
        self.window = window
        self.kind = kind
        self.body = body
    }
}

/// Where what is asked for ahead is wanted: a first cache is fast and small.
public enum CacheLevel: String, Sendable, Hashable {
    case first, second
}

/// One step of a kernel.
public indirect enum KernelStatement: Sendable, Hashable {
    /// Repeats statements.
    case loop(KernelLoop)
    /// Names a value for the rest of the scope.
    case define(String, KernelExpression)
    /// Sets a register of an accumulator; `axes` are variables of unrolled or vector loops over tiles, empty for one register.
    case set(String, axes: [String], KernelExpression)
    /// Takes a value into a register; the order of a vector loop's lanes is free.
    case reduce(String, axes: [String], ReductionKind, KernelExpression)
    /// Writes an element of a buffer (by its number).
    case store(Int, IndexExpression, KernelExpression)
    /// Works on tile registers.
    case tile(TileOperation)
    /// Asks for an element of a buffer (by its number) that will be used soon; the index may lie outside. It changes nothing.
    case prefetch(Int, IndexExpression, to: CacheLevel = .second)
    /// Names a whole number (i64) that is computed from data, moved into `0..<extent`, for use in indices in the rest of the
    /// scope. The extent is at least 1.
    case position(String, extent: Dim, KernelExpression)
}

/// Registers that live across iterations.
public struct Accumulator: Sendable, Hashable {
    /// The name.
    public var name: String
    /// The element type.
    public var dtype: DType

    /// Declares an accumulator.
    public init(_ name: String, dtype: DType) {
        self.name = name
        self.dtype = dtype
    }
}

/// The outermost loop of a kernel, when it may be split among threads: chunks are fixed by shape, never by thread count.
public struct ParallelLoop: Sendable, Hashable {
    /// The loop's variable; that loop is the kernel's only outermost statement.
    public var variable: String
    /// The iteration count of that loop's range.
    public var extent: Dim
    /// Iterations one task runs, a multiple of the loop's tile step.
    public var chunk: Int
    /// Iterations that are one after another, whatever the tasks: so many, from each multiple of that number on. They add to the same results.
    public var ordered: Int

    /// Declares the loop that is split.
    public init(variable: String, extent: Dim, chunk: Int, ordered: Int = 1) {
        self.variable = variable
        self.extent = extent
        self.chunk = chunk
        self.ordered = ordered
    }
}

/// One loop nest over buffers, or one call of the user's code: the unit of machine code.
public struct Kernel: Sendable, Hashable {
    /// The name, an identifier unique in its module.
    public var name: String
    /// What it is given, in order.
    public var buffers: [KernelBuffer]
    /// The numbers it is given after the buffers, in order; none but where kernels that differ in them became one.
    public var numbers: [KernelNumber] = []
    /// Its accumulators.
    public var accumulators: [Accumulator]
    /// The rows of tile registers 0 to 5, at most 16: those of results and of left factors.
    public var tileRows = TileOperation.mostRows
    /// The loop split among threads, if any.
    public var parallel: ParallelLoop?
    /// The steps.
    public var body: [KernelStatement]
    /// The user's code that is called in place of steps; a parallel loop then counts rows of its results.
    public var call: CustomCall?
    /// The layers and source lines it comes from, for people.
    public var origin: String

    /// Makes a kernel.
    public init(
        name: String, buffers: [KernelBuffer], accumulators: [Accumulator], parallel: ParallelLoop?,
        body: [KernelStatement], origin: String
    ) {
        self.name = name
        self.buffers = buffers
        self.accumulators = accumulators
        self.parallel = parallel
        self.body = body
        self.origin = origin
    }
}

extension KernelStatement {
    /// The accumulators assigned in this statement, nested ones included.
    public var assignedAccumulators: Set<String> {
        switch self {
        case .loop(let loop): loop.body.reduce(into: []) { $0.formUnion($1.assignedAccumulators) }
        case .set(let name, _, _), .reduce(let name, _, _, _): [name]
        case .define, .store, .tile, .prefetch, .position: []
        }
    }

    /// Whether it takes the bits of bf16 numbers, as what splits operands for tiles may do.
    public var takesBitsOfBrainFloats: Bool {
        switch self {
        case .loop(let loop): loop.body.contains(where: \.takesBitsOfBrainFloats)
        case .define(_, .bits(_, let dtype)): dtype == .u16
        default: false
        }
    }

    /// Whether it works on tile registers.
    public var usesTileRegisters: Bool {
        switch self {
        case .loop(let loop): loop.body.contains(where: \.usesTileRegisters)
        case .tile: true
        case .define, .set, .reduce, .store, .prefetch, .position: false
        }
    }
}

extension Kernel {
    /// The buffers that callers give, in order: all but local ones.
    public var parameters: [KernelBuffer] { buffers.filter { $0.access != .local } }
}

extension Dim {
    /// Whether it is a multiple of a number whatever its symbols are.
    public func isMultiple(of number: Int) -> Bool { terms.allSatisfy { $0.coefficient % number == 0 } }

    /// The factor of `variable` where it occurs to the first power, and the rest without it; nil when it occurs squared.
    public func split(by variable: String) -> (factor: Dim, rest: Dim)? {
        var factor: [Term] = []
        var rest: [Term] = []
        for term in terms {
            let occurrences = term.symbols.count { $0 == variable }
            if occurrences == 0 {
                rest.append(term)
            } else if occurrences == 1 {
                factor.append(Term(coefficient: term.coefficient, symbols: term.symbols.filter { $0 != variable }))
            } else {
                return nil
            }
        }
        return (Dim(terms: factor), Dim(terms: rest))
    }

    /// Replaces a variable by an expression.
    public func substituting(_ variable: String, by value: Dim) -> Dim {
        guard let (factor, rest) = split(by: variable) else { return self }
        return factor.terms.isEmpty ? rest : factor * value + rest
    }
}
