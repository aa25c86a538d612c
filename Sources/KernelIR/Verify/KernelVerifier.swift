import GraphIR
import HostTensors

/// Walks a kernel in the order of its text and collects what is wrong with it.
struct KernelVerifier {
    let kernel: Kernel
    let ranges: [String: ClosedRange<Int>]
    var result = KernelVerification()
    /// The loops around the current statement, outermost first.
    var enclosing: [KernelLoop] = []
    /// The number of axes of every accumulator that has been set.
    var axisCounts: [String: Int] = [:]
    /// The positions known here with their extents, in the order of the text.
    var positions: [(name: String, extent: Dim)] = []
    private var locals: [[String: DType]] = [[:]]
    private var seenUnproved: Set<UnprovedAccess> = []

    init(kernel: Kernel, dims: [DimSymbol]) {
        self.kernel = kernel
        let numbers = kernel.numbers.map { ($0.name, $0.range) }
        self.ranges = Dictionary(dims.map { ($0.name, $0.range) } + numbers) { first, _ in first }
    }

    mutating func report(_ message: String, remedy: String? = nil) {
        let loop = enclosing.last.map { ", loop '\($0.variable)'" } ?? ""
        result.problems.append(GraphError(message, place: "kernel @\(kernel.name)\(loop)", remedy: remedy))
    }

    mutating func checkKernel() {
        checkNames()
        if let call = kernel.call { return check(call) }
        checkParallel()
        for statement in kernel.body { check(statement) }
    }

    private mutating func checkNames() {
        var seen: Set<String> = []
        for buffer in kernel.buffers {
            if !seen.insert(buffer.name).inserted { report("buffer '%\(buffer.name)' is declared twice") }
            if buffer.stored != buffer.dtype, (buffer.dtype, buffer.stored) != (.f32, .bf16) {
                report("buffer '%\(buffer.name)' holds \(buffer.dtype) as \(buffer.stored); f32 may be held as bf16")
            }
            if buffer.access == .local, buffer.count.constant == nil {
                report("local buffer '%\(buffer.name)' must have a constant count, got \(buffer.count)")
            }
            for symbol in buffer.count.symbols where ranges[symbol] == nil {
                report("the count of buffer '%\(buffer.name)' uses '\(symbol)', which is not a dimension")
            }
        }
        if !(1...TileOperation.mostRows).contains(kernel.tileRows) {
            report("tile registers have 1 to \(TileOperation.mostRows) rows, got \(kernel.tileRows)")
        }
        seen = []
        for number in kernel.numbers where !seen.insert(number.name).inserted {
            report("number '\(number.name)' is declared twice")
        }
        seen = []
        for accumulator in kernel.accumulators where !seen.insert(accumulator.name).inserted {
            report("accumulator '\(accumulator.name)' is declared twice")
        }
    }

    private mutating func check(_ call: CustomCall) {
        if !kernel.body.isEmpty { report("a kernel that calls code has no steps of its own") }
        if let parallel = kernel.parallel, parallel.extent != call.rows {
            report("threads share \(parallel.extent) rows of results that have \(call.rows)")
        }
        for (tensors, isStore) in [(call.operands, false), (call.results, true)] {
            for tensor in tensors {
                guard let buffer = checkBuffer(tensor.buffer, isStore: isStore) else { continue }
                let count = Dim.product(tensor.shape)
                if count != buffer.count || buffer.stored != buffer.dtype {
                    report(
                        "code is given \(count) elements of buffer '%\(buffer.name)', which holds \(buffer.count) as \(buffer.stored)"
                    )
                }
            }
        }
    }

    private mutating func checkParallel() {
        guard let parallel = kernel.parallel else { return }
        guard let loop = kernel.parallelStatement else {
            report(
                "the parallel loop over '\(parallel.variable)' must be the only outermost statement, over 0..<\(parallel.extent)"
            )
            return
        }
        var step = 1
        switch loop.kind {
        case .tile(let tileStep): step = tileStep
        case .serial, .vector: break
        case .unroll: report("the parallel loop '\(loop.variable)' must not be unrolled")
        }
        if parallel.chunk < 1 || step > 0 && parallel.chunk % step != 0 {
            report("the chunk \(parallel.chunk) of loop '\(loop.variable)' must be a multiple of its step \(step)")
        }
    }

    private mutating func check(_ statement: KernelStatement) {
        switch statement {
        case .loop(let loop): check(loop)
        case .define(let name, let value):
            if let dtype = check(value) { locals[locals.count - 1][name] = dtype }
        case .set(let name, let axes, let value):
            let dtype = check(value)
            guard let declared = checkRegister(name, axes) else { return }
            expect(dtype, declared, "accumulator '\(name)'")
            axisCounts[name] = axes.count
        case .reduce(let name, let axes, let kind, let value):
            let dtype = check(value)
            guard let declared = checkRegister(name, axes) else { return }
            expect(dtype, declared, "accumulator '\(name)'")
            if axisCounts[name] == nil { report("accumulator '\(name)' is reduced into before it is set") }
            if kind == .and || kind == .or, declared.isFloat {
                report("'\(kind.rawValue)' has no meaning on \(declared)")
            }
        case .tile(let operation): check(operation)
        case .store(let buffer, let index, let value):
            let dtype = check(value)
            guard let declared = checkAccess(buffer, index, isStore: true) else { return }
            expect(dtype, declared.dtype, "buffer '%\(declared.name)'")
        case .prefetch(let buffer, let index, _):
            if kernel.buffers.indices.contains(buffer) {
                _ = checkIndex(index)
            } else {
                report("there is no buffer \(buffer)")
            }
        case .position(let name, let extent, let value): checkPosition(name, extent, value)
        }
    }

    private mutating func check(_ operation: TileOperation) {
        var registers: [Int]
        switch operation {
        case .clear(let register): registers = [register]
        case .multiply(_, let into, let left, let right): registers = [into, left, right]
        case .load(let register, let buffer, let index, let stride):
            registers = [register]
            checkTile(register, buffer, index, stride: stride, isStore: false)
        case .store(let register, let buffer, let index, let stride):
            registers = [register]
            checkTile(register, buffer, index, stride: stride, isStore: true)
        }
        for register in registers where !(0..<8).contains(register) {
            report("there is no tile register \(register); they are 0 to 7")
        }
    }

    /// Checks the first and the last element of a register's rows.
    private mutating func checkTile(
        _ register: Int, _ buffer: Int, _ index: IndexExpression, stride: Int, isStore: Bool
    ) {
        guard let declared = checkAccess(buffer, index, isStore: isStore) else { return }
        let last = (kernel.rows(ofTileRegister: register) - 1) * stride + 64 / declared.stored.byteCount - 1
        _ = checkAccess(buffer, index + Dim(last), isStore: isStore)
    }

    private mutating func checkPosition(_ name: String, _ extent: Dim, _ value: KernelExpression) {
        if let dtype = check(value), dtype != .i64 {
            report("position '\(name)' must be computed as i64, got \(dtype)")
        }
        for symbol in extent.symbols where ranges[symbol] == nil {
            report("the extent of position '\(name)' uses '\(symbol)', which is not a dimension")
        }
        if extent.bounds(ranges).upperBound < 1 { report("position '\(name)' has no place to be in 0..<\(extent)") }
        let isTaken = ranges[name] != nil || enclosing.contains { $0.variable == name }
        if isTaken { report("position '\(name)' is the name of a dimension or a loop variable") }
        positions.append((name, extent))
    }

    private mutating func expect(_ found: DType?, _ declared: DType, _ target: String) {
        if let found, found != declared { report("\(target) holds \(declared), the value is \(found)") }
    }

    private mutating func check(_ loop: KernelLoop) {
        if enclosing.contains(where: { $0.variable == loop.variable }) {
            report(
                "loop variable '\(loop.variable)' is used by a loop inside its own loop",
                remedy: "give the inner loop another name")
        }
        if ranges[loop.variable] != nil { report("loop variable '\(loop.variable)' is the name of a dimension") }
        switch loop.extent {
        case .count(let count):
            for symbol in count.symbols where ranges[symbol] == nil {
                report("the range of loop '\(loop.variable)' uses '\(symbol)', which is not a dimension")
            }
            if loop.kind == .unroll, count.constant == nil {
                report("loop '\(loop.variable)' is unrolled, so its range must be constant or a tile, got 0..<\(count)")
            }
        case .tile(let tile):
            if tileStep(of: tile) == nil {
                report("loop '\(loop.variable)' covers tile '\(tile)', which is no enclosing tile loop")
            }
        }
        switch loop.kind {
        case .tile(let step) where step < 1:
            report("the step of loop '\(loop.variable)' must be at least 1, got \(step)")
        case .serial(let unroll) where unroll < 1, .vector(let unroll) where unroll < 1:
            report("the unroll count of loop '\(loop.variable)' must be at least 1, got \(unroll)")
        case .vector:
            if let outer = enclosing.first(where: \.isVector) {
                report("vector loop '\(loop.variable)' lies in vector loop '\(outer.variable)'")
            }
        case .serial, .tile, .unroll: break
        }
        if let window = loop.window { check(window, of: loop) }
        enclosing.append(loop)
        locals.append([:])
        let known = positions.count
        for statement in loop.body { check(statement) }
        positions.removeLast(positions.count - known)
        locals.removeLast()
        enclosing.removeLast()
    }

    /// A window is known before the loop begins, and the same for all lanes.
    private mutating func check(_ window: LoopWindow, of loop: KernelLoop) {
        switch loop.kind {
        case .serial, .tile: break
        case .unroll, .vector:
            report("loop '\(loop.variable)' has a part that is run, which only serial and tile loops have")
        }
        if kernel.parallel?.variable == loop.variable {
            report("the parallel loop over '\(loop.variable)' is run as a whole, by all tasks together")
        }
        for index in window.indexExpressions where checkIndex(index) {
            for outer in enclosing where outer.isVector && index.symbols.contains(outer.variable) {
                report("where loop '\(loop.variable)' is run depends on the vector loop's variable '\(outer.variable)'")
            }
        }
    }

    func tileStep(of variable: String) -> Int? {
        guard let loop = enclosing.last(where: { $0.variable == variable }), case .tile(let step) = loop.kind else {
            return nil
        }
        return step
    }

    /// The element type of a declared accumulator, after a check of its axes.
    private mutating func checkRegister(_ name: String, _ axes: [String]) -> DType? {
        guard let declared = kernel.accumulators.first(where: { $0.name == name }) else {
            report("there is no accumulator '\(name)'")
            return nil
        }
        if let known = axisCounts[name], known != axes.count {
            report("accumulator '\(name)' has \(known) axes, got \(axes.count)")
        }
        for axis in axes {
            guard let loop = enclosing.last(where: { $0.variable == axis }) else {
                report("axis '\(axis)' of accumulator '\(name)' is no enclosing loop")
                continue
            }
            let isFixed = if case .count(let count) = loop.extent { count.constant != nil } else { true }
            if !(loop.kind == .unroll || loop.isVector) || !isFixed {
                report(
                    "axis '\(axis)' of accumulator '\(name)' must be an unrolled or vector loop of constant extent or over a tile"
                )
            }
        }
        return declared.dtype
    }

    /// The buffer of an access, after a check of how it is used.
    private mutating func checkBuffer(_ number: Int, isStore: Bool) -> KernelBuffer? {
        guard kernel.buffers.indices.contains(number) else {
            report("there is no buffer number \(number); the kernel has \(kernel.buffers.count)")
            return nil
        }
        let buffer = kernel.buffers[number]
        if isStore, buffer.access == .read { report("buffer '%\(buffer.name)' is only read, but stored to") }
        if !isStore, buffer.access == .write { report("buffer '%\(buffer.name)' is only written, but loaded from") }
        return buffer
    }

    /// The buffer of an access, after a check of its index.
    private mutating func checkAccess(_ number: Int, _ index: IndexExpression, isStore: Bool) -> KernelBuffer? {
        guard let buffer = checkBuffer(number, isStore: isStore) else { return nil }
        guard checkIndex(index) else { return buffer }
        let access = UnprovedAccess(buffer: buffer.name, index: index, count: buffer.count, isStore: isStore)
        if !isProved(index, below: buffer.count), seenUnproved.insert(access).inserted {
            result.unproved.append(access)
        }
        return buffer
    }

    private mutating func checkIndex(_ index: IndexExpression) -> Bool {
        let unknown = index.symbols.filter { symbol in
            ranges[symbol] == nil && !enclosing.contains { $0.variable == symbol }
                && !positions.contains { $0.name == symbol }
        }
        for symbol in unknown { report("index \(index) uses '\(symbol)', which is no dimension and no enclosing loop") }
        for loop in enclosing where loop.isVector && index.split(by: loop.variable) == nil {
            report("index \(index) is not linear in the vector loop's variable '\(loop.variable)'")
        }
        return unknown.isEmpty
    }

    /// The element type of an expression; nil where something in it is wrong already.
    private mutating func check(_ expression: KernelExpression) -> DType? {
        switch expression {
        case .number(_, let dtype): return dtype
        case .local(let name):
            if let known = locals.reversed().lazy.compactMap({ $0[name] }).first { return known }
            report("'\(name)' is not defined here")
            return nil
        case .load(let buffer, let index): return checkAccess(buffer, index, isStore: false)?.dtype
        case .loadWhere(let buffer, let index, let conditions):
            for condition in conditions { _ = checkIndex(condition.index) }
            guard checkIndex(index) else { return nil }
            return checkBuffer(buffer, isStore: false)?.dtype
        case .bits(let value, let dtype):
            if let found = check(value), found.byteCount != dtype.byteCount {
                report("'bits' of \(dtype) needs an element of the same size, got \(found)")
            }
            return dtype
        case .index(let index, let dtype):
            _ = checkIndex(index)
            return dtype
        case .apply(let op, let operands, let dtype): return checkApply(op, operands, dtype)
        case .accumulator(let name, let axes):
            let dtype = checkRegister(name, axes)
            if dtype != nil, axisCounts[name] == nil { report("accumulator '\(name)' is read before it is set") }
            return dtype
        case .random(let seed, let step, let stream, let index):
            _ = checkIndex(stream)
            for part in [seed, step] {
                if let dtype = check(part), !dtype.isInteger {
                    report("random numbers need integer seeds and steps, got \(dtype)")
                }
            }
            _ = checkIndex(index)
            return .f32
        }
    }

    private mutating func checkApply(_ op: ScalarOp, _ operands: [KernelExpression], _ dtype: DType) -> DType? {
        let found = operands.map { check($0) }
        if operands.count != op.arity { report("'\(op.rawValue)' takes \(op.arity) operands, got \(operands.count)") }
        if op.givesBool, dtype != .bool { report("'\(op.rawValue)' gives bool, not \(dtype)") }
        if op == .select, let condition = found.first ?? nil, condition != .bool {
            report("the first operand of 'select' must be bool, got \(condition)")
        }
        let alike = (op == .select ? Array(found.dropFirst()) : found).compactMap { $0 }
        let isFixed = op != .cast && !op.givesBool
        if Set(alike + (isFixed ? [dtype] : [])).count > 1 && op != .cast {
            report(
                "'\(op.rawValue)' needs one element type, got \(alike.map(\.rawValue).joined(separator: ", "))"
                    + (isFixed ? " for \(dtype)" : ""))
        }
        return dtype
    }
}

extension KernelLoop {
    /// Whether iterations are lanes.
    var isVector: Bool { if case .vector = kind { true } else { false } }
}
