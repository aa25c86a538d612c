import CustomCode
import GraphIR
import HostTensors

/// Memory that a kernel is given for one of its buffers.
public struct KernelStretch {
    /// The memory.
    public let bytes: UnsafeMutableRawBufferPointer
    /// The elements of the buffer that are there; nil for all.
    public let elements: Range<Int>?

    /// Gives memory for the whole buffer, or for some of its elements only.
    public init(_ bytes: UnsafeMutableRawBufferPointer, elements: Range<Int>? = nil) {
        self.bytes = bytes
        self.elements = elements
    }
}

/// Runs a kernel as it is written, one iteration after another: the meaning that machine code is checked against.
///
/// Every loop counts from 0. A tile loop takes 0, step, 2·step …, and loops over its tile cover min(step, what is left).
/// `reduce` takes values in the order of the loops. `select` computes only the operand it chooses.
public struct KernelInterpreter: Sendable {
    /// The kernel.
    public let kernel: Kernel
    /// The sizes of the dimensions, and the numbers that the kernel is given.
    public let dims: [String: Int]

    /// Prepares a kernel for given sizes and numbers; throws `GraphError` when the kernel breaks a rule, a dimension has no size,
    /// or the numbers are not those that the kernel declares.
    public init(_ kernel: Kernel, dims: [String: Int] = [:], numbers: [Int] = []) throws {
        try kernel.checked(dims: dims.sorted { $0.key < $1.key }.map { DimSymbol($0.key, range: $0.value...$0.value) })
        guard numbers.count == kernel.numbers.count, zip(kernel.numbers, numbers).allSatisfy({ $0.range ~= $1 }) else {
            throw GraphError("kernel @\(kernel.name) takes \(kernel.numbers.count) numbers, got \(numbers)")
        }
        self.kernel = kernel
        self.dims = dims.merging(zip(kernel.numbers.map(\.name), numbers)) { _, number in number }
    }

    /// Runs the kernel on the buffers it is given, in order; gives them as the kernel leaves them, with their shapes.
    ///
    /// Throws `GraphError` when a tensor does not fit its buffer or an index leaves a buffer.
    public func run(_ buffers: [HostTensor]) throws -> [HostTensor] {
        let parameters = kernel.parameters
        guard buffers.count == parameters.count else {
            throw GraphError("kernel @\(kernel.name) takes \(parameters.count) buffers, got \(buffers.count)")
        }
        for (declared, given) in zip(parameters, buffers) {
            let count = try declared.count.value(dims)
            guard given.dtype == declared.stored, given.count == count else {
                throw GraphError(
                    "buffer '%\(declared.name)' of kernel @\(kernel.name) holds \(count) \(declared.stored) elements, "
                        + "got \(given.count) of \(given.dtype)")
            }
        }
        let memory = buffers.map { given in
            let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: given.byteCount, alignment: 16)
            given.withUnsafeBytes { bytes.copyMemory(from: $0) }
            return bytes
        }
        defer { for buffer in memory { buffer.deallocate() } }
        try run(on: memory)
        return zip(buffers, memory).map { given, after in
            var result = HostTensor(zeros: given.shape, dtype: given.dtype)
            result.withUnsafeMutableBytes { $0.copyMemory(from: UnsafeRawBufferPointer(after)) }
            return result
        }
    }

    /// Runs the kernel on memory, one stretch a buffer in order; stretches may be the same memory.
    ///
    /// Throws `GraphError` when a stretch is too short for its buffer or an index leaves a buffer.
    public func run(on memory: [UnsafeMutableRawBufferPointer]) throws {
        try run(on: memory.map { KernelStretch($0) }, iterations: nil)
    }

    /// Runs some iterations of the kernel's parallel loop, or all for nil.
    ///
    /// Throws `GraphError` when there is no such loop, a stretch is too short for its buffer or an index leaves a stretch.
    public func run(on memory: [KernelStretch], iterations: Range<Int>?) throws {
        let parameters = kernel.parameters
        guard memory.count == parameters.count else {
            throw GraphError("kernel @\(kernel.name) takes \(parameters.count) buffers, got \(memory.count)")
        }
        var owned: [UnsafeMutableRawBufferPointer] = []
        defer { for bytes in owned { bytes.deallocate() } }
        var given = memory.makeIterator()
        let views = try kernel.buffers.map { declared in
            let count = try declared.count.value(dims)
            if declared.access == .local {
                owned.append(.allocate(byteCount: max(1, count * declared.stored.byteCount), alignment: 64))
                _ = owned[owned.count - 1].initializeMemory(as: UInt8.self, repeating: 0xFF)
            }
            let stretch = declared.access == .local ? KernelStretch(owned[owned.count - 1]) : given.next()!
            let elements = stretch.elements ?? 0..<count
            guard stretch.bytes.count >= elements.count * declared.stored.byteCount else {
                throw GraphError(
                    "buffer '%\(declared.name)' of kernel @\(kernel.name) has \(elements.count * declared.stored.byteCount) "
                        + "bytes, got \(stretch.bytes.count)")
            }
            return KernelMemory(
                buffer: declared, elements: elements, bytes: stretch.bytes)
        }
        if let call = kernel.call { return try run(call, on: views, rows: iterations) }
        var machine = KernelMachine(kernel: kernel, dims: dims, memory: views)
        do {
            if let iterations {
                guard let loop = kernel.parallelStatement else { throw GraphError("no loop is divided") }
                return try machine.run(loop, iterations)
            }
            for statement in kernel.body { try machine.run(statement) }
        } catch let error as GraphError {
            throw error.at("kernel @\(kernel.name)")
        }
    }
}

extension KernelInterpreter {
    /// Calls the user's code for some rows of its results, or all for nil.
    private func run(_ call: CustomCall, on memory: [KernelMemory], rows: Range<Int>?) throws {
        func tensors(_ tensors: [CustomCall.Tensor]) throws -> [RawTensor] {
            try tensors.map { tensor in
                let buffer = kernel.buffers[tensor.buffer]
                guard let data = memory[tensor.buffer].bytes.baseAddress else {
                    throw GraphError("buffer '%\(buffer.name)' is empty", place: "kernel @\(kernel.name)")
                }
                return RawTensor(data: data, shape: try tensor.shape.map { try $0.value(dims) }, dtype: buffer.dtype)
            }
        }
        try call.code.run(
            on: tensors(call.operands), results: tensors(call.results), rows: rows ?? 0..<call.rows.value(dims))
    }
}

/// The state of one run: loop variables, registers, locals and memory.
struct KernelMachine {
    let kernel: Kernel
    /// Sizes of dimensions and values of loop variables.
    private var variables: [String: Int]
    /// The size of the block each tile loop is at.
    private var blocks: [String: Int] = [:]
    private var registers: [String: [[Int]: KernelValue]] = [:]
    private var locals: [String: KernelValue] = [:]
    private var tiles: TileRegisters
    private let memory: [KernelMemory]

    init(kernel: Kernel, dims: [String: Int], memory: [KernelMemory]) {
        self.kernel = kernel
        self.variables = dims
        self.memory = memory
        tiles = TileRegisters(of: kernel)
    }

    mutating func run(_ statement: KernelStatement) throws {
        switch statement {
        case .loop(let loop): try run(loop)
        case .define(let name, let value): locals[name] = try evaluate(value)
        case .set(let name, let axes, let value):
            let number = try evaluate(value)
            registers[name, default: [:]][key(axes)] = number
        case .reduce(let name, let axes, let kind, let value):
            let number = try evaluate(value)
            let key = key(axes)
            let before = try register(name, key)
            registers[name, default: [:]][key] = try kind.scalarOp.evaluate([before, number], to: number.dtype)
        case .store(let buffer, let index, let value):
            try memory[buffer].store(try evaluate(value), at: try index.value(variables))
        case .tile(.clear(let register)): tiles.clear(register)
        case .tile(.load(let register, let buffer, let index, let stride)):
            try tiles.load(register, from: memory[buffer], at: try index.value(variables), stride: stride)
        case .tile(.store(let register, let buffer, let index, let stride)):
            try tiles.store(register, to: memory[buffer], at: try index.value(variables), stride: stride)
        case .tile(.multiply(.bf16, let into, let left, let right)):
            tiles.multiply(into: into, left: left, right: right)
        case .tile(.multiply(.i8, let into, let left, let right)):
            tiles.multiplyBytes(into: into, left: left, right: right)
        case .prefetch: break
        case .position(let name, let extent, let value):
            let wanted = Int(Int64(bitPattern: try evaluate(value).kernelBits))
            variables[name] = max(0, min(wanted, try extent.value(variables) - 1))
        }
    }

    private mutating func run(_ loop: KernelLoop) throws {
        let count =
            switch loop.extent {
            case .count(let count): try count.value(variables)
            case .tile(let tile): blocks[tile] ?? 0
            }
        try run(loop, 0..<count)
    }

    /// The values of a loop's variable that its window holds.
    private func isRun(_ loop: KernelLoop, _ value: Int, step: Int) throws -> Bool {
        guard let window = loop.window else { return true }
        guard try value + step > window.from.value(variables) else { return false }
        return try window.below.map { try value < $0.value(variables) } ?? true
    }

    mutating func run(_ loop: KernelLoop, _ iterations: Range<Int>) throws {
        var step = 1
        if case .tile(let tileStep) = loop.kind { step = tileStep }
        for value in stride(from: iterations.lowerBound, to: iterations.upperBound, by: step)
        where try isRun(loop, value, step: step) {
            variables[loop.variable] = value
            blocks[loop.variable] = min(step, iterations.upperBound - value)
            for statement in loop.body { try run(statement) }
        }
        variables[loop.variable] = nil
    }

    private func key(_ axes: [String]) -> [Int] { axes.map { variables[$0] ?? 0 } }

    private func register(_ name: String, _ key: [Int]) throws -> KernelValue {
        guard let value = registers[name]?[key] else {
            throw GraphError("register \(name)\(key) is read before it is set")
        }
        return value
    }

    private mutating func evaluate(_ expression: KernelExpression) throws -> KernelValue {
        switch expression {
        case .number(let bits, let dtype): return .kernelConstant(Double(bitPattern: bits), dtype)
        case .local(let name):
            guard let value = locals[name] else { throw GraphError("'\(name)' is read before it is defined") }
            return value
        case .load(let buffer, let index): return try memory[buffer].load(try index.value(variables))
        case .loadWhere(let buffer, let index, let conditions):
            for condition in conditions
            where try condition.index.value(variables) >= condition.limit.value(variables) {
                return .kernelConstant(0, kernel.buffers[buffer].dtype)
            }
            return try memory[buffer].load(try index.value(variables))
        case .bits(let value, let dtype): return try evaluate(value).reinterpreted(as: dtype)
        case .index(let index, let dtype): return .kernelInteger(try index.value(variables), dtype)
        case .apply(.select, let operands, _):
            return try evaluate(operands[0]).isTrue ? evaluate(operands[1]) : evaluate(operands[2])
        case .apply(let op, let operands, let dtype):
            var values: [KernelValue] = []
            for operand in operands { values.append(try evaluate(operand)) }
            return try op.evaluate(values, to: dtype)
        case .accumulator(let name, let axes): return try register(name, key(axes))
        case .random(let seed, let step, let stream, let index):
            let (seed, step) = (try evaluate(seed).kernelBits, try evaluate(step).kernelBits)
            let stream = try stream.value(variables)
            return HostTensor(scalar: uniform(seed, step, stream, try index.value(variables)))
        }
    }

    /// Number `index` of a random stream.
    private func uniform(_ seed: UInt64, _ step: UInt64, _ stream: Int, _ index: Int) -> Float {
        let block = UInt64(index / 64 * 16 + index % 16)
        let words = Philox4x32(seed: seed).block(
            counter: (
                UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32),
                UInt32(truncatingIfNeeded: step), UInt32(truncatingIfNeeded: stream)
            ))
        let word = [words.0, words.1, words.2, words.3][index / 16 % 4]
        return Float(word >> 8) * 0x1p-24
    }
}

extension ReductionKind {
    /// The scalar operation that takes in one value.
    public var scalarOp: ScalarOp {
        switch self {
        case .sum: .add
        case .prod: .mul
        case .max: .max
        case .min: .min
        case .and: .and
        case .or: .or
        }
    }
}
