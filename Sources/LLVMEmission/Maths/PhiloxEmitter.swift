/// Writes Philox 4×32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011), a number a lane.
struct PhiloxEmitter {
    let lanes: Int
    /// Whether vectors multiply every other 32-bit word into 64 bits.
    let multipliesEveryOther: Bool
    var writer: IRWriter

    private var wide: String { LLVMSpelling.vector("i64", lanes) }
    private var word: String { LLVMSpelling.vector("i32", lanes) }

    private func wideConstant(_ value: UInt64) -> String { LLVMSpelling.splat(String(value), "i64", lanes) }
    private func wordConstant(_ value: UInt32) -> String { LLVMSpelling.splat(String(value), "i32", lanes) }

    private mutating func splatWord(_ name: String) -> String {
        lanes == 1 ? name : writer.splat(name, "i32", lanes)
    }

    /// The low and high words of a uniform i64.
    private mutating func words(of name: String) -> (low: String, high: String) {
        let low = writer.value("trunc i64 \(name) to i32")
        let shifted = writer.value("lshr i64 \(name), 32")
        return (splatWord(low), splatWord(writer.value("trunc i64 \(shifted) to i32")))
    }

    /// The products of 32-bit words by a constant, as their low and high words. Vectors of an x86-64 processor multiply every other
    /// word, so even and odd ones are multiplied where they lie; elsewhere all are widened.
    private mutating func multiply(_ x: String, by factor: UInt32) -> (low: String, high: String) {
        guard multipliesEveryOther, lanes > 1 else {
            let extended = writer.value("zext \(word) \(x) to \(wide)")
            let product = writer.value("mul \(wide) \(extended), \(wideConstant(UInt64(factor)))")
            let shifted = writer.value("lshr \(wide) \(product), \(wideConstant(32))")
            return (
                writer.value("trunc \(wide) \(product) to \(word)"),
                writer.value("trunc \(wide) \(shifted) to \(word)")
            )
        }
        let pair = LLVMSpelling.vector("i64", lanes / 2)
        func constant(_ value: UInt64) -> String { LLVMSpelling.splat(String(value), "i64", lanes / 2) }
        let pairs = writer.value("bitcast \(word) \(x) to \(pair)")
        let operands = [
            writer.value("and \(pair) \(pairs), \(constant(0xFFFF_FFFF))"),
            writer.value("lshr \(pair) \(pairs), \(constant(32))"),
        ]
        let products = operands.map { operand in
            let product = writer.value("mul \(pair) \(operand), \(constant(UInt64(factor)))")
            return writer.value("bitcast \(pair) \(product) to \(word)")
        }
        func words(from first: Int) -> String {
            let places = (0..<lanes).map { "i32 \($0 % 2 == 0 ? $0 + first : lanes + $0 - 1 + first)" }
            return writer.value(
                "shufflevector \(word) \(products[0]), \(word) \(products[1]), <\(lanes) x i32> <\(places.joined(separator: ", "))>"
            )
        }
        return (words(from: 0), words(from: 1))
    }

    /// Uniform f32 in [0, 1) number `position` (i64, a lane each) of uniform i64 `seed`, `step` and `stream`.
    mutating func uniform(position: String, seed: String, step: String, stream: String) -> String {
        let group = writer.value("lshr \(wide) \(position), \(wideConstant(6))")
        let scaled = writer.value("shl \(wide) \(group), \(wideConstant(4))")
        let within = writer.value("and \(wide) \(position), \(wideConstant(15))")
        let words = block(writer.value("or \(wide) \(scaled), \(within)"), seed: seed, step: step, stream: stream)
        let shifted = writer.value("lshr \(wide) \(position), \(wideConstant(4))")
        let turn = writer.value("and \(wide) \(shifted), \(wideConstant(3))")
        var chosen = words[0]
        for at in 1..<4 {
            let isThis = writer.value("icmp eq \(wide) \(turn), \(wideConstant(UInt64(at)))")
            chosen = writer.value(
                "select \(LLVMSpelling.vector("i1", lanes)) \(isThis), \(word) \(words[at]), \(word) \(chosen)")
        }
        return number(of: chosen)
    }

    /// Uniform f32 in [0, 1) numbers `start + offset`, `start + offset + 1`, … where `start` (i64, uniform) is a multiple of 64 and
    /// `offset` one of the lanes, below 64: vectors with the same start share the blocks that they are words of.
    mutating func uniform(start: String, offset: Int, seed: String, step: String, stream: String) -> String {
        let first = writer.value("lshr i64 \(start), 2")
        let places = "<" + (0..<lanes).map { "i64 \(offset % 16 + $0)" }.joined(separator: ", ") + ">"
        let position = writer.value("add \(wide) \(writer.splat(first, "i64", lanes)), \(places)")
        return number(of: block(position, seed: seed, step: step, stream: stream)[offset / 16])
    }

    /// The four words of a block, a block a lane.
    private mutating func block(_ block: String, seed: String, step: String, stream: String) -> [String] {
        let upper = writer.value("lshr \(wide) \(block), \(wideConstant(32))")
        var counter = [
            writer.value("trunc \(wide) \(block) to \(word)"), writer.value("trunc \(wide) \(upper) to \(word)"),
            words(of: step).low, words(of: stream).low,
        ]
        var key = words(of: seed)
        for round in 0..<10 {
            if round > 0 {
                key.low = writer.value("add \(word) \(key.low), \(wordConstant(0x9E37_79B9))")
                key.high = writer.value("add \(word) \(key.high), \(wordConstant(0xBB67_AE85))")
            }
            let first = multiply(counter[0], by: 0xD251_1F53)
            let second = multiply(counter[2], by: 0xCD9E_8D57)
            let mixedSecond = writer.value("xor \(word) \(second.high), \(counter[1])")
            let mixedFirst = writer.value("xor \(word) \(first.high), \(counter[3])")
            counter = [
                writer.value("xor \(word) \(mixedSecond), \(key.low)"), second.low,
                writer.value("xor \(word) \(mixedFirst), \(key.high)"), first.low,
            ]
        }
        return counter
    }

    /// The upper 24 bits of a word as a number in [0, 1).
    private mutating func number(of word: String) -> String {
        let top = writer.value("lshr \(self.word) \(word), \(wordConstant(8))")
        let float = LLVMSpelling.vector("float", lanes)
        let number = writer.value("uitofp \(self.word) \(top) to \(float)")
        let scale = LLVMSpelling.splat(LLVMSpelling.number(0x1p-24, .f32), "float", lanes)
        return writer.value("fmul \(float) \(number), \(scale)")
    }
}
