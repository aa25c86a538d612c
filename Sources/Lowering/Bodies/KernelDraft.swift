import GraphIR
import HostTensors
import KernelIR

/// What a kernel's buffer stands for in its function.
enum BufferSubject: Hashable {
    /// A value of the graph.
    case value(ValueID)
    /// Working memory made by lowering, by number.
    case scratch(Int)
    /// Memory of one task, by number in the kernel.
    case local(Int)
}

/// Statements of one loop body, and the values already named in it.
struct BodyScope {
    /// The variables of the loops around it that it brings.
    var variables: Set<String>
    /// Indices that are found from data in it.
    var positions: Set<String> = []
    var statements: [KernelStatement] = []
    var known: [String: KernelExpression] = [:]
}

/// A kernel in the making: buffers in first-use order and a stack of open loop bodies.
struct KernelDraft {
    let function: GraphFunction
    /// The operation that makes each value, for the values this kernel computes itself.
    let producers: [ValueID: GraphOp]
    /// The function's constants, which are written into kernels wherever they are read.
    let constants: [ValueID: GraphOp]
    let target: Target
    let ranges: [String: ClosedRange<Int>]
    /// What masks leave out of the function's values.
    let triangles: Triangles
    /// A word for the kernel's name: what its main operation is.
    var hint = "loops"
    var origin = ""
    /// The operations whose results it gives, by their numbers in the function.
    var ops: [Int] = []

    private(set) var buffers: [KernelBuffer] = []
    private(set) var subjects: [BufferSubject] = []
    private(set) var accumulators: [Accumulator] = []
    var scopes: [BodyScope] = [BodyScope(variables: [])]
    var parallel: ParallelLoop?
    /// The user's code that it is a call of, if it is one.
    var call: CustomCall?
    /// The rows of tile registers.
    var tileRows = TileOperation.mostRows
    /// How many times a buffer, by its number, is gone through, where that is known to be more than once.
    var passes: [Int: Int] = [:]
    /// Whether an output's memory holds something else before its last phase, so that it must not be a state's.
    var keepsRows = false
    /// How its contraction is computed, where that was found by measuring.
    var schedule: ContractionSchedule?
    /// When the kernel runs, if not always: kernels for different sizes stand side by side.
    var condition: CallCondition?
    private var nextName = 0
    private let resolve: @Sendable (ValueID) -> ValueID
    /// The values that lie in memory as bf16.
    private let narrowed: Set<ValueID>

    init(
        function: GraphFunction, producers: [ValueID: GraphOp] = [:], constants: [ValueID: GraphOp] = [:],
        target: Target, ranges: [String: ClosedRange<Int>], triangles: Triangles = Triangles(),
        narrowed: Set<ValueID> = [], resolve: @escaping @Sendable (ValueID) -> ValueID
    ) {
        self.narrowed = narrowed
        self.triangles = triangles
        self.function = function
        self.producers = producers
        self.constants = constants
        self.target = target
        self.ranges = ranges
        self.resolve = resolve
    }

    var kernel: Kernel {
        var kernel = Kernel(
            name: "", buffers: buffers, accumulators: accumulators, parallel: parallel, body: scopes[0].statements,
            origin: origin)
        kernel.tileRows = tileRows
        kernel.call = call
        return kernel
    }

    // MARK: Names

    mutating func fresh(_ hint: String) -> String {
        nextName += 1
        return "\(hint)\(nextName)"
    }

    mutating func accumulator(_ hint: String, _ dtype: DType) -> String {
        let name = fresh(hint)
        accumulators.append(Accumulator(name, dtype: dtype))
        return name
    }

    // MARK: Buffers

    mutating func buffer(_ subject: BufferSubject, _ type: TensorType, _ access: BufferAccess) -> Int {
        var subject = subject
        if case .value(let value) = subject { subject = .value(resolve(value)) }
        if let known = subjects.firstIndex(of: subject) {
            if buffers[known].access != access { buffers[known].access = .readWrite }
            return known
        }
        subjects.append(subject)
        var isNarrowed = false
        if case .value(let value) = subject { isNarrowed = narrowed.contains(value) }
        buffers.append(
            KernelBuffer(
                "x\(buffers.count)", dtype: type.dtype, stored: isNarrowed ? .bf16 : nil, count: type.count,
                access: access))
        return buffers.count - 1
    }

    /// The values that had better not lie in memory as bf16: the kernel sums in their memory, or widens them again and again as
    /// factors of multiply-adds, whatever the sizes.
    var unfitNarrowed: [ValueID] {
        let factors = condition == nil ? Set(kernel.body.flatMap(\.factors)) : []
        return buffers.indices.compactMap { number in
            guard case .value(let value) = subjects[number], buffers[number].stored != buffers[number].dtype,
                buffers[number].access == .readWrite || factors.contains(number)
            else { return nil }
            return value
        }
    }

    /// Says that a buffer that is written is also read.
    mutating func readAgain(_ number: Int) {
        if buffers[number].access == .write { buffers[number].access = .readWrite }
    }

    /// Whether a value lies in memory as bf16.
    func isNarrowed(_ value: ValueID) -> Bool { narrowed.contains(resolve(value)) }

    /// Whether the kernel writes what a subject stands for.
    func writes(_ subject: BufferSubject) -> Bool {
        zip(subjects, buffers).contains { $0 == subject && ($1.access == .write || $1.access == .readWrite) }
    }

    /// A buffer of the task's own.
    mutating func local(_ type: TensorType) -> Int { buffer(.local(buffers.count), type, .local) }

    func type(_ value: ValueID) -> TensorType { function.type(of: value) }

    // MARK: Scopes

    mutating func open(_ variables: String...) { scopes.append(BodyScope(variables: Set(variables))) }

    /// Closes the innermost body and gives its statements.
    mutating func close() -> [KernelStatement] { scopes.removeLast().statements }

    mutating func append(_ statement: KernelStatement) { scopes[scopes.count - 1].statements.append(statement) }

    /// The outermost body in which all variables of the indices are known.
    private func level(of indices: [IndexExpression]) -> Int {
        let used = Set(indices.flatMap(\.symbols))
        return scopes.lastIndex { !$0.variables.isDisjoint(with: used) || !$0.positions.isDisjoint(with: used) }
            ?? scopes.lastIndex { $0.variables.isEmpty } ?? 0
    }

    // MARK: Values

    /// Says that a value (at its indices) is what an expression gives, in the innermost body.
    mutating func bind(_ value: ValueID, at indices: [IndexExpression], to expression: KernelExpression) {
        scopes[scopes.count - 1].known[key(value, indices)] = expression
    }

    private func key(_ value: ValueID, _ indices: [IndexExpression]) -> String {
        "\(value.index)@\(indices.map(\.description).joined(separator: ","))"
    }

    /// The element of a value at indices: loaded, or computed from the operations that belong to this kernel.
    mutating func element(_ value: ValueID, _ indices: [IndexExpression]) throws -> KernelExpression {
        let name = key(value, indices)
        for scope in scopes.reversed() { if let known = scope.known[name] { return known } }
        guard let op = producers[value] ?? constants[value] else { return load(value, indices) }
        let level = level(of: indices)
        let expression = try compute(op, value, indices, level: level)
        guard case .apply = expression else {
            if case .random = expression {} else { return expression }
            return define(expression, as: name, level: level)
        }
        return define(expression, as: name, level: level)
    }

    private mutating func define(_ expression: KernelExpression, as key: String, level: Int) -> KernelExpression {
        let local = named(expression, level: level)
        scopes[level].known[key] = local
        return local
    }

    /// A whole number (i64) that is computed from data, as an index of a body: moved into `0..<extent`.
    mutating func position(_ number: KernelExpression, extent: Dim, level: Int) -> IndexExpression {
        let name = fresh("p")
        scopes[level].statements.append(.position(name, extent: extent, number))
        scopes[level].positions.insert(name)
        return Dim(symbol: name)
    }

    /// Names a value in a body.
    mutating func named(_ expression: KernelExpression, level: Int) -> KernelExpression {
        let local = fresh("t")
        scopes[level].statements.append(.define(local, expression))
        return .local(local)
    }

    mutating func load(_ value: ValueID, _ indices: [IndexExpression]) -> KernelExpression {
        let number = buffer(.value(value), type(value), .read)
        return .load(number, flatten(indices, type(value).shape))
    }

    private mutating func compute(
        _ op: GraphOp, _ value: ValueID, _ indices: [IndexExpression], level: Int
    ) throws -> KernelExpression {
        let attributes = op.attributes
        switch op.name {
        case "constant":
            let tensor = attributes.tensor("value")
            if let tensor, let splat = tensor.splatValue { return .constant(splat, tensor.dtype) }
            return load(value, indices)
        case "iota": return .index(indices[attributes.int("axis")], type(value).dtype)
        case "broadcast":
            return try element(op.operands[0], attributes.ints("axes").map { indices[$0] })
        case "transpose":
            var source = indices
            for (at, axis) in attributes.ints("permutation").enumerated() { source[axis] = indices[at] }
            return try element(op.operands[0], source)
        case "slice":
            let starts = attributes.ints("starts")
            let strides = attributes.ints("strides")
            return try element(
                op.operands[0], indices.indices.map { Dim(starts[$0]) + indices[$0] * Dim(strides[$0]) })
        case "reverse":
            var source = indices
            let shape = type(value).shape
            for axis in attributes.ints("axes") { source[axis] = shape[axis] - 1 - indices[axis] }
            return try element(op.operands[0], source)
        case "gather": return try gathered(op, indices, level: level)
        case "dynamicSlice": return try dynamicallySliced(op, indices, level: level)
        case "random":
            return .random(
                seed: try element(op.operands[0], []), step: try element(op.operands[1], []),
                stream: Dim(attributes.int("stream")), index: flatten(indices, type(value).shape))
        default:
            guard case .elementwise(let scalar) = try OpTable.definition(of: op.name).scalar else {
                throw GraphError("\(op.name) cannot be part of this kernel", place: op.place?.description)
            }
            let earlier = elementwiseOrder(before: op, indices)
            if earlier.count > Self.deepestRecursion { for value in earlier { _ = try element(value, indices) } }
            let operands = try op.operands.map { try element($0, indices) }
            return .apply(try scalar(attributes), operands, type(value).dtype)
        }
    }

    /// So many operations are computed by recursion; before more, each is computed after its operands, so that no chain is too
    /// long for the stack.
    private static let deepestRecursion = 64

    /// The values of this kernel, not computed yet, that an operation is made of element by element, operands first.
    private func elementwiseOrder(before root: GraphOp, _ indices: [IndexExpression]) -> [ValueID] {
        var order: [ValueID] = []
        var seen: Set<ValueID> = []
        var left = root.operands.reversed().map { (value: $0, isReady: false) }
        while let (value, isReady) = left.popLast() {
            if isReady {
                order.append(value)
                continue
            }
            guard seen.insert(value).inserted, let op = producers[value],
                case .elementwise? = OpTable.rows[op.name]?.scalar
            else { continue }
            let name = key(value, indices)
            if scopes.contains(where: { $0.known[name] != nil }) { continue }
            left.append((value, true))
            left += op.operands.reversed().map { ($0, false) }
        }
        return order
    }
}

extension KernelStatement {
    /// The buffers whose elements are factors of multiply-adds in registers.
    fileprivate var factors: [Int] {
        switch self {
        case .loop(let loop): return loop.body.flatMap(\.factors)
        case .set(_, _, .apply(.multiplyAdd, let operands, _)):
            return operands.compactMap { operand in
                switch operand {
                case .load(let buffer, _), .loadWhere(let buffer, _, _): return buffer
                default: return nil
                }
            }
        default: return []
        }
    }
}

/// The row-major position of indices in a shape.
func flatten(_ indices: [IndexExpression], _ shape: [Dim]) -> IndexExpression {
    var position = Dim(0)
    for (index, size) in zip(indices, shape) { position = position * size + index }
    return position
}

extension HostTensor {
    /// The value all elements have, if they have one and an f64 holds it exactly.
    var splatValue: Double? {
        guard count > 0, count <= 4096 else { return nil }
        let numbers = doubles()
        if !dtype.isFloat, numbers[0].magnitude >= 0x1p53 { return nil }
        return numbers.allSatisfy { $0.bitPattern == numbers[0].bitPattern } ? numbers[0] : nil
    }
}
