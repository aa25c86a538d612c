import GraphIR
import HostTensors
import KernelIR

extension KernelEmitter {
    mutating func emit(_ expression: KernelExpression) throws -> EmittedValue {
        switch expression {
        case .number(let bits, let dtype):
            return EmittedValue(name: LLVMSpelling.number(Double(bitPattern: bits), dtype), dtype: dtype, lanes: 1)
        case .local(let name):
            for scope in locals.reversed() { if let known = scope[name] { return known } }
            throw GraphError("kernel \(kernel.name): '\(name)' is not defined here")
        case .load(let buffer, let offset):
            return try emitLoad(buffer, offset)
        case .loadWhere(let buffer, let offset, let conditions):
            return try emitLoad(buffer, offset, where: conditions)
        case .bits(let value, let dtype):
            return bits(of: try emit(value), as: dtype)
        case .index(let position, let dtype):
            return try emitIndex(position, dtype)
        case .apply(let op, let operands, _) where isHeld(op, operands):
            return EmittedValue(name: "true", dtype: .bool, lanes: 1)
        case .apply(let op, let operands, let dtype):
            let values = try operands.map { try emit($0) }
            return try applyChecked(op, values, dtype)
        case .accumulator(let name, let axes):
            return try read(register: registerKey(name, axes))
        case .random(let seed, let step, let stream, let position):
            return try emitRandom(seed: emit(seed), step: emit(step), stream: stream, position)
        }
    }

    /// The same bits as an element of another type.
    private mutating func bits(of value: EmittedValue, as dtype: DType) -> EmittedValue {
        let (from, goal) = (LLVMSpelling.element(value.dtype), LLVMSpelling.element(dtype))
        var name = value.name
        if from != goal {
            let (source, result) = (LLVMSpelling.vector(from, value.lanes), LLVMSpelling.vector(goal, value.lanes))
            name = writer.value("bitcast \(source) \(name) to \(result)")
        }
        return EmittedValue(name: name, dtype: dtype, lanes: value.lanes)
    }

    /// The value of an index, a number a lane where it moves with the lanes.
    private mutating func emitIndex(_ position: IndexExpression, _ dtype: DType) throws -> EmittedValue {
        let resolved = resolve(position)
        let scattered = lanePart(of: resolved)
        let base = EmittedValue(name: index(resolved - (scattered ?? 0)), dtype: .i64, lanes: 1)
        var value = base
        if let vector, let (factor, _) = position.split(by: vector.variable), factor != 0 {
            let scale = splat(EmittedValue(name: index(resolve(factor)), dtype: .i64, lanes: 1), lanes).name
            let numbers = "<" + (0..<lanes).map { "i64 \($0)" }.joined(separator: ", ") + ">"
            let offsets = writer.value("mul <\(lanes) x i64> \(scale), \(numbers)")
            let splatted = splat(base, lanes).name
            value = EmittedValue(
                name: writer.value("add <\(lanes) x i64> \(splatted), \(offsets)"), dtype: .i64, lanes: lanes)
        }
        if let scattered {
            let offsets = EmittedValue(name: laneOffsets(scattered), dtype: .i64, lanes: lanes)
            value = apply(.add, [value, offsets], .i64)
        }
        return try applyChecked(.cast, [value], dtype)
    }

    /// Applies a scalar operation lane by lane; throws where it is not compiled for the element type.
    mutating func applyChecked(_ op: ScalarOp, _ operands: [EmittedValue], _ dtype: DType) throws -> EmittedValue {
        if op != .cast, op != .select, operands.contains(where: { $0.dtype == .f16 || $0.dtype == .bf16 }) {
            throw GraphError("kernel \(kernel.name): '\(op.rawValue)' of \(operands[0].dtype) is not an instruction")
        }
        return apply(op, operands, dtype)
    }

    mutating func apply(_ op: ScalarOp, _ given: [EmittedValue], _ dtype: DType) -> EmittedValue {
        let count = given.map(\.lanes).max() ?? 1
        let operands = given.map { splat($0, count) }
        let source = op == .select ? operands[1].dtype : operands[0].dtype
        if op == .cast { return converted(operands[0], to: dtype) }
        let names = operands.map(\.name)
        if op == .select {
            let type = LLVMSpelling.vector(LLVMSpelling.element(source), count)
            let condition = LLVMSpelling.vector("i1", count)
            return EmittedValue(
                name: writer.value("select \(condition) \(names[0]), \(type) \(names[1]), \(type) \(names[2])"),
                dtype: source, lanes: count)
        }
        var maths = LaneMaths(dtype: source, lanes: count, target: target, writer: writer.lend())
        let name: String
        if op == .div, maths.prefersSteps, given[1].lanes == 1 {
            name = maths.quotients(names[0], by: given[1].name)
        } else {
            name = source.isFloat ? maths.float(op, names) : maths.integer(op, names)
        }
        writer = maths.writer
        return EmittedValue(name: name, dtype: op.givesBool ? .bool : source, lanes: count)
    }

    /// The value as an element of another type; 16-bit floats go through f32, without a second rounding.
    private mutating func converted(_ value: EmittedValue, to dtype: DType) -> EmittedValue {
        if value.dtype == dtype { return value }
        if value.dtype == .f16 || value.dtype == .bf16 { return converted(widened(value), to: dtype) }
        guard dtype == .f16 || dtype == .bf16 else {
            return EmittedValue(name: cast(value, to: dtype), dtype: dtype, lanes: value.lanes)
        }
        if value.dtype == .f32 { return narrowed(value, to: dtype) }
        if value.dtype == .f64 { return narrowed(roundedToOdd(value), to: dtype) }
        let held = value.dtype.byteCount == 8 ? roundedForDouble(value) : value
        return converted(converted(held, to: value.dtype.byteCount <= 2 ? .f32 : .f64), to: dtype)
    }

    private mutating func cast(_ value: EmittedValue, to dtype: DType) -> String {
        let from = value.dtype
        if from == dtype { return value.name }
        let count = value.lanes
        let source = LLVMSpelling.vector(LLVMSpelling.element(from), count)
        let goal = LLVMSpelling.vector(LLVMSpelling.element(dtype), count)
        if dtype == .bool {
            let zero = LLVMSpelling.splat(
                from.isFloat ? LLVMSpelling.number(0, from) : "0", LLVMSpelling.element(from), count)
            return writer.value("\(from.isFloat ? "fcmp une" : "icmp ne") \(source) \(value.name), \(zero)")
        }
        if from.isFloat, dtype.isFloat {
            let narrows = dtype.byteCount < from.byteCount
            return writer.value("\(narrows ? "fptrunc" : "fpext") \(source) \(value.name) to \(goal)")
        }
        if from.isFloat, dtype.byteCount <= 2 { return shortened(value, to: dtype) }
        if from.isFloat {
            let kind = dtype.isSigned ? "fptosi" : "fptoui"
            let name =
                "@llvm.\(kind).sat.\(LLVMSpelling.suffix(dtype, count)).\(LLVMSpelling.suffix(from, count))"
            writer.declare("declare \(goal) \(name)(\(source))")
            return writer.value("call \(goal) \(name)(\(source) \(value.name))")
        }
        let signed = from != .bool && from.isSigned
        if dtype.isFloat { return writer.value("\(signed ? "sitofp" : "uitofp") \(source) \(value.name) to \(goal)") }
        if from != .bool, dtype.byteCount == from.byteCount { return value.name }
        if from != .bool, dtype.byteCount < from.byteCount {
            return writer.value("trunc \(source) \(value.name) to \(goal)")
        }
        return writer.value("\(signed ? "sext" : "zext") \(source) \(value.name) to \(goal)")
    }

    /// A float as an integer of 8 or 16 bits, by one of 32: what saturates directly becomes one lane after another.
    private mutating func shortened(_ value: EmittedValue, to dtype: DType) -> String {
        let (from, count) = (value.dtype, value.lanes)
        let float = LLVMSpelling.vector(LLVMSpelling.element(from), count)
        let word = LLVMSpelling.vector("i32", count)
        let truth = LLVMSpelling.vector("i1", count)
        let end = Double(1 << (8 * dtype.byteCount - (dtype.isSigned ? 1 : 0)))
        var name = value.name
        for (bound, order) in [(dtype.isSigned ? -end : 0, "ogt"), (end - 1, "olt")] {
            let bound = LLVMSpelling.splat(LLVMSpelling.number(bound, from), LLVMSpelling.element(from), count)
            let isInside = writer.value("fcmp \(order) \(float) \(name), \(bound)")
            name = writer.value("select \(truth) \(isInside), \(float) \(name), \(float) \(bound)")
        }
        var whole = writer.value("fptosi \(float) \(name) to \(word)")
        if dtype.isSigned {
            // What is not a number has become the lower bound.
            let isNumber = writer.value("fcmp ord \(float) \(value.name), \(value.name)")
            whole = writer.value("select \(truth) \(isNumber), \(word) \(whole), \(word) zeroinitializer")
        }
        return writer.value("trunc \(word) \(whole) to \(LLVMSpelling.vector(LLVMSpelling.element(dtype), count))")
    }

    /// Philox 4×32-10 of block `(i/64)·16 + i mod 16`, word `(i/16) mod 4`, as a uniform number in [0, 1).
    private mutating func emitRandom(
        seed: EmittedValue, step: EmittedValue, stream: IndexExpression, _ position: IndexExpression
    ) throws -> EmittedValue {
        let (seed, step, stream) = (seed.name, step.name, index(resolve(stream)))
        func philox(_ count: Int) -> PhiloxEmitter {
            PhiloxEmitter(lanes: count, multipliesEveryOther: target.architecture == .x86_64, writer: writer.lend())
        }
        if let (start, offset) = sharedBlocks(position) {
            let start = index(start)
            var philox = philox(lanes)
            let name = philox.uniform(start: start, offset: offset, seed: seed, step: step, stream: stream)
            writer = philox.writer
            return EmittedValue(name: name, dtype: .f32, lanes: lanes)
        }
        let position = try emitIndex(position, .i64)
        let count = position.lanes
        var philox = philox(count)
        let name = philox.uniform(position: position.name, seed: seed, step: step, stream: stream)
        writer = philox.writer
        return EmittedValue(name: name, dtype: .f32, lanes: count)
    }

    /// Where the current vector's positions are among 64 that begin at a multiple of 64, of which a round of a loop takes all: that
    /// multiple, and how far from it they begin.
    private func sharedBlocks(_ position: IndexExpression) -> (start: Dim, offset: Int)? {
        guard let vector, lanes <= 16, let (factor, _) = position.split(by: vector.variable), factor == 1
        else { return nil }
        let resolved = resolve(position)
        let offset = resolved.terms.first { $0.symbols.isEmpty }?.coefficient ?? 0
        let start = resolved - Dim(offset % 64)
        guard lanePart(of: resolved) == nil, offset >= 0, offset % lanes == 0,
            start.terms.allSatisfy({ term in
                term.coefficient % 64 == 0 || term.symbols.contains(where: multiplesOf64.contains)
            })
        else { return nil }
        return (start, offset % 64)
    }
}
