import GraphIR
import HostTensors
import KernelIR

extension KernelEmitter {
    /// The polynomial over SSA names that an index expression stands for here.
    func resolve(_ expression: IndexExpression) -> Dim {
        var sum = Dim(0)
        for term in expression.terms {
            var product = Dim(term.coefficient)
            for symbol in term.symbols { product = product * (bindings[symbol] ?? Dim(symbol: symbol)) }
            sum = sum + product
        }
        return sum
    }

    /// Writes the computation of a resolved polynomial; gives an i64 name or constant.
    mutating func index(_ expression: Dim) -> String {
        if let constant = expression.constant { return String(constant) }
        var sum: String?
        for term in expression.terms {
            var product: String?
            for symbol in term.symbols { product = product.map { writer.value("mul i64 \($0), \(symbol)") } ?? symbol }
            var value = product ?? String(term.coefficient)
            if let known = product, term.coefficient != 1 {
                value = writer.value("mul i64 \(known), \(term.coefficient)")
            }
            sum = sum.map { writer.value("add i64 \($0), \(value)") } ?? value
        }
        return sum ?? "0"
    }

    mutating func address(_ buffer: Int, _ offset: Dim) -> String {
        let type = LLVMSpelling.memory(kernel.buffers[buffer].stored)
        let fixed = offset.terms.last.flatMap { $0.symbols.isEmpty ? $0.coefficient : nil } ?? 0
        let moving = offset - Dim(fixed)
        var pointer = "%b\(buffer)"
        if moving != 0 { pointer = writer.value("getelementptr \(type), ptr \(pointer), i64 \(index(moving))") }
        if fixed != 0 { pointer = writer.value("getelementptr \(type), ptr \(pointer), i64 \(fixed)") }
        return pointer
    }

    /// The step between lanes of an offset: 0 uniform, 1 contiguous, else strided.
    private func laneStep(_ offset: IndexExpression) throws -> Dim {
        guard let vector else { return 0 }
        guard let (factor, _) = offset.split(by: vector.variable) else {
            throw GraphError("kernel \(kernel.name): index \(offset) is not linear in '\(vector.variable)'")
        }
        return resolve(factor)
    }

    /// Names a whole number, moved into `0..<extent`, as an index variable: one for all lanes, or one a lane.
    mutating func emitPosition(_ name: String, _ extent: Dim, _ given: EmittedValue) throws {
        let last = EmittedValue(name: index(resolve(extent) - 1), dtype: .i64, lanes: 1)
        let zero = EmittedValue(name: "0", dtype: .i64, lanes: 1)
        let raised = apply(.max, [given, zero], .i64)
        let value = apply(.min, [raised, last], .i64)
        bindings[name] = Dim(symbol: value.name)
        if value.lanes > 1 { lanePositions.insert(value.name) }
    }

    /// The part of a resolved offset that differs from lane to lane because of positions; nil if none does.
    func lanePart(of offset: Dim) -> Dim? {
        let terms = offset.terms.filter { $0.symbols.contains(where: lanePositions.contains) }
        return terms.isEmpty ? nil : Dim(terms: terms)
    }

    /// The offsets, one a lane, of a polynomial in positions that differ from lane to lane.
    mutating func laneOffsets(_ offset: Dim) -> String {
        let type = "<\(lanes) x i64>"
        var sum: String?
        for term in offset.terms {
            var product = splat(EmittedValue(name: String(term.coefficient), dtype: .i64, lanes: 1), lanes).name
            for symbol in term.symbols {
                let factor =
                    lanePositions.contains(symbol)
                    ? symbol : splat(EmittedValue(name: symbol, dtype: .i64, lanes: 1), lanes).name
                product = writer.value("mul \(type) \(product), \(factor)")
            }
            sum = sum.map { writer.value("add \(type) \($0), \(product)") } ?? product
        }
        return sum ?? "zeroinitializer"
    }

    /// Asks for an element; what is written, for the first cache.
    mutating func emitPrefetch(_ buffer: Int, _ offset: IndexExpression, _ level: CacheLevel) {
        let isRead = kernel.buffers[buffer].access == .read
        writer.declare("declare void @llvm.prefetch.p0(ptr, i32 immarg, i32 immarg, i32 immarg)")
        let pointer = address(buffer, resolve(offset))
        writer.effect(
            "call void @llvm.prefetch.p0(ptr \(pointer), i32 \(isRead ? 0 : 1), i32 \(isRead && level == .second ? 2 : 3), i32 1)"
        )
    }

    mutating func emitLoad(_ buffer: Int, _ offset: IndexExpression) throws -> EmittedValue {
        try emitLoad(buffer, offset, at: resolve(offset))
    }

    /// An element, or those of all lanes, from a resolved offset on.
    private mutating func emitLoad(
        _ buffer: Int, _ offset: IndexExpression, at: Dim
    ) throws -> EmittedValue {
        let dtype = kernel.buffers[buffer].stored
        let isScattered = lanePart(of: at) != nil
        let step = try laneStep(offset)
        let mask = step == 0 && !isScattered ? nil : vector?.mask
        let key = LoadPlace(buffer: buffer, offset: at, step: step, mask: mask)
        for scope in loads.reversed() { if let known = scope[key] { return known } }
        storeColumns(of: buffer)
        let memory = LLVMSpelling.memory(dtype)
        var value: String
        var count = lanes
        if isScattered {
            value = gather(lanePointers(buffer, at, step), dtype, mask)
        } else if step == 0 {
            count = 1
            value = writer.impure("load \(memory), ptr \(address(buffer, at)), align \(dtype.byteCount)")
        } else if step == 1 {
            value = loadContiguous(address(buffer, at), dtype, mask)
        } else {
            value = gather(buffer, at, step, dtype, mask)
        }
        if dtype == .bool {
            let zero = LLVMSpelling.splat("0", "i8", count)
            value = writer.impure("icmp ne \(LLVMSpelling.vector("i8", count)) \(value), \(zero)")
        }
        var result = EmittedValue(name: value, dtype: dtype, lanes: count)
        if kernel.buffers[buffer].dtype != dtype { result = widened(result) }
        loads[loads.count - 1][key] = result
        return result
    }

    /// An element where all conditions hold, else 0: a load under a mask of the lanes that are in. Where no lane is, the first elements are
    /// addressed: processors take hundreds of cycles to find that a page that is not there is not wanted.
    mutating func emitLoad(
        _ buffer: Int, _ offset: IndexExpression, where conditions: [IndexCondition]
    ) throws -> EmittedValue {
        let limits = heldConditions.isEmpty ? try conditions.compactMap { try limit(of: $0) } : []
        guard !limits.isEmpty else { return try emitLoad(buffer, offset) }
        guard let outer = vector, try laneStep(offset) != 0 else {
            throw GraphError(
                "kernel \(kernel.name): a conditional load must lie in a vector loop that its index follows")
        }
        let type = LLVMSpelling.vector("i1", lanes)
        var at = resolve(offset)
        var masks = [outer.mask].compactMap { $0 }
        for limit in limits {
            switch limit {
            case .lanes(let mask): masks.append(mask)
            case .all(let holds):
                masks.append(writer.splat(holds, "i1", lanes))
                guard lanePart(of: at) == nil else { continue }
                at = Dim(symbol: writer.value("select i1 \(holds), i64 \(index(at)), i64 0"))
            }
        }
        vector?.mask = masks.reduce(nil) { both, mask in
            both.map { writer.value("and \(type) \($0), \(mask)") } ?? mask
        }
        let value = try emitLoad(buffer, offset, at: at)
        vector?.mask = outer.mask
        return value
    }

    /// Where a condition holds: in the lanes of a mask, or in all of them or none.
    private enum LaneLimit {
        case lanes(String)
        case all(String)
    }

    /// The lanes in which a condition holds; nil when it holds in all, whatever the sizes.
    private mutating func limit(of condition: IndexCondition) throws -> LaneLimit? {
        let step = try laneStep(condition.index)
        let left = resolve(condition.limit - condition.index)
        if let left = left.constant, left >= (step == 0 ? 1 : lanes) { return nil }
        if step == 1 { return .lanes(dynamicMask(from: 0, to: left)) }
        guard step == 0 else {
            throw GraphError(
                "kernel \(kernel.name): condition on \(condition.index) must move with the lanes or not at all")
        }
        return .all(writer.value("icmp sgt i64 \(index(left)), 0"))
    }

    private mutating func loadContiguous(_ pointer: String, _ dtype: DType, _ mask: String?) -> String {
        let memory = LLVMSpelling.memory(dtype)
        let type = "<\(lanes) x \(memory)>"
        guard let mask else { return writer.impure("load \(type), ptr \(pointer), align \(dtype.byteCount)") }
        if let count = wholePart(of: mask) {
            let part = "<\(count) x \(memory)>"
            let loaded = writer.impure("load \(part), ptr \(pointer), align \(dtype.byteCount)")
            let places = (0..<lanes).map { "i32 \(min($0, count))" }.joined(separator: ", ")
            return writer.value(
                "shufflevector \(part) \(loaded), \(part) zeroinitializer, <\(lanes) x i32> <\(places)>")
        }
        let name = "@llvm.masked.load.v\(lanes)\(memoryIsFloat(dtype)).p0"
        writer.declare("declare \(type) \(name)(ptr, i32, <\(lanes) x i1>, \(type))")
        return writer.impure(
            "call \(type) \(name)(ptr \(pointer), i32 \(dtype.byteCount), <\(lanes) x i1> \(mask), \(type) zeroinitializer)"
        )
    }

    /// The lanes of a mask that are a smaller vector: a half, a quarter and so on, which is loaded and stored without a mask, and touches no
    /// lines but its own.
    private func wholePart(of mask: String) -> Int? {
        count(of: mask).flatMap { $0 > 1 && $0.nonzeroBitCount == 1 ? $0 : nil }
    }

    private func memoryIsFloat(_ dtype: DType) -> String {
        dtype.isFloat ? LLVMSpelling.suffix(dtype, 1) : LLVMSpelling.memory(dtype)
    }

    private mutating func lanePointers(_ buffer: Int, _ at: Dim, _ step: Dim) -> String {
        let memory = LLVMSpelling.memory(kernel.buffers[buffer].stored)
        let moving = lanePart(of: at)
        let base = address(buffer, at - (moving ?? 0))
        let scale = splat(EmittedValue(name: index(step), dtype: .i64, lanes: 1), lanes).name
        let numbers = "<" + (0..<lanes).map { "i64 \($0)" }.joined(separator: ", ") + ">"
        var offsets = writer.value("mul <\(lanes) x i64> \(scale), \(numbers)")
        if let moving {
            let positions = laneOffsets(moving)
            offsets = step == 0 ? positions : writer.value("add <\(lanes) x i64> \(offsets), \(positions)")
        }
        return writer.value("getelementptr \(memory), ptr \(base), <\(lanes) x i64> \(offsets)")
    }

    private mutating func gather(_ buffer: Int, _ at: Dim, _ step: Dim, _ dtype: DType, _ mask: String?) -> String {
        let memory = LLVMSpelling.memory(dtype)
        let type = "<\(lanes) x \(memory)>"
        if mask == nil, step == 2 {
            // Every other element of two vectors, of which the second one ends with the last element that is wanted.
            let vectors = [at, at + Dim(lanes - 1)].map { loadContiguous(address(buffer, $0), dtype, nil) }
            let places = (0..<lanes).map { "i32 \(2 * $0 < lanes ? 2 * $0 : 2 * $0 + 1)" }.joined(separator: ", ")
            return writer.value(
                "shufflevector \(type) \(vectors[0]), \(type) \(vectors[1]), <\(lanes) x i32> <\(places)>")
        }
        if mask == nil {
            var gathered = "poison"
            for lane in 0..<lanes {
                let pointer = address(buffer, at + step * Dim(lane))
                let element = writer.impure("load \(memory), ptr \(pointer), align \(dtype.byteCount)")
                gathered = writer.impure("insertelement \(type) \(gathered), \(memory) \(element), i64 \(lane)")
            }
            return gathered
        }
        return gather(lanePointers(buffer, at, step), dtype, mask)
    }

    /// An element from each pointer of the lanes in use.
    private mutating func gather(_ pointers: String, _ dtype: DType, _ mask: String?) -> String {
        let type = "<\(lanes) x \(LLVMSpelling.memory(dtype))>"
        let used = mask ?? LLVMSpelling.splat("true", "i1", lanes)
        let name = "@llvm.masked.gather.v\(lanes)\(memoryIsFloat(dtype)).v\(lanes)p0"
        writer.declare("declare \(type) \(name)(<\(lanes) x ptr>, i32, <\(lanes) x i1>, \(type))")
        return writer.impure(
            "call \(type) \(name)(<\(lanes) x ptr> \(pointers), i32 \(dtype.byteCount), <\(lanes) x i1> \(used), \(type) zeroinitializer)"
        )
    }

    mutating func emitStore(_ buffer: Int, _ offset: IndexExpression, _ given: EmittedValue) throws {
        let dtype = kernel.buffers[buffer].stored
        let memory = LLVMSpelling.memory(dtype)
        let step = try laneStep(offset)
        let at = resolve(offset)
        guard lanePart(of: at) == nil else {
            throw GraphError(
                "kernel \(kernel.name): lanes store to '\(kernel.buffers[buffer].name)' where data says, in no certain order"
            )
        }
        var value = given.dtype == dtype ? given : narrowed(given, to: dtype, flushesSubnormals: true)
        defer { forgetLoads(of: buffer) }
        if vector == nil || step == 0 {
            if value.lanes > 1 {
                throw GraphError(
                    "kernel \(kernel.name): a vector is stored to one element of '\(kernel.buffers[buffer].name)'")
            }
            let stored = inMemory(value)
            writer.effect("store \(memory) \(stored), ptr \(address(buffer, at)), align \(dtype.byteCount)")
            return
        }
        value = splat(value, lanes)
        let stored = inMemory(value)
        let type = "<\(lanes) x \(memory)>"
        if step == 1 {
            storeContiguous(stored, dtype, to: address(buffer, at), mask: vector?.mask)
        } else if [.write, .local].contains(kernel.buffers[buffer].access), columns?.block == writer.block,
            let rows = count(of: vector?.mask),
            columns?.take(buffer, at, step, rows: rows, most: lanes, stored) ?? false
        {
            return
        } else if let mask = vector?.mask {
            let pointers = lanePointers(buffer, at, step)
            let name = "@llvm.masked.scatter.v\(lanes)\(memoryIsFloat(dtype)).v\(lanes)p0"
            writer.declare("declare void \(name)(\(type), <\(lanes) x ptr>, i32, <\(lanes) x i1>)")
            writer.effect(
                "call void \(name)(\(type) \(stored), <\(lanes) x ptr> \(pointers), i32 \(dtype.byteCount), <\(lanes) x i1> \(mask))"
            )
        } else {
            for lane in 0..<lanes {
                let element = writer.value("extractelement \(type) \(stored), i64 \(lane)")
                let pointer = address(buffer, at + step * Dim(lane))
                writer.effect("store \(memory) \(element), ptr \(pointer), align \(dtype.byteCount)")
            }
        }
    }

    /// Stores a vector, as it is in memory, or the lanes of a mask.
    mutating func storeContiguous(_ value: String, _ dtype: DType, to pointer: String, mask: String?) {
        let type = "<\(lanes) x \(LLVMSpelling.memory(dtype))>"
        guard let mask else {
            return writer.effect("store \(type) \(value), ptr \(pointer), align \(dtype.byteCount)")
        }
        if let count = wholePart(of: mask) {
            let places = (0..<count).map { "i32 \($0)" }.joined(separator: ", ")
            let part = writer.value(
                "shufflevector \(type) \(value), \(type) poison, <\(count) x i32> <\(places)>")
            return writer.effect(
                "store <\(count) x \(LLVMSpelling.memory(dtype))> \(part), ptr \(pointer), align \(dtype.byteCount)")
        }
        let name = "@llvm.masked.store.v\(lanes)\(memoryIsFloat(dtype)).p0"
        writer.declare("declare void \(name)(\(type), ptr, i32, <\(lanes) x i1>)")
        writer.effect(
            "call void \(name)(\(type) \(value), ptr \(pointer), i32 \(dtype.byteCount), <\(lanes) x i1> \(mask))")
    }

    /// The form a value has in memory: bool becomes a byte.
    private mutating func inMemory(_ value: EmittedValue) -> String {
        guard value.dtype == .bool else { return value.name }
        let from = LLVMSpelling.vector("i1", value.lanes)
        return writer.value("zext \(from) \(value.name) to \(LLVMSpelling.vector("i8", value.lanes))")
    }

    /// The same value in every lane.
    mutating func splat(_ value: EmittedValue, _ count: Int) -> EmittedValue {
        guard value.lanes == 1, count > 1 else { return value }
        let element = LLVMSpelling.element(value.dtype)
        if !value.name.hasPrefix("%") {
            return EmittedValue(
                name: LLVMSpelling.splat(value.name, element, count), dtype: value.dtype, lanes: count)
        }
        return EmittedValue(
            name: writer.splat(value.name, element, count), dtype: value.dtype, lanes: count)
    }

    mutating func select(mask: String, _ on: EmittedValue, _ off: EmittedValue) -> EmittedValue {
        let type = LLVMSpelling.vector(LLVMSpelling.element(on.dtype), on.lanes)
        return EmittedValue(
            name: writer.value("select <\(on.lanes) x i1> \(mask), \(type) \(on.name), \(type) \(off.name)"),
            dtype: on.dtype, lanes: on.lanes)
    }
}
