import GraphIR
import HostTensors
import KernelIR

/// An operand of a product of tiles.
enum TileSide { case left, right }

/// An operand that is to be split.
struct SplitOperand {
    var side: TileSide
    var buffer: Int
    /// The element at the variables of its axes.
    var index: IndexExpression
    var free: LoopAxis
    var depth: LoopAxis
    /// Whether neighbours along the depth are neighbours in memory, not those along the free axis.
    var isAlongDepth: Bool
    /// The free axis is covered in blocks of as many: past its end, elements are 0.
    var multiple: Int
    /// Whether a word holds neighbours along the depth, not elements 16 apart.
    var pairsNeighbours = false

    /// The element at a place; 0 past the end of an axis, as far as blocks reach there. `isWithinDepth` says that it is none
    /// past the end of the depth.
    func element(free: IndexExpression, depth: IndexExpression, isWithinDepth: Bool = false, tileDepth: Int = 32)
        -> KernelExpression
    {
        let index = index.substituting(self.depth.variable, by: depth).substituting(self.free.variable, by: free)
        let conditions = [
            (depth, self.depth.extent, isWithinDepth ? 1 : tileDepth), (free, self.free.extent, multiple),
        ]
        .filter { !$1.isMultiple(of: $2) }.map { IndexCondition($0.0, below: $0.1) }
        return conditions.isEmpty ? .load(buffer, index) : .loadWhere(buffer, index, conditions)
    }
}

extension KernelDraft {
    /// Statements that split the elements of an operand from (free, depth) on, 16 by as many as a tile is deep, into words of parts, of
    /// integers by `scales`, which have been found, or of what are integers of 8 bits.
    mutating func splitBlock(
        _ operand: SplitOperand, _ precision: Precision, free: IndexExpression, depth: IndexExpression, to goal: Int,
        scales: OperandScales? = nil, place: (_ part: Int) -> IndexExpression
    ) -> KernelStatement {
        let (row, lane) = (fresh("r"), fresh("v"))
        let (r, v) = (Dim(symbol: row), Dim(symbol: lane))
        let (freeOffset, depthOffset) = operand.isAlongDepth ? (r, v) : (v, r)
        func element(_ at: Int) -> KernelExpression {
            let along = operand.pairsNeighbours ? depthOffset * 2 + Dim(at) : depthOffset + Dim(16 * at)
            return operand.element(free: free + freeOffset, depth: depth + along, tileDepth: precision.tileDepth)
        }
        let offset = operand.side == .left ? freeOffset * 16 + depthOffset : depthOffset * 16 + freeOffset
        let stores =
            if let scales {
                quantized(
                    (0..<4).map(element), inverse: .load(scales.inverses, scales.inverse + freeOffset),
                    store: { .store(goal, place(0) + offset, $0) })
            } else if precision == .int8 {
                packed((0..<4).map { .bits(element($0), .u32) }) { .store(goal, place(0) + offset, $0) }
            } else {
                splitPairs(element(0), element(1), precision) { .store(goal, place($0) + offset, $1) }
            }
        let vectors = KernelStatement.loop(KernelLoop(lane, .count(16), .vector(unroll: 1), stores))
        // Words that lie in columns are stored by the block; others row by row.
        let isInRows = (operand.side == .left) == operand.isAlongDepth
        return .loop(KernelLoop(row, .count(16), isInRows ? .serial(unroll: 4) : .unroll, [vectors]))
    }

    /// Statements that split two elements into parts, each the rounding of what the ones before leave, stored as words.
    mutating func splitPairs(
        _ first: KernelExpression, _ second: KernelExpression, _ precision: Precision,
        store: (_ part: Int, _ word: KernelExpression) -> KernelStatement
    ) -> [KernelStatement] {
        let (low, lowStatements) = parts(of: first, precision)
        let (high, highStatements) = parts(of: second, precision)
        let stores = zip(low, high).enumerated().map { part, words in
            let lower = KernelExpression.apply(.shiftRight, [.local(words.0), .constant(16, .u32)], .u32)
            let word = KernelExpression.apply(.or, [upperHalf(.local(words.1)), lower], .u32)
            return store(part, .bits(word, .i32))
        }
        return lowStatements + highStatements + stores
    }

    /// The parts of an f32 as words (u32) whose upper halves are the bf16 numbers.
    ///
    /// A part that leaves a rest is rounded as a whole number: half a unit of its last place is added, and what lies beyond that
    /// place cut off. The third has all that is left. The last of fewer is rounded by the conversion, which keeps every NaN.
    private mutating func parts(
        of element: KernelExpression, _ precision: Precision
    ) -> (names: [String], statements: [KernelStatement]) {
        var rest = fresh("x")
        var names: [String] = []
        var statements: [KernelStatement] = [.define(rest, element)]
        func define(_ expression: KernelExpression, _ hint: String) -> String {
            let name = fresh(hint)
            statements.append(.define(name, expression))
            return name
        }
        for _ in 1..<precision.parts {
            let nudged = KernelExpression.apply(.add, [.bits(.local(rest), .u32), .constant(0x8000, .u32)], .u32)
            names.append(define(upperHalf(nudged), "p"))
            let taken = KernelExpression.bits(.local(names[names.count - 1]), .f32)
            rest = define(.apply(.sub, [.local(rest), taken], .f32), "x")
        }
        if precision.parts == 3 {
            names.append(define(.bits(.local(rest), .u32), "p"))
        } else {
            let last = define(.bits(.apply(.cast, [.local(rest)], .bf16), .u16), "b")
            let word = KernelExpression.apply(.cast, [.local(last)], .u32)
            names.append(define(.apply(.shiftLeft, [word, .constant(16, .u32)], .u32), "p"))
        }
        return (names, statements)
    }

    private func upperHalf(_ word: KernelExpression) -> KernelExpression {
        .apply(.and, [word, .constant(0xFFFF_0000, .u32)], .u32)
    }

    /// Statements that ask for words, lying in a row from `start` on, that are multiplied when all rows have met those before: each
    /// step of so many rows asks for its share of them. `rows` is the least number of rows.
    func ahead(
        _ buffer: Int, from start: IndexExpression, words: Int, row: IndexExpression, rows: Int, step: Int = 32
    ) -> [KernelStatement] {
        let (lines, steps) = (words / 16, (rows + step - 1) / step)
        let share = min(lines, (lines + 2 * steps - 1) / (2 * steps) * 2)
        // Where shares do not begin with a line, they have one line more.
        let apart = (16 * share + step - 1) / step
        let length = apart * step
        return linesAhead(buffer, start + row * Dim(apart), count: length.isMultiple(of: 16) ? length : length + 16)
    }

    /// One step along the depth: results in registers 0 to 3 (two by two, or one row of two), left blocks in 4 and 5, right ones in 6 and 7. A
    /// block is loaded just before it is first used, so that products go on meanwhile.
    func tileProducts(
        _ precision: Precision, rowBlocks: Int = 2,
        place: (_ side: TileSide, _ part: Int, _ half: Int) -> (buffer: Int, index: IndexExpression, stride: Int)
    ) -> [KernelStatement] {
        var statements: [KernelStatement] = []
        var held: (left: Int, right: Int) = (-1, -1)
        for (left, right) in precision.products {
            var missing: Set<Int> = []
            if held.left != left { missing.formUnion([4, 5]) }
            if held.right != right { missing.formUnion([6, 7]) }
            held = (left, right)
            // Both products of a block that is loaded follow each other.
            for register in missing.contains(4) ? [0, 1, 2, 3] : [0, 2, 1, 3] where register < 2 * rowBlocks {
                let factors = [4 + register / 2, 6 + register % 2]
                for factor in factors where missing.remove(factor) != nil {
                    let side = factor < 6 ? TileSide.left : .right
                    let (buffer, index, stride) = place(side, side == .left ? left : right, factor % 2)
                    statements.append(.tile(.load(factor, buffer: buffer, index, stride: stride)))
                }
                statements.append(
                    .tile(.multiply(precision.tileElement, into: register, left: factors[0], right: factors[1])))
            }
        }
        return statements
    }
}

extension TileOperation {
    /// Rows that a tile of results may have where those are pixels of an image, the most first. Without tile registers, odd numbers are
    /// slower: half of the rows are in vector registers at a time.
    static func rowCounts(hasTileRegisters: Bool) -> [Int] {
        Array(stride(from: mostRows, through: 12, by: hasTileRegisters ? -1 : -2))
    }

    /// The rows whose time so many tiles take. With tile registers, those of fewer rows are taken to be no faster; without, a call for a tile
    /// is worth half a row.
    static func costOfRows(tiles: Int, of rows: Int, hasTileRegisters: Bool) -> Double {
        hasTileRegisters ? Double(tiles * mostRows) : Double(tiles * rows) + Double(tiles) / 2
    }
}

/// Products of tiles with other work spread evenly between them. What is asked for ahead comes meanwhile; all at once, it would keep the
/// tiles of the next products waiting.
func spread(_ work: [KernelStatement], among products: [KernelStatement]) -> [KernelStatement] {
    func isProduct(_ statement: KernelStatement) -> Bool {
        if case .tile(.multiply) = statement { true } else { false }
    }
    let count = products.count(where: isProduct)
    var seen = 0
    return products.flatMap { statement in
        guard isProduct(statement) else { return [statement] }
        let share = seen * work.count / count..<(seen + 1) * work.count / count
        seen += 1
        return [statement] + work[share]
    }
}

/// Asks for the lines of some elements of four bytes in a row.
func linesAhead(
    _ buffer: Int, _ start: IndexExpression, count: Int, to level: CacheLevel = .second
) -> [KernelStatement] {
    stride(from: 0, to: count, by: 16).map { .prefetch(buffer, start + Dim($0), to: level) }
}
