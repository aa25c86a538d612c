import GraphIR
import HostTensors
import KernelIR

// Divisions by one number, lane by lane. A processor takes 10 cycles for 16 quotients, and 3 for as many products.
extension LaneMaths {
    /// Whether `quotients` is faster than the instruction.
    var prefersReciprocals: Bool {
        dtype == .f32 && lanes == 16 && target.architecture == .x86_64 && target.level.rank >= CPULevel.v4.rank
    }

    /// `x / divisor` in every lane, rounded once, where `divisor` is one number.
    ///
    /// With y = 1/divisor, rounded, q = x·y and r = divisor·q - x, the quotient is q - r·y, correctly rounded where nothing leaves the range of
    /// normal numbers (Markstein, 1990; Brisebarre, Muller and Raina, 2004). A block of its own divides where something might.
    mutating func quotients(_ x: String, by divisor: String) -> String {
        let reciprocal = writer.value("fdiv float \(LLVMSpelling.number(1, .f32)), \(divisor)")
        let divisors = splat(divisor)
        let reciprocals = splat(reciprocal)
        // By their bits: divisors from 2^-40 to 2^40; without the sign, numbers from 2^-80 to 2^80, and 0. A divisor below 0 would take the
        // sign of a zero.
        let pattern = writer.value("bitcast float \(divisor) to i32")
        let above = writer.value("sub i32 \(pattern), \((127 - 40) << 23)")
        let isPlain = writer.value("icmp ult i32 \(above), \(80 << 23)")
        let span = writer.value("select i1 \(isPlain), i32 \(Int32(bitPattern: 160 << 24)), i32 0")
        let spans = splat(span, "i32")
        let patterns = writer.value("shl \(bits) \(asBits(x)), \(bitsConstant(1))")
        let aboves = writer.value("sub \(bits) \(patterns), \(bitsConstant((127 - 80) << 24))")
        let isOutside = writer.value("icmp uge \(bits) \(aboves), \(spans)")
        let isNonzero = writer.value("icmp ne \(bits) \(patterns), \(bitsConstant(0))")
        let isHard = writer.value("and \(condition) \(isOutside), \(isNonzero)")
        let packed = writer.value("bitcast \(condition) \(isHard) to i\(lanes)")
        let anyHard = writer.value("icmp ne i\(lanes) \(packed), 0")

        let first = mul(x, reciprocals)
        let excess = intrinsic("fma", divisors, first, writer.value("fneg \(type) \(x)"))
        let quick = intrinsic("fma", writer.value("fneg \(type) \(excess)"), reciprocals, first)
        let before = writer.block
        let (slow, after) = (writer.freshLabel("divide"), writer.freshLabel("divided"))
        writer.effect("br i1 \(anyHard), label %\(slow), label %\(after)")
        writer.begin(block: slow)
        writer.pushScope()
        let exact = div(x, divisors)
        writer.popScope()
        writer.effect("br label %\(after)")
        writer.begin(block: after)
        return writer.value("phi \(type) [ \(quick), %\(before) ], [ \(exact), %\(slow) ]")
    }

    private mutating func splat(_ value: String, _ element: String = "float") -> String {
        let type = "<\(lanes) x \(element)>"
        let first = writer.value("insertelement \(type) poison, \(element) \(value), i64 0")
        return writer.value("shufflevector \(type) \(first), \(type) poison, <\(lanes) x i32> zeroinitializer")
    }
}
