import HostTensors

/// Grows one random function of operations that have one right result to the bit, on elements of every type and value.
///
/// Sums of floats are among them where all numbers are whole and small enough that no order of summation rounds.
struct ExactGraphGenerator {
    /// A value with what is known of its elements.
    struct Known {
        var id: ValueID
        var type: TensorType
        /// All elements are whole numbers of at most this magnitude; nil if they can be anything.
        var whole: Double?
        /// Whether every correct evaluation gives a zero the same sign, which those of `max`, `min` and sums need not have.
        var hasSureZeros = true

        /// Whether elements are floating-point numbers.
        var isFloat: Bool { type.dtype.isFloat }
        /// Whether elements are numbers.
        var isNumber: Bool { type.dtype != .bool }
    }

    /// Thrown when a random choice does not fit.
    struct Misfit: Error {}

    /// The named dimensions of modules.
    static let dims = [DimSymbol("B", range: 1...16), DimSymbol("T", range: 1...6)]
    /// The most elements a value is let have.
    static let mostElements = 3000

    var random: SplitMix64
    var builder: FunctionBuilder
    /// The values so far.
    var known: [Known] = []
    /// The element types of new inputs.
    private var dtypes: [DType]
    /// Whether this is the body of an operation, which sees nothing but what it is given.
    private let isBody: Bool
    private let seed: UInt64

    init(seed: UInt64) {
        self.init(seed: seed, random: SplitMix64(seed: seed ^ 0x3c6e_f372_fe94_f82b), body: nil)
    }

    /// The generator of a body with inputs of these types.
    init(body types: [TensorType], _ random: SplitMix64) {
        self.init(seed: 0, random: random, body: types)
    }

    private init(seed: UInt64, random: SplitMix64, body types: [TensorType]?) {
        (self.seed, self.random, isBody) = (seed, random, types != nil)
        builder = FunctionBuilder(name: types == nil ? "main" : "body")
        dtypes = Array(self.random.shuffled(DType.allCases).prefix(3)) + [.f32]
        for (at, type) in (types ?? []).enumerated() {
            known.append(Known(id: builder.input("v\(at)", type), type: type, hasSureZeros: false))
        }
    }

    /// The whole module, of about so many operations.
    mutating func generate(opCount: ClosedRange<Int>) -> GraphModule {
        _ = try? addInput(newShape(), newDType())
        grow(to: random.number(in: opCount))
        addUpdates()
        addOutputs()
        var module = GraphModule(name: "exact_\(seed)")
        let used = Set(builder.function.values.flatMap { $0.type.shape.flatMap(\.symbols) })
        module.dims = Self.dims.filter { used.contains($0.name) }
        for size in module.dims.map({ Dim(symbol: $0.name) }) where !inputsName(size) {
            _ = builder.input("like\(size)", TensorType(.u8, [size]))
        }
        module.states = builder.states
        module.functions = [builder.function.canonicalized()]
        return module
    }

    /// Whether an input says what a size is.
    private func inputsName(_ size: Dim) -> Bool {
        builder.function.inputs.contains { builder.type($0.value).shape.contains(size) }
    }

    /// Adds operations until there are so many.
    mutating func grow(to wanted: Int) {
        var attempts = 0
        while builder.function.ops.count < wanted, attempts < 20 * wanted {
            attempts += 1
            let before = self
            do {
                for value in try growOne() { try keep(value) }
            } catch {
                // Take back what did not fit, but go on with other random numbers.
                let random = random
                self = before
                self.random = random
            }
        }
    }

    private mutating func growOne() throws -> [Known] {
        switch random.below(isBody ? 9 : 20) {
        case 0: try [unary()]
        case 1, 2: try [binary()]
        case 3: try [choice()]
        case 4: try [conversion()]
        case 5, 6, 7: try [moved()]
        case 8: try [reduced()]
        case 9: try [broadcast()]
        case 10: try [indexed()]
        case 11: try [dynamic()]
        case 12: try [cumulated()]
        case 13: try ordered()
        case 14, 15: try [product()]
        case 16: try [convolved()]
        case 17: try [windowed()]
        case 18: try structured()
        default: try [source()]
        }
    }

    private mutating func keep(_ value: Known) throws {
        guard ShapeCheck.problem(with: value.type, dims: Self.dims) == nil,
            count(value.type.shape) <= Self.mostElements
        else { throw Misfit() }
        known.append(value)
    }
}

// MARK: Values to work on
extension ExactGraphGenerator {
    /// The largest element count of a shape.
    func count(_ shape: [Dim]) -> Int {
        let sizes = Dictionary(uniqueKeysWithValues: Self.dims.map { ($0.name, $0.range.upperBound) })
        return shape.reduce(1) { min($0, 1 << 20) * min((try? $1.value(sizes)) ?? 1 << 20, 1 << 20) }
    }

    /// A size: few elements, or about as many as a register or two hold.
    mutating func newSize() -> Int {
        random.pick([1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65]) ?? 1
    }

    /// A shape of zero to four axes, some of them symbolic.
    mutating func newShape() -> [Dim] {
        var shape: [Dim] = []
        for _ in 0..<(random.pick([0, 1, 1, 2, 2, 2, 3, 3, 4]) ?? 2) {
            let isNamed = random.chance(1, outOf: 3)
            let size = isNamed ? Dim(symbol: random.chance(2, outOf: 3) ? "B" : "T") : Dim(newSize())
            shape.append(count(shape + [size]) <= Self.mostElements / 2 ? size : 1)
        }
        return shape
    }

    mutating func newDType() -> DType { random.pick(dtypes) ?? .f32 }

    /// A value that satisfies a condition, recent ones more often; throws if there is none.
    mutating func choose(_ condition: (Known) -> Bool) throws -> Known {
        let fitting = known.filter(condition)
        let some = random.chance(2, outOf: 3) ? fitting.suffix(3) : fitting[...]
        guard let value = random.pick(some) else { throw Misfit() }
        return value
    }

    /// A new input; in a body, where there can be none, a constant.
    mutating func addInput(_ shape: [Dim], _ dtype: DType) throws -> Known {
        let type = TensorType(dtype, shape)
        guard count(shape) <= Self.mostElements else { throw Misfit() }
        if let sizes = try? shape.map({ try $0.value([:]) }) {
            if isBody || random.chance(1, outOf: 6), count(shape) <= 64 {
                return keeping(
                    Known(id: try builder.constant(RandomGraph.anyTensor(dtype, sizes, &random)), type: type))
            }
            if !isBody, random.chance(1, outOf: 4) { return keeping(addState(type)) }
        }
        if isBody { throw Misfit() }
        return keeping(Known(id: builder.input("x\(builder.function.inputs.count)", type), type: type))
    }

    private mutating func keeping(_ value: Known) -> Known {
        known.append(value)
        return value
    }

    private mutating func addState(_ type: TensorType) -> Known {
        let number = builder.states.count
        builder.states.append(StateDeclaration("w\(number)", type: type, role: .buffer, path: "w\(number)"))
        return Known(id: builder.state(number), type: type)
    }

    /// Floats or integers that are whole numbers from -3 to 3.
    mutating func wholeNumbers(_ shape: [Dim], _ dtype: DType) throws -> Known {
        let fitting = known.filter { $0.type == TensorType(dtype, shape) && $0.whole != nil }
        if let value = random.pick(fitting), random.chance(2, outOf: 3) { return value }
        let any = try addInput(shape, .i8)
        let small = try builder.binary("rem", any.id, builder.splat(4, any.type))
        return Known(id: try builder.cast(small, to: dtype), type: TensorType(dtype, shape), whole: 3)
    }

    /// A value of these elements that may be summed: any integers, or whole floats.
    mutating func summable(_ shape: [Dim], _ dtype: DType) throws -> Known {
        if dtype.isFloat { return try wholeNumbers(shape, dtype) }
        if let value = random.pick(known.filter({ $0.type == TensorType(dtype, shape) })) { return value }
        return try addInput(shape, dtype)
    }

    /// The bound of a sum of so many products of whole floats; throws where sums would round.
    func sumBound(_ values: Known..., count: Double) throws -> Double? {
        guard values[0].isFloat else { return nil }
        let bound = try values.reduce(count) { bound, value in
            guard let whole = value.whole else { throw Misfit() }
            return bound * whole
        }
        guard bound <= Self.mostWhole(values[0].type.dtype) else { throw Misfit() }
        return bound
    }

    /// Whole numbers up to here are held exactly.
    static func mostWhole(_ dtype: DType) -> Double {
        switch dtype {
        case .f64: 0x1p53
        case .f32: 0x1p24
        case .f16: 0x1p11
        default: 0x1p8
        }
    }

    /// Another value of a type: one there is, a number in every place, or a new input.
    mutating func partner(_ type: TensorType) throws -> Known {
        let same = known.filter { $0.type == type }
        if let value = random.pick(same), random.chance(2, outOf: 3) { return value }
        if random.chance(1, outOf: 2) || isBody {
            let number = try builder.constant(RandomGraph.anyTensor(type.dtype, [], &random))
            if type.rank == 0 { return Known(id: number, type: type) }
            return Known(id: try builder.broadcast(number, axes: [], shape: type.shape), type: type)
        }
        return try addInput(type.shape, type.dtype)
    }

    /// What an operation made of some values.
    mutating func made(_ id: ValueID, _ from: Known..., whole: Double? = nil, isSure: Bool = true) -> Known {
        let type = builder.type(id)
        let isSure = !type.dtype.isFloat || isSure && from.allSatisfy(\.hasSureZeros)
        let fits = type.dtype.isFloat && whole.map { $0 <= Self.mostWhole(type.dtype) } ?? false
        return Known(id: id, type: type, whole: fits ? whole : nil, hasSureZeros: isSure)
    }
}

// MARK: Ends
extension ExactGraphGenerator {
    /// New values for some states: what was computed, an input, another state's value, or the state's own.
    private mutating func addUpdates() {
        for state in builder.states.indices where random.chance(2, outOf: 3) {
            let type = builder.states[state].type
            if let new = random.pick(known.filter({ $0.type == type })) { builder.update(state, new.id) }
        }
    }

    /// Outputs of what nothing reads and of some others, inputs and the same value twice among them.
    private mutating func addOutputs() {
        let counts = builder.function.useCounts()
        let unread = known.filter {
            counts[$0.id.index] == 0 && builder.function.values[$0.id.index].origin == .operation
        }
        var values = Array(random.shuffled(unread).prefix(6))
        if values.isEmpty || random.chance(1, outOf: 3), let value = random.pick(known) { values.append(value) }
        if random.chance(1, outOf: 6), let value = random.pick(values) { values.append(value) }
        for value in values { builder.output("y\(builder.function.outputs.count)", value.id) }
    }
}
