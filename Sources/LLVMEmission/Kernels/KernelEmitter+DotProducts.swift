import GraphIR
import HostTensors
import KernelIR

/// Tile registers on a processor that has none: results, registers 0 to 3, lie in memory of the task's own and pass through vector
/// registers once a product; factors, registers 4 to 7, are read where they were loaded from.
struct VectorTiles {
    /// Where a factor is: a pointer, and the bytes from row to row.
    struct Factor: Hashable {
        var pointer: String
        var stride: Int
    }

    /// A product that has not been written yet.
    struct Product {
        var element: TileElement
        var into: Int
        var left: Factor
        var right: Factor
    }

    static let results = 0..<4
    static let rows = 16
    /// Bytes of a register, and of a row.
    static let bytes = rows * rowBytes
    static let rowBytes = 64

    /// What factors were loaded, until something is stored or a loop begins.
    var factors: [Int: Factor] = [:]
    var pending: [Product] = []
    /// The functions that products call, in the order of their first use.
    var functions: [DotProductFunction] = []

    var isIdle: Bool { factors.isEmpty && pending.isEmpty }
}

extension KernelEmitter {
    private var results: String { "%tiles" }

    mutating func reserveTiles() {
        let bytes = VectorTiles.results.count * VectorTiles.bytes
        writer.effect("\(results) = alloca [\(bytes) x i8], align 64")
    }

    /// Writes what is pending before a statement that is neither a tile's nor asks for lines.
    mutating func finishProducts(before statement: KernelStatement) {
        switch statement {
        case .tile, .prefetch: break
        case .define, .position, .loop, .set, .reduce, .store: finishProducts()
        }
    }

    /// Writes what is pending; what was loaded before is no longer known.
    mutating func finishProducts() {
        multiplyPending()
        vectorTiles.factors = [:]
    }

    mutating func emitInVectors(_ operation: TileOperation) throws {
        switch operation {
        case .clear(let register):
            multiplyPending()
            let pointers = try rowPointers(register)
            for row in pointers { writer.effect("store <16 x i32> zeroinitializer, ptr \(row), align 64") }
        case .load(let register, let buffer, let index, let stride) where VectorTiles.results.contains(register):
            multiplyPending()
            try copy(from: memoryRows(buffer, index, stride), 1, to: rowPointers(register), VectorTiles.rowBytes)
        case .load(let register, let buffer, let index, let stride):
            // A product that is still to be made keeps the pointer it has.
            storeColumns(of: buffer)
            vectorTiles.factors[register] = VectorTiles.Factor(
                pointer: address(buffer, resolve(index)), stride: stride * kernel.buffers[buffer].stored.byteCount)
        case .store(let register, let buffer, let index, let stride):
            multiplyPending()
            try copy(from: rowPointers(register), VectorTiles.rowBytes, to: memoryRows(buffer, index, stride), 1)
            vectorTiles.factors = [:]
            forgetLoads(of: buffer)
        case .multiply(let element, let into, let left, let right):
            guard let first = vectorTiles.factors[left], let second = vectorTiles.factors[right] else {
                throw GraphError("kernel \(kernel.name): a factor of a tile product was not loaded just before it")
            }
            _ = try rowPointers(into)
            if vectorTiles.pending.contains(where: { $0.into == into || $0.element != element }) { multiplyPending() }
            vectorTiles.pending.append(
                VectorTiles.Product(element: element, into: into, left: first, right: second))
            if vectorTiles.pending.count == VectorTiles.results.count { multiplyPending() }
        }
    }

    /// Calls the functions of the products that are pending: one for four that are two rows of blocks by two columns.
    private mutating func multiplyPending() {
        let pending = vectorTiles.pending
        vectorTiles.pending = []
        let byResult = pending.sorted { $0.into < $1.into }
        let (left, right) = (byResult.map(\.left), byResult.map(\.right))
        if byResult.map(\.into) == Array(VectorTiles.results), left[0] == left[1], left[2] == left[3],
            right[0] == right[2], right[1] == right[3], left[0].stride == left[2].stride,
            right[0].stride == right[1].stride
        {
            call(byResult[0].element, sums: results, left: [left[0], left[2]], right: [right[0], right[1]])
            return
        }
        for product in pending {
            let sums = pointer(results, product.into * VectorTiles.bytes)
            call(product.element, sums: sums, left: [product.left], right: [product.right])
        }
    }

    private mutating func call(
        _ element: TileElement, sums: String, left: [VectorTiles.Factor], right: [VectorTiles.Factor]
    ) {
        let function = DotProductFunction(
            element: element, blocks: left.count, leftStride: left[0].stride, rightStride: right[0].stride)
        if !vectorTiles.functions.contains(function) { vectorTiles.functions.append(function) }
        writer.declare(function.intrinsicDeclaration)
        let arguments = ([sums] + left.map(\.pointer) + right.map(\.pointer)).map { "ptr \($0)" }
        writer.effect("call void @\(symbol)\(function.suffix)(\(arguments.joined(separator: ", ")))")
    }

    private mutating func pointer(_ base: String, _ bytes: Int) -> String {
        writer.value("getelementptr i8, ptr \(base), i64 \(bytes)")
    }

    private mutating func rowPointers(_ register: Int) throws -> [String] {
        guard VectorTiles.results.contains(register) else {
            throw GraphError("kernel \(kernel.name): tile register \(register) holds factors, no results")
        }
        return (0..<VectorTiles.rows).map {
            pointer(results, register * VectorTiles.bytes + $0 * VectorTiles.rowBytes)
        }
    }

    private mutating func memoryRows(_ buffer: Int, _ index: IndexExpression, _ stride: Int) -> [String] {
        storeColumns(of: buffer)
        let first = address(buffer, resolve(index))
        let bytes = stride * kernel.buffers[buffer].stored.byteCount
        return (0..<VectorTiles.rows).map { pointer(first, $0 * bytes) }
    }

    private mutating func copy(
        from sources: [String], _ sourceAlignment: Int, to goals: [String], _ goalAlignment: Int
    ) {
        let rows = sources.map { writer.impure("load <16 x i32>, ptr \($0), align \(sourceAlignment)") }
        for (row, goal) in zip(rows, goals) {
            writer.effect("store <16 x i32> \(row), ptr \(goal), align \(goalAlignment)")
        }
    }
}

/// A function that adds products of tiles to results in memory, by dot products of the words of a row with those of a column.
///
/// Eight rows by one or two vectors of results stay in registers while the words pass by. Where integers are multiplied, the
/// instruction takes a factor without a sign: left ones are raised by 128, and 128 times the sum of each column is taken from the
/// results before.
struct DotProductFunction: Hashable {
    var element: TileElement
    /// Blocks of rows, and as many of columns: 2 or 1.
    var blocks: Int
    var leftStride: Int
    var rightStride: Int

    private static let rowsInRegisters = 8
    private static let unrolling = 4
    private static let signBits = Int(Int32(bitPattern: 0x8080_8080))

    var suffix: String { ".products.\(element).\(blocks).\(leftStride).\(rightStride)" }

    private var intrinsic: String {
        element == .i8 ? "@llvm.x86.avx512.vpdpbusd.512" : "@llvm.x86.avx512bf16.dpbf16ps.512"
    }
    private var sumType: String { element == .i8 ? "<16 x i32>" : "<16 x float>" }
    private var factorType: String { element == .i8 ? "<16 x i32>" : "<32 x bfloat>" }
    var intrinsicDeclaration: String { "declare \(sumType) \(intrinsic)(\(sumType), \(factorType), \(factorType))" }

    /// The function's text, for a kernel of this symbol.
    func text(symbol: String) -> String {
        var writer = IRWriter()
        let columns = Array(0..<blocks)
        let parameters = ["%sums"] + columns.map { "%left\($0)" } + columns.map { "%right\($0)" }
        let offsets = element == .i8 ? biases(columns, &writer) : []
        let groups = blocks * VectorTiles.rows / Self.rowsInRegisters
        loop(&writer, "group", count: groups, step: 1, carried: []) { writer, group, _ in
            let isFirst = writer.value("icmp ult i64 \(group), \(groups / blocks)")
            let tile = blocks == 2 ? writer.value("select i1 \(isFirst), ptr %left0, ptr %left1") : "%left0"
            let half = writer.value("and i64 \(group), 1")
            let rowBytes = writer.value("mul i64 \(half), \(Self.rowsInRegisters * leftStride)")
            let left = writer.value("getelementptr i8, ptr \(tile), i64 \(rowBytes)")
            // Two results of a block of rows lie behind each other.
            let block = writer.value("lshr i64 \(group), 1")
            let blockBytes = writer.value("mul i64 \(block), \(blocks * VectorTiles.bytes)")
            let halfBytes = writer.value("mul i64 \(half), \(Self.rowsInRegisters * VectorTiles.rowBytes)")
            let place = writer.value("add i64 \(blockBytes), \(halfBytes)")
            let sums = writer.value("getelementptr i8, ptr %sums, i64 \(place)")
            let cells = (0..<Self.rowsInRegisters).flatMap { row in
                columns.map { column in
                    writer.value(
                        "getelementptr i8, ptr \(sums), i64 \(row * VectorTiles.rowBytes + column * VectorTiles.bytes)")
                }
            }
            var before = cells.map { writer.impure("load \(sumType), ptr \($0), align 64") }
            if !offsets.isEmpty {
                before = before.enumerated().map { at, sum in
                    writer.value("sub \(sumType) \(sum), \(offsets[at % blocks])")
                }
            }
            let after = loop(
                &writer, "word", count: VectorTiles.rows, step: Self.unrolling, carried: before
            ) { writer, word, carried in
                (0..<Self.unrolling).reduce(carried) { sums, at in
                    let rights = columns.map { self.right($0, word, at, &writer) }
                    return (0..<Self.rowsInRegisters).flatMap { row in
                        let factor = self.left(left, row, word, at, &writer)
                        return columns.map { column in
                            multiply(sums[row * blocks + column], factor, rights[column], &writer)
                        }
                    }
                }
            }
            for (cell, sum) in zip(cells, after) { writer.effect("store \(sumType) \(sum), ptr \(cell), align 64") }
            return []
        }
        writer.effect("ret void")
        return "define internal void @\(symbol)\(suffix)(\(parameters.map { "ptr \($0)" }.joined(separator: ", "))) "
            + "noinline #0 {\nentry:\n" + writer.lines.joined(separator: "\n") + "\n}\n"
    }

    /// 128 times the sum of each column.
    private func biases(_ columns: [Int], _ writer: inout IRWriter) -> [String] {
        let signs = LLVMSpelling.splat(String(Self.signBits), "i32", 16)
        return loop(
            &writer, "bias", count: VectorTiles.rows, step: 1, carried: columns.map { _ in "zeroinitializer" }
        ) { writer, word, sums in
            columns.map { multiply(sums[$0], signs, right($0, word, 0, &writer), &writer) }
        }
    }

    private func multiply(_ sum: String, _ left: String, _ right: String, _ writer: inout IRWriter) -> String {
        writer.value("call \(sumType) \(intrinsic)(\(sumType) \(sum), \(factorType) \(left), \(factorType) \(right))")
    }

    /// The words of a column block at a place of the depth.
    private func right(_ column: Int, _ word: String, _ at: Int, _ writer: inout IRWriter) -> String {
        let bytes = writer.value("mul i64 \(word), \(rightStride)")
        let row = writer.value("getelementptr i8, ptr %right\(column), i64 \(bytes)")
        let place = writer.value("getelementptr i8, ptr \(row), i64 \(at * rightStride)")
        return writer.impure("load \(factorType), ptr \(place), align 4")
    }

    /// A word of a row, in all lanes.
    private func left(_ first: String, _ row: Int, _ word: String, _ at: Int, _ writer: inout IRWriter) -> String {
        let start = writer.value("getelementptr i32, ptr \(first), i64 \(word)")
        let place = writer.value("getelementptr i8, ptr \(start), i64 \(row * leftStride + at * 4)")
        let loaded = writer.impure("load i32, ptr \(place), align 4")
        guard element == .i8 else {
            let words = writer.splat(loaded, "i32", 16)
            return writer.value("bitcast <16 x i32> \(words) to \(factorType)")
        }
        return writer.splat(writer.value("xor i32 \(loaded), \(Self.signBits)"), "i32", 16)
    }

    /// A loop over the multiples of `step` below `count`, which carries values of the sums' type; gives what they are at its end.
    @discardableResult private func loop(
        _ writer: inout IRWriter, _ name: String, count: Int, step: Int, carried: [String],
        _ body: (inout IRWriter, _ at: String, _ carried: [String]) -> [String]
    ) -> [String] {
        let (entry, head) = (writer.block, writer.freshLabel(name))
        writer.effect("br label %\(head)")
        writer.begin(block: head)
        writer.pushScope()
        let at = writer.freshName("at")
        let phis = carried.map { _ in writer.freshName("sum") }
        let lines = ([at] + phis).map { _ in writer.reserveLine() }
        let results = body(&writer, at, phis)
        let next = writer.value("add i64 \(at), \(step)")
        let tail = writer.block
        writer.fill(lines[0], "  \(at) = phi i64 [ 0, %\(entry) ], [ \(next), %\(tail) ]")
        for (index, phi) in phis.enumerated() {
            writer.fill(
                lines[index + 1],
                "  \(phi) = phi \(sumType) [ \(carried[index]), %\(entry) ], [ \(results[index]), %\(tail) ]")
        }
        let isDone = writer.value("icmp eq i64 \(next), \(count)")
        let exit = writer.freshLabel(name + "End")
        writer.effect("br i1 \(isDone), label %\(exit), label %\(head)")
        writer.popScope()
        writer.begin(block: exit)
        return results
    }
}
