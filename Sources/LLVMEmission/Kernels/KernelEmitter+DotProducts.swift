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
    /// Bytes of a register that has all its rows, and of a row.
    static let bytes = TileOperation.mostRows * rowBytes
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

    /// Calls the functions of the products that are pending: one for those that are one or two rows of blocks by two columns.
    private mutating func multiplyPending() {
        let pending = vectorTiles.pending
        vectorTiles.pending = []
        let byResult = pending.sorted { $0.into < $1.into }
        let (left, right) = (byResult.map(\.left), byResult.map(\.right))
        let isWhole =
            [2, 4].contains(byResult.count) && byResult.map(\.into) == Array(0..<byResult.count)
            && byResult.indices.allSatisfy { left[$0] == left[$0 / 2 * 2] && right[$0] == right[$0 % 2] }
        if isWhole, left[0].stride == left[left.count - 1].stride, right[0].stride == right[1].stride {
            let rows = stride(from: 0, to: left.count, by: 2).map { left[$0] }
            call(byResult[0].element, sums: results, left: rows, right: Array(right.prefix(2)))
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
            element: element, rows: kernel.tileRows, rowBlocks: left.count, columnBlocks: right.count,
            leftStride: left[0].stride, rightStride: right[0].stride)
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
        return (0..<kernel.tileRows).map {
            pointer(results, register * VectorTiles.bytes + $0 * VectorTiles.rowBytes)
        }
    }

    private mutating func memoryRows(_ buffer: Int, _ index: IndexExpression, _ stride: Int) -> [String] {
        storeColumns(of: buffer)
        let first = address(buffer, resolve(index))
        let bytes = stride * kernel.buffers[buffer].stored.byteCount
        return (0..<kernel.tileRows).map { pointer(first, $0 * bytes) }
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
