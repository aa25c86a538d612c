import GraphIR
import HostTensors
import KernelIR

/// Where the scales of an operand that is split into 8-bit integers go.
struct OperandScales {
    /// The buffer of the words, behind which they lie, and the place of the first.
    var buffer: Int
    var at: IndexExpression
    /// A task's own buffer of f32 with their inverses, and the place of the first.
    var inverses: Int
    var inverse: IndexExpression
}

extension KernelDraft {
    /// The magnitude that a scale covers at least, so that its inverse is finite.
    private static let least = Float(0x1p-110)

    /// Statements that find the scales of an operand's rows or columns from `free` on, 16 of them: 1/127 of the largest magnitude
    /// along the depth. Where an element is infinite or not a number, so are the scale and what it multiplies.
    mutating func findScales(
        _ operand: SplitOperand, free: IndexExpression, to scales: OperandScales
    ) -> [KernelStatement] {
        let (row, lane, step) = (fresh("r"), fresh("v"), fresh("k"))
        let v = Dim(symbol: lane)
        // Magnitudes are in the order of their bits.
        let largest = accumulator("m", .i32)
        let start = KernelExpression.constant(Double(Self.least.bitPattern), .i32)
        func bits(_ free: IndexExpression, _ depth: IndexExpression) -> KernelExpression {
            .bits(.apply(.abs, [operand.element(free: free, depth: depth, isWithinDepth: true)], .f32), .i32)
        }
        func overLanes(_ body: KernelStatement...) -> KernelStatement {
            .loop(KernelLoop(lane, .count(16), .vector(unroll: 1), body))
        }
        func keep(_ at: IndexExpression, _ axes: [String]) -> KernelStatement {
            .store(scales.inverses, scales.inverse + at, .bits(.accumulator(largest, axes), .f32))
        }
        var statements: [KernelStatement]
        if operand.isAlongDepth {
            let r = Dim(symbol: row)
            let take = KernelStatement.reduce(largest, axes: [], .max, bits(free + r, v))
            statements = [
                .loop(
                    KernelLoop(
                        row, .count(16), .serial(unroll: 1),
                        [
                            .set(largest, axes: [], start),
                            .loop(KernelLoop(lane, .count(operand.depth.extent), .vector(unroll: 4), [take])),
                            keep(r, []),
                        ]))
            ]
        } else {
            let take = KernelStatement.reduce(largest, axes: [lane], .max, bits(free + v, Dim(symbol: step)))
            statements = [
                overLanes(.set(largest, axes: [lane], start)),
                .loop(KernelLoop(step, .count(operand.depth.extent), .serial(unroll: 4), [overLanes(take)])),
                overLanes(keep(v, [lane])),
            ]
        }
        let scale = fresh("s")
        let magnitude = KernelExpression.load(scales.inverses, scales.inverse + v)
        statements.append(
            overLanes(
                .define(scale, .apply(.div, [magnitude, .constant(127, .f32)], .f32)),
                .store(scales.buffer, scales.at + v, .bits(.local(scale), .i32)),
                .store(
                    scales.inverses, scales.inverse + v,
                    .apply(.div, [.constant(1, .f32), .local(scale)], .f32))))
        return statements
    }

    /// Statements that make four elements integers of 8 bits, in multiples of a scale rounded to nearest even, and one word.
    mutating func quantized(
        _ elements: [KernelExpression], inverse: KernelExpression, store: (_ word: KernelExpression) -> KernelStatement
    ) -> [KernelStatement] {
        var statements: [KernelStatement] = []
        func define(_ expression: KernelExpression) -> KernelExpression {
            let name = fresh("q")
            statements.append(.define(name, expression))
            return .local(name)
        }
        let factor = define(inverse)
        // With 3·2²² added, the number's last bits are those of the whole number nearest.
        let wholes = elements.map { element in
            let scaled = KernelExpression.apply(.mul, [element, factor], .f32)
            return define(.bits(.apply(.add, [scaled, .constant(0x1.8p23, .f32)], .f32), .u32))
        }
        return statements + packed(wholes, store: store)
    }

    /// Statements that make one word of the lowest bytes of four (u32).
    func packed(
        _ wholes: [KernelExpression], store: (_ word: KernelExpression) -> KernelStatement
    ) -> [KernelStatement] {
        let bytes = wholes.enumerated().map { at, whole in
            let byte = at == 3 ? whole : .apply(.and, [whole, .constant(255, .u32)], .u32)
            return at == 0 ? byte : .apply(.shiftLeft, [byte, .constant(Double(8 * at), .u32)], .u32)
        }
        let word = bytes.dropFirst().reduce(bytes[0]) { .apply(.or, [$0, $1], .u32) }
        return [store(.bits(word, .i32))]
    }
}

extension Precision {
    /// The elements of a factor that lie in 4 bytes of a tile.
    var elementsPerWord: Int { self == .int8 ? 4 : 2 }

    /// The elements along the depth that a tile holds.
    var tileDepth: Int { 16 * elementsPerWord }

    /// Bytes of all parts of an element.
    var bytes: Int { parts * 4 / elementsPerWord }

    /// The factors of products of tiles.
    var tileElement: TileElement { self == .int8 ? .i8 : .bf16 }

    /// The type of their sums.
    var sums: DType { self == .int8 ? .i32 : .f32 }
}
