import GraphIR
import HostTensors
import KernelIR

/// A value in a register: uniform (1 lane) or one element a lane.
struct EmittedValue {
    /// The SSA name or constant.
    var name: String
    /// The element type.
    var dtype: DType
    /// 1 for a value all lanes share.
    var lanes: Int
}

/// The lanes a vector loop is at.
struct VectorContext {
    /// The loop's variable, bound to the first lane's number.
    var variable: String
    /// The SSA name or constant of the mask; nil when every lane is in use.
    var mask: String?
    /// Which of the partial registers a reduction goes to.
    var partial: Int
    /// Whether reductions across lanes are kept in partial registers.
    var reducesLanes: Bool
}

/// What one round of a tile loop covers.
enum TileSize {
    /// That many iterations, written out or counted.
    case rows(Int)
    /// That many iterations, known at run time: an SSA name. `sizes` are all that it may be; none where that is not known.
    case counted(String, sizes: [Int])
    /// Vectors, each under a mask or whole.
    case vectors(masks: [String?])
}

/// One accumulator's register: a value, and lane-wise partial values not yet combined into it.
struct AccumulatorRegister {
    var value: EmittedValue
    var partials: [EmittedValue] = []
    var kind: ReductionKind = .sum
}

/// What is loaded: elements from an offset on, `step` apart for neighbouring lanes, under a mask.
struct LoadPlace: Hashable {
    let buffer: Int
    let offset: Dim
    let step: Dim
    let mask: String?
}

/// Turns one kernel into one LLVM function `NAME.body` and a task wrapper `NAME`.
struct KernelEmitter {
    let kernel: Kernel
    let target: Target
    /// Names of the module's dimensions, passed to every kernel, and of its own numbers.
    let dimNames: [String]
    let ranges: [String: ClosedRange<Int>]
    /// What the library's symbols begin with.
    let prefix: String
    /// The symbol the task is known by.
    let symbol: String
    /// Whether no two buffers share memory.
    let buffersAreDistinct: Bool
    let lanes: Int

    var writer = IRWriter()
    /// Loop variables as polynomials over SSA names.
    var bindings: [String: Dim] = [:]
    /// What `define` named, a scope a loop body.
    var locals: [[String: EmittedValue]] = [[:]]
    var tiles: [String: TileSize] = [:]
    var vector: VectorContext?
    var registers: [String: AccumulatorRegister] = [:]
    /// Register keys in first-set order, so that phis come out the same every time.
    var registerOrder: [String] = []
    var loads: [[LoadPlace: EmittedValue]] = [[:]]
    /// By the name of an f32 that was widened, the bf16 it was: rounding it gives that again.
    var brainFloats: [String: String] = [:]
    /// Strided stores of the unrolled loop being written, which may turn out to be the columns of a block.
    var columns: ColumnStores?
    /// Where the conditions of loads are known to hold: by how much they do at least.
    var heldConditions: Set<Dim> = []
    /// Tile registers where the processor has none.
    var vectorTiles = VectorTiles()
    /// The SSA names of positions that differ from lane to lane.
    var lanePositions: Set<String> = []
    /// The SSA names of loop variables that are multiples of 64, as the blocks of random numbers are.
    var multiplesOf64: Set<String> = []

    init(
        _ kernel: Kernel, prefix: String, symbol: String, target: Target, dimNames: [String],
        ranges: [String: ClosedRange<Int>], buffersAreDistinct: Bool
    ) {
        self.kernel = kernel
        self.prefix = prefix
        self.symbol = symbol
        self.target = target
        self.dimNames = dimNames + kernel.numbers.map(\.name)
        self.ranges = ranges.merging(kernel.numbers.map { ($0.name, $0.range) }) { _, range in range }
        self.buffersAreDistinct = buffersAreDistinct
        lanes = target.lanes(storing: kernel.buffers.filter { $0.access != .read && $0.access != .local }.map(\.dtype))
        for name in self.dimNames { bindings[name] = Dim(symbol: "%dim.\(name)") }
    }

    /// The text of the kernel's functions, and the declarations it needs.
    mutating func emit() throws -> (text: String, declarations: Set<String>) {
        for (at, buffer) in kernel.buffers.enumerated() where buffer.access == .local {
            let type = LLVMSpelling.memory(buffer.stored)
            writer.effect("%b\(at) = alloca [\(buffer.count.constant ?? 0) x \(type)], align 64")
        }
        let usesTiles = kernel.body.contains(where: \.usesTileRegisters)
        let hasRegisters = target.hasTileRegisters
        if usesTiles { hasRegisters ? configureTiles() : reserveTiles() }
        try emitStatements(kernel.body)
        if let call = kernel.call {
            emit(call, symbol: CustomSymbol.name(call.code, prefix: prefix, level: target.level))
        }
        if usesTiles, hasRegisters { releaseTiles() }
        writer.effect("ret void")
        let alias = buffersAreDistinct ? " noalias" : ""
        let parameters =
            parameterNumbers.map { "ptr\(alias) %b\($0)" } + dimNames.map { "i64 %dim.\($0)" }
            + ["i64 %begin", "i64 %end"]
        let body =
            (usesTiles && hasRegisters ? tileConfiguration : "")
            + vectorTiles.functions.map { $0.text(symbol: symbol) }.joined()
            + "; \(kernel.origin)\ndefine internal void @\(symbol).body(\(parameters.joined(separator: ", "))) #0 {\nentry:\n"
            + writer.lines.joined(separator: "\n") + "\n}\n"
        return (body + wrapper(), writer.declarations)
    }

    /// The buffers that are arguments, by their numbers.
    private var parameterNumbers: [Int] { kernel.buffers.indices.filter { kernel.buffers[$0].access != .local } }

    /// The task: takes pointers and dimensions out of the argument block and calls the body.
    private func wrapper() -> String {
        var lines: [String] = []
        var arguments: [String] = []
        for at in parameterNumbers.indices {
            lines.append("  %p\(at) = getelementptr ptr, ptr %arguments, i64 \(at)")
            lines.append("  %b\(at) = load ptr, ptr %p\(at), align 8")
            arguments.append("ptr %b\(at)")
        }
        for (at, name) in dimNames.enumerated() {
            lines.append("  %q\(at) = getelementptr i64, ptr %arguments, i64 \(parameterNumbers.count + at)")
            lines.append("  %dim.\(name) = load i64, ptr %q\(at), align 8")
            arguments.append("i64 %dim.\(name)")
        }
        arguments += ["i64 %begin", "i64 %end"]
        return """
            define hidden void @\(symbol)(ptr %arguments, i64 %begin, i64 %end) #0 {
            entry:
            \(lines.joined(separator: "\n"))
              call void @\(symbol).body(\(arguments.joined(separator: ", ")))
              ret void
            }

            """
    }

    // MARK: Statements

    mutating func emitStatements(_ statements: [KernelStatement]) throws {
        for statement in statements {
            if !vectorTiles.isIdle { finishProducts(before: statement) }
            switch statement {
            case .loop(let loop): try emit(loop)
            case .define(let name, let expression):
                locals[locals.count - 1][name] = try emit(expression)
            case .set(let name, let axes, let expression):
                let value = try emit(expression)
                let spans = axes.contains { $0 == vector?.variable }
                let key = registerKey(name, axes)
                if registers[key] == nil, !registerOrder.contains(key) { registerOrder.append(key) }
                registers[key] = AccumulatorRegister(value: spans ? splat(value, lanes) : value)
            case .reduce(let name, let axes, let kind, let expression):
                try emitReduce(name, axes, kind, expression)
            case .store(let buffer, let offset, let expression):
                try emitStore(buffer, offset, emit(expression))
            case .tile(let operation): try target.hasTileRegisters ? emit(operation) : emitInVectors(operation)
            case .prefetch(let buffer, let index, let level): emitPrefetch(buffer, index, level)
            case .position(let name, let extent, let expression):
                try emitPosition(name, extent, emit(expression))
            }
        }
        finishProducts()
    }

    /// The register an accumulator name and the current iteration of `axes` stand for.
    func registerKey(_ name: String, _ axes: [String]) -> String {
        axes.isEmpty ? name : name + "[" + axes.map { bindings[$0]?.description ?? "?" }.joined(separator: ",") + "]"
    }

    mutating func emitReduce(
        _ name: String, _ axes: [String], _ kind: ReductionKind, _ expression: KernelExpression
    ) throws {
        let key = registerKey(name, axes)
        if try emitFusedSum(key, axes, kind, expression) { return }
        var value = try emit(expression)
        guard var register = registers[key] else {
            throw GraphError("kernel \(kernel.name): accumulator '\(key)' is read before it is set")
        }
        if let vector, vector.reducesLanes, !axes.contains(vector.variable) {
            value = splat(value, lanes)
            if let mask = vector.mask {
                let neutral = splat(Self.neutral(kind, value.dtype), lanes)
                value = select(mask: mask, value, neutral)
            }
            register.kind = kind
            register.partials[vector.partial] = combine(kind, register.partials[vector.partial], value)
        } else {
            register.value = combine(kind, register.value, value)
        }
        registers[key] = register
    }

    /// Takes the product of a contraction, `multiplyAdd(a, b, 0)`, into a sum with one rounding; says whether it was one.
    private mutating func emitFusedSum(
        _ key: String, _ axes: [String], _ kind: ReductionKind, _ expression: KernelExpression
    ) throws -> Bool {
        guard kind == .sum, case .apply(.multiplyAdd, let operands, let dtype) = expression, dtype.isFloat,
            operands[2] == .constant(0, dtype), let vector, vector.reducesLanes, !axes.contains(vector.variable),
            var register = registers[key]
        else { return false }
        // Masked loads give 0 in lanes that are not in use; one operand that is uniform does not matter then.
        let factors = try operands.prefix(2).map { splat(try emit($0), lanes) }
        guard vector.mask == nil || operands.prefix(2).allSatisfy(\.isLoad) else { return false }
        register.kind = kind
        register.partials[vector.partial] = apply(.multiplyAdd, factors + [register.partials[vector.partial]], dtype)
        registers[key] = register
        return true
    }

    /// The register's value, with its partial values combined into it.
    mutating func read(register key: String) throws -> EmittedValue {
        guard var register = registers[key] else {
            throw GraphError("kernel \(kernel.name): accumulator '\(key)' is read before it is set")
        }
        guard !register.partials.isEmpty else { return register.value }
        combineLanes(of: [key] + together(with: key, register))
        register = registers[key] ?? register
        return register.value
    }

    static func neutral(_ kind: ReductionKind, _ dtype: DType) -> EmittedValue {
        let value: Double =
            switch kind {
            case .sum, .or: 0
            case .prod, .and: 1
            case .max: -.infinity
            case .min: .infinity
            }
        if !dtype.isFloat, kind == .max || kind == .min {
            return EmittedValue(name: kind == .max ? dtype.lowestText : dtype.highestText, dtype: dtype, lanes: 1)
        }
        // A sum begins at -0, the only number that changes nothing, not even the sign of a zero.
        let start = kind == .sum && dtype.isFloat ? -0.0 : value
        return EmittedValue(name: LLVMSpelling.number(start, dtype), dtype: dtype, lanes: 1)
    }

    mutating func combine(_ kind: ReductionKind, _ left: EmittedValue, _ right: EmittedValue) -> EmittedValue {
        let op: ScalarOp =
            switch kind {
            case .sum: .add
            case .prod: .mul
            case .max: .max
            case .min: .min
            case .and: .and
            case .or: .or
            }
        return apply(op, [left, right], left.dtype)
    }
}

extension KernelExpression {
    fileprivate var isLoad: Bool { if case .load = self { true } else { false } }
}

extension DType {
    var lowestText: String {
        switch self {
        case .i64: String(Int64.min)
        case .i32: String(Int32.min)
        case .i16: String(Int16.min)
        case .i8: String(Int8.min)
        case .bool: "false"
        default: "0"
        }
    }
    var highestText: String {
        switch self {
        case .i64: String(Int64.max)
        case .i32: String(Int32.max)
        case .i16: String(Int16.max)
        case .i8: String(Int8.max)
        case .u64: "-1"
        case .u32: "-1"
        case .u16: "-1"
        case .u8: "-1"
        default: "true"
        }
    }
}
