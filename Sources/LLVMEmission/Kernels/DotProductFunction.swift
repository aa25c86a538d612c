import GraphIR
import KernelIR

/// A function that adds products of tiles to results in memory, by dot products of the words of a row with those of a column.
///
/// All or half of a block's rows, by one or two vectors of results, stay in registers while the words pass by. Where integers are multiplied, the
/// instruction takes a factor without a sign: left ones are raised by 128, and 128 times the sum of each column is taken from the
/// results before.
struct DotProductFunction: Hashable {
    var element: TileElement
    /// Rows of a block.
    var rows: Int
    /// Blocks of rows, and of columns: 2 or 1.
    var rowBlocks: Int
    var columnBlocks: Int
    var leftStride: Int
    var rightStride: Int

    /// Words of a row.
    private static let words = 16
    private static let unrolling = 4
    private static let signBits = Int(Int32(bitPattern: 0x8080_8080))

    var suffix: String { ".products.\(element).\(rows).\(rowBlocks).\(columnBlocks).\(leftStride).\(rightStride)" }

    /// Parts of a block's rows that are in registers one after the other, and the rows of one.
    private var parts: Int { rows % 2 == 0 ? 2 : 1 }
    private var rowsInRegisters: Int { rows / parts }

    private var intrinsic: String {
        element == .i8 ? "@llvm.x86.avx512.vpdpbusd.512" : "@llvm.x86.avx512bf16.dpbf16ps.512"
    }
    private var sumType: String { element == .i8 ? "<16 x i32>" : "<16 x float>" }
    private var factorType: String { element == .i8 ? "<16 x i32>" : "<32 x bfloat>" }
    var intrinsicDeclaration: String { "declare \(sumType) \(intrinsic)(\(sumType), \(factorType), \(factorType))" }

    /// The function's text, for a kernel of this symbol.
    func text(symbol: String) -> String {
        var writer = IRWriter()
        let columns = Array(0..<columnBlocks)
        let parameters = ["%sums"] + (0..<rowBlocks).map { "%left\($0)" } + columns.map { "%right\($0)" }
        let offsets = element == .i8 ? biases(columns, &writer) : []
        let groups = rowBlocks * parts
        loop(&writer, "group", count: groups, step: 1, carried: []) { writer, group, _ in
            let isFirst = writer.value("icmp ult i64 \(group), \(groups / rowBlocks)")
            let tile = rowBlocks == 2 ? writer.value("select i1 \(isFirst), ptr %left0, ptr %left1") : "%left0"
            let part = parts == 2 ? writer.value("and i64 \(group), 1") : "0"
            let rowBytes = writer.value("mul i64 \(part), \(rowsInRegisters * leftStride)")
            let left = writer.value("getelementptr i8, ptr \(tile), i64 \(rowBytes)")
            // Registers of results lie one behind the other, those of a row of blocks first.
            let block = parts == 2 ? writer.value("lshr i64 \(group), 1") : group
            let blockBytes = writer.value("mul i64 \(block), \(2 * VectorTiles.bytes)")
            let partBytes = writer.value("mul i64 \(part), \(rowsInRegisters * VectorTiles.rowBytes)")
            let place = writer.value("add i64 \(blockBytes), \(partBytes)")
            let sums = writer.value("getelementptr i8, ptr %sums, i64 \(place)")
            let cells = (0..<rowsInRegisters).flatMap { row in
                columns.map { column in
                    writer.value(
                        "getelementptr i8, ptr \(sums), i64 \(row * VectorTiles.rowBytes + column * VectorTiles.bytes)")
                }
            }
            var before = cells.map { writer.impure("load \(sumType), ptr \($0), align 64") }
            if !offsets.isEmpty {
                before = before.enumerated().map { at, sum in
                    writer.value("sub \(sumType) \(sum), \(offsets[at % columnBlocks])")
                }
            }
            let after = loop(
                &writer, "word", count: Self.words, step: Self.unrolling, carried: before
            ) { writer, word, carried in
                (0..<Self.unrolling).reduce(carried) { sums, at in
                    let rights = columns.map { self.right($0, word, at, &writer) }
                    return (0..<rowsInRegisters).flatMap { row in
                        let factor = self.left(left, row, word, at, &writer)
                        return columns.map { column in
                            multiply(sums[row * columnBlocks + column], factor, rights[column], &writer)
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
            &writer, "bias", count: Self.words, step: 1, carried: columns.map { _ in "zeroinitializer" }
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
