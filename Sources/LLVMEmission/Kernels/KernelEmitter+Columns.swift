import GraphIR
import HostTensors
import KernelIR

/// Vectors that an unrolled loop stores with a stride between lanes. As many as there are lanes, one element apart, are the columns
/// of a square block: transposed in registers, they are stored as rows. Where masks are cheap, a few columns may be missing.
struct ColumnStores {
    /// Columns of one block, so far.
    struct Block {
        var buffer: Int
        var start: Dim
        var step: Dim
        /// The lanes in use, the first so many.
        var rows: Int
        var vectors: [String]
    }

    /// The block of code that the loop begins in: what is named in it can be used at the loop's end.
    let block: String
    private(set) var blocks: [Block] = []

    /// Gives back the stores to a buffer.
    mutating func drop(_ buffer: Int) -> [Block] {
        let dropped = blocks.filter { $0.buffer == buffer }
        if !dropped.isEmpty { blocks.removeAll { $0.buffer == buffer } }
        return dropped
    }

    /// Takes a store over, to be written when the loop ends, in a block of at most so many columns; false where it does not fit one.
    mutating func take(_ buffer: Int, _ at: Dim, _ step: Dim, rows: Int, most: Int, _ vector: String) -> Bool {
        guard step.constant != nil else { return false }
        if let found = blocks.firstIndex(where: {
            $0.buffer == buffer && $0.step == step && $0.rows == rows && $0.vectors.count < most
                && $0.start + Dim($0.vectors.count) == at
        }) {
            blocks[found].vectors.append(vector)
        } else {
            blocks.append(Block(buffer: buffer, start: at, step: step, rows: rows, vectors: [vector]))
        }
        return true
    }
}

extension KernelEmitter {
    /// Runs the body of an unrolled loop; strided stores of vectors to buffers that are only written, or a task's own, are held
    /// back and written at its end.
    mutating func gatheringColumns(_ body: (inout Self) throws -> Void) throws {
        guard columns == nil else { return try body(&self) }
        columns = ColumnStores(block: writer.block)
        try body(&self)
        let blocks = columns?.blocks ?? []
        columns = nil
        for block in blocks { store(block) }
    }

    /// Writes what is held back for a buffer that is about to be read.
    mutating func storeColumns(of buffer: Int) {
        for block in columns?.drop(buffer) ?? [] { store(block) }
    }

    private mutating func store(_ block: ColumnStores.Block) {
        let dtype = kernel.buffers[block.buffer].stored
        let type = "<\(lanes) x \(LLVMSpelling.memory(dtype))>"
        let count = block.vectors.count
        if count == lanes || (count > lanes / 2 && target.hasMaskRegisters) {
            let columns = block.vectors + Array(repeating: "poison", count: lanes - count)
            for (row, vector) in transposed(columns, dtype).prefix(block.rows).enumerated() {
                let pointer = address(block.buffer, block.start + block.step * Dim(row))
                storeContiguous(vector, dtype, to: pointer, mask: staticMask(count))
            }
        } else {
            for (column, vector) in block.vectors.enumerated() {
                for lane in 0..<block.rows {
                    let memory = LLVMSpelling.memory(dtype)
                    let element = writer.value("extractelement \(type) \(vector), i64 \(lane)")
                    let pointer = address(block.buffer, block.start + Dim(column) + block.step * Dim(lane))
                    writer.effect("store \(memory) \(element), ptr \(pointer), align \(dtype.byteCount)")
                }
            }
        }
    }

    /// Swaps lanes and vectors, in as many rounds as there are bits in a lane's number: each exchanges the halves of blocks of
    /// twice `distance` between vectors that far apart. Before the first round and between pairs of rounds stand fences.
    private mutating func transposed(_ vectors: [String], _ dtype: DType) -> [String] {
        let type = "<\(lanes) x \(LLVMSpelling.memory(dtype))>"
        var rows = vectors.map { fenced($0, dtype) }
        var distance = 1
        while distance < lanes {
            var next = rows
            for at in rows.indices where at & distance == 0 {
                let (low, high) = (rows[at], rows[at + distance])
                func mix(_ offset: Int) -> String {
                    let indices = (0..<lanes).map { lane in
                        lane & distance == 0
                            ? "i32 \(lane + offset)" : "i32 \(lane - distance + offset + lanes)"
                    }.joined(separator: ", ")
                    return writer.value(
                        "shufflevector \(type) \(low), \(type) \(high), <\(lanes) x i32> <\(indices)>")
                }
                next[at] = mix(0)
                next[at + distance] = mix(distance)
            }
            distance *= 2
            rows = distance == 4 && distance < lanes ? next.map { fenced($0, dtype) } : next
        }
        return rows
    }

    /// A vector that LLVM does not look through. It would try to simplify every shuffle by what its lanes come from, over all
    /// rounds and what was before them: two thirds of a second for a block of 32 × 16 split numbers.
    private mutating func fenced(_ vector: String, _ dtype: DType) -> String {
        let count = lanes * dtype.byteCount / 4
        guard count >= 4 else { return vector }
        let (type, floats) = ("<\(lanes) x \(LLVMSpelling.memory(dtype))>", "<\(count) x float>")
        let suffix = LLVMSpelling.suffix(.f32, count)
        writer.declare("declare \(floats) @llvm.arithmetic.fence.\(suffix)(\(floats))")
        let bits = writer.value("bitcast \(type) \(vector) to \(floats)")
        let fence = writer.value("call \(floats) @llvm.arithmetic.fence.\(suffix)(\(floats) \(bits))")
        return writer.value("bitcast \(floats) \(fence) to \(type)")
    }
}
