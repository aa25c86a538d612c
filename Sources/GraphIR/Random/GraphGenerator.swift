import HostTensors

/// Grows one random function, operation by operation, keeping for each value an interval that holds its elements.
struct GraphGenerator {
    /// A value with what is known of its elements.
    struct Known {
        var id: ValueID
        var type: TensorType
        /// The smallest element it can have.
        var low: Double
        /// The largest element it can have.
        var high: Double
        /// Whether every correct evaluation gives the same bits.
        var isExact: Bool

        /// The largest magnitude it can have.
        var magnitude: Double { max(abs(low), abs(high)) }
        /// Whether elements are floating-point numbers.
        var isFloat: Bool { type.dtype.isFloat }
    }

    let options: RandomGraph.Options
    var random: SplitMix64
    var builder = FunctionBuilder(name: "main")
    /// The values so far.
    var known: [Known] = []
    /// The size of the first axis.
    var batch: Dim
    /// The element type of most values.
    var dtype: DType
    private let seed: UInt64

    /// The largest magnitude a value is let grow to.
    static let largestMagnitude = 32.0
    /// The most elements a value is let have.
    static let mostElements = 8192

    init(seed: UInt64, options: RandomGraph.Options) {
        self.seed = seed
        self.options = options
        var random = SplitMix64(seed: seed)
        let isSymbolicByChance = random.chance(2, outOf: 3)
        let staticBatch = random.number(in: 1...6)
        let isWide = options.dtype == .f32 && random.chance(1, outOf: 8)
        batch = options.symbolicBatch ?? isSymbolicByChance ? Dim(symbol: "B") : Dim(staticBatch)
        dtype = isWide ? .f64 : options.dtype
        self.random = random
    }

    /// The whole module.
    mutating func generate() -> GraphModule {
        addInput([batch, Dim(random.number(in: 2...9))], dtype)
        let wanted = random.number(in: options.opCount)
        var attempts = 0
        while builder.function.ops.count < wanted, attempts < 20 * wanted {
            attempts += 1
            builder.place = place(attempts)
            step()
        }
        if options.updates, random.chance(2, outOf: 3) { addUpdates() }
        addOutputs()
        if options.gradients { addGradients() }
        return finished()
    }

    private func place(_ step: Int) -> Place? {
        step % 3 == 0 ? nil : Place(layer: "block\(step / 8)/step\(step)", file: "Random.swift", line: step)
    }

    /// Adds one to a few operations, or none if the choice does not fit.
    private mutating func step() {
        guard let family = random.pick(options.families) else { return }
        let before = self
        do {
            let made = try grow(family)
            for value in made { try keep(value) }
        } catch {
            // The choice did not fit its operation's rules: take it back, but go on with other random numbers.
            let random = random
            self = before
            self.random = random
        }
    }

    private mutating func grow(_ family: RandomGraph.Family) throws -> [Known] {
        switch family {
        case .unary: try growUnary()
        case .binary: try growBinary()
        case .choice: try growChoice()
        case .integer: try growInteger()
        case .broadcast: try growBroadcast()
        case .movement: try growMovement()
        case .reduction: try growReduction()
        case .softmax: try growSoftmax()
        case .contraction: try growContraction()
        case .convolution: try growConvolution()
        case .window: try growWindow()
        case .source: try growSource()
        case .composite: try growComposite()
        case .indexing: try growIndexing()
        case .order: try growOrder()
        case .network: try growNetwork()
        case .structure: try growStructure()
        case .form: try growForm()
        case .steps: try growSteps()
        }
    }

    /// Adds a value to the pool, scaled down first if it can be large.
    private mutating func keep(_ value: Known) throws {
        let dims = [DimSymbol("B", range: options.batchRange)]
        guard ShapeCheck.problem(with: value.type, dims: dims) == nil,
            elementCount(value.type) <= Self.mostElements
        else { throw Misfit() }
        guard value.isFloat, value.magnitude > Self.largestMagnitude else {
            guard value.magnitude <= 1e6 else { throw Misfit() }
            known.append(value)
            return
        }
        var factor = 1.0
        while value.magnitude * factor > Self.largestMagnitude / 4 { factor /= 4 }
        let scaled = try builder.scaled(value.id, by: factor)
        known.append(
            Known(
                id: scaled, type: value.type, low: value.low * factor, high: value.high * factor, isExact: value.isExact
            ))
    }

    /// Thrown when a random choice does not fit.
    struct Misfit: Error {}

    private mutating func finished() -> GraphModule {
        var module = GraphModule(name: "random_\(seed)")
        if builder.function.values.contains(where: { !$0.type.shape.allSatisfy { $0.constant != nil } }) {
            module.dims = [DimSymbol("B", range: options.batchRange)]
        }
        module.states = builder.states
        module.functions = [builder.function.canonicalized()]
        return module
    }
}

// MARK: Values to work on
extension GraphGenerator {
    /// The element count with the largest batch.
    func elementCount(_ type: TensorType) -> Int {
        let bindings = ["B": options.batchRange.upperBound]
        return type.shape.reduce(1) { count, dim in
            let size = (try? dim.value(bindings)) ?? Self.mostElements
            return min(count, Self.mostElements + 1) * min(size, Self.mostElements + 1)
        }
    }

    /// The largest product of some sizes.
    func largest(_ dims: [Dim]) -> Double { Double(elementCount(TensorType(.bool, dims))) }

    /// A value that satisfies a condition, recent ones more often; throws if there is none.
    mutating func choose(_ condition: (Known) -> Bool) throws -> Known {
        let fitting = known.filter(condition)
        let recent = fitting.suffix(4)
        guard let value = random.chance(2, outOf: 3) ? random.pick(recent) : random.pick(fitting) else {
            throw Misfit()
        }
        return value
    }

    /// A floating-point value.
    mutating func chooseFloat(_ condition: (Known) -> Bool = { _ in true }) throws -> Known {
        try choose { $0.isFloat && condition($0) }
    }

    /// The interval of data that `RandomGraph.tensor` makes.
    static func interval(_ dtype: DType) -> (Double, Double) {
        dtype == .bool ? (0, 1) : dtype.isInteger ? (0, 7) : (-1, 1)
    }

    /// A new input.
    @discardableResult
    mutating func addInput(_ shape: [Dim], _ dtype: DType) -> Known {
        let type = TensorType(dtype, shape)
        let (low, high) = Self.interval(dtype)
        let id = builder.input("x\(builder.function.inputs.count)", type)
        let value = Known(id: id, type: type, low: low, high: high, isExact: true)
        known.append(value)
        return value
    }

    /// A new state; the shape must be constant.
    mutating func addState(_ shape: [Dim], _ dtype: DType) -> Known {
        let number = builder.states.count
        let role: StateRole = random.chance(3, outOf: 4) ? .parameter : .buffer
        builder.states.append(
            StateDeclaration("w\(number)", type: TensorType(dtype, shape), role: role, path: "layer\(number)/weight"))
        let (low, high) = Self.interval(dtype)
        return Known(
            id: builder.state(number), type: TensorType(dtype, shape), low: low, high: high, isExact: true)
    }

    /// A new constant with random elements.
    mutating func addConstant(_ shape: [Dim], _ dtype: DType) throws -> Known {
        let sizes = try shape.map { try $0.value([:]) }
        let tensor = try RandomGraph.tensor(dtype, sizes, &random)
        let (low, high) = Self.interval(dtype)
        return Known(
            id: try builder.constant(tensor), type: TensorType(dtype, shape), low: low, high: high, isExact: true)
    }

    /// A new weight: a state, or a constant, or an input, of constant shape.
    mutating func addWeight(_ shape: [Dim], _ dtype: DType) throws -> Known {
        switch random.below(5) {
        case 0: try addConstant(shape, dtype)
        case 1: addInput(shape, dtype)
        default: addState(shape, dtype)
        }
    }

    /// A number in every place of a type.
    mutating func splat(_ number: Double, _ type: TensorType) throws -> Known {
        Known(id: try builder.splat(number, type), type: type, low: number, high: number, isExact: true)
    }

    /// Another value of a type: one there is, a number, a row repeated, or a new input.
    mutating func partner(_ type: TensorType, besides other: ValueID? = nil) throws -> Known {
        let same = known.filter { $0.type == type && $0.id != other }
        if let value = random.pick(same), random.chance(3, outOf: 4) { return value }
        switch random.below(4) {
        case 0:
            let number = type.dtype.isFloat ? Double(random.number(in: -8...8)) / 4 : Double(random.below(2))
            return try splat(number, type)
        case 1, 2:
            guard let size = type.shape.last, size.constant != nil else { return addInput(type.shape, type.dtype) }
            var row = try addWeight([size], type.dtype)
            if type.rank > 1 {
                row.id = try builder.broadcast(row.id, axes: [type.rank - 1], shape: type.shape)
                row.type = type
            }
            return row
        default: return addInput(type.shape, type.dtype)
        }
    }

    /// What an operation made; mutating, so that `self` is read after the operation in its argument was added.
    mutating func made(_ id: ValueID, _ low: Double, _ high: Double, exact: Bool = false) -> Known {
        Known(id: id, type: builder.type(id), low: min(low, high), high: max(low, high), isExact: exact)
    }

    /// What an operation made out of elements of another value, unchanged.
    mutating func moved(_ id: ValueID, _ from: Known) -> Known { made(id, from.low, from.high, exact: from.isExact) }
}

// MARK: Ends
extension GraphGenerator {
    /// Binds new values to some states.
    private mutating func addUpdates() {
        for state in builder.states.indices where random.chance(2, outOf: 3) {
            let type = builder.states[state].type
            let old = builder.state(state)
            let candidates = known.filter { $0.type == type && $0.id != old }
            guard type.dtype.isFloat else {
                if let new = random.pick(candidates) { builder.update(state, new.id) }
                continue
            }
            let before = builder
            do {
                builder.update(state, try newValue(of: state, candidates))
            } catch {
                builder = before
            }
        }
    }

    /// A new value of a floating-point state, out of a change of its type if there is one.
    private mutating func newValue(of state: Int, _ candidates: [Known]) throws -> ValueID {
        let old = builder.state(state)
        guard let change = random.pick(candidates) else { return try builder.scaled(old, by: 0.75) }
        if options.families.contains(.composite), random.chance(2, outOf: 3) {
            return try optimized(state, gradient: change.id)
        }
        return try builder.add(builder.scaled(old, by: 0.75), builder.scaled(change.id, by: 0.25))
    }

    /// Makes outputs of the gradients of the outputs' squares by every floating-point input and state that is read.
    private mutating func addGradients() {
        let before = builder
        do {
            let function = builder.function
            let wanted = function.values.indices.map { ValueID($0) }.filter { value in
                function.values[value.index].origin != .operation && function.type(of: value).dtype == dtype
            }
            var loss: ValueID?
            for output in function.outputs where function.type(of: output.value).dtype == dtype {
                let axes = Array(function.type(of: output.value).shape.indices)
                let sum = try builder.reduce("sum", builder.mul(output.value, output.value), axes: axes)
                loss = try loss.map { try builder.add($0, sum) } ?? sum
            }
            guard let loss else { return }
            for (at, gradient) in try builder.gradients(of: loss, withRespectTo: wanted).enumerated() {
                builder.output("g\(at)", gradient)
            }
        } catch {
            builder = before
        }
    }

    /// Makes outputs of values that nothing reads, and of one other.
    private mutating func addOutputs() {
        let counts = builder.function.useCounts()
        let producers = builder.function.producers()
        let unread = known.filter { counts[$0.id.index] == 0 && producers[$0.id.index] != nil }
        for value in random.shuffled(unread).prefix(4) {
            builder.output("y\(builder.function.outputs.count)", value.id)
        }
        if unread.isEmpty || random.chance(1, outOf: 4), let value = random.pick(known) {
            builder.output("y\(builder.function.outputs.count)", value.id)
        }
    }
}
