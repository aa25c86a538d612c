import GraphIR
import HostTensors
import KernelIR

// Quotients and square roots, rounded once like those of the instructions, out of multiply-adds: a processor takes 10 cycles for 16
// quotients and 12 for as many roots, and half a cycle for each step here. A block of its own has the instruction, for numbers with which
// a step would leave the range of normal numbers.
extension LaneMaths {
    /// Whether they are faster than the instructions.
    var prefersSteps: Bool { dtype == .f32 && lanes == 16 && target.hasMaskRegisters }

    /// `x / divisor` in every lane, where `divisor` is one number.
    ///
    /// With y = 1/divisor, rounded, q = x·y and r = divisor·q - x, the quotient is q - r·y (Markstein, 1990; Brisebarre, Muller and
    /// Raina, 2004).
    mutating func quotients(_ x: String, by divisor: String) -> String {
        let divisors = writer.splat(divisor, element, lanes)
        let reciprocal = writer.value("fdiv float \(LLVMSpelling.number(1, .f32)), \(divisor)")
        let reciprocals = writer.splat(reciprocal, element, lanes)
        // By their bits: divisors from 2^-40 to 2^24; without the sign, numbers from 2^-100 to 2^80, and 0. A divisor below 0 would take
        // the sign of a zero.
        let pattern = writer.value("bitcast float \(divisor) to i32")
        let above = writer.value("sub i32 \(pattern), \((127 - 40) << 23)")
        let isPlain = writer.value("icmp ult i32 \(above), \(64 << 23)")
        let span = writer.value("select i1 \(isPlain), i32 \(Int32(bitPattern: 180 << 24)), i32 0")
        let patterns = writer.value("shl \(bits) \(asBits(x)), \(bitsConstant(1))")
        let aboves = writer.value("sub \(bits) \(patterns), \(bitsConstant((127 - 100) << 24))")
        let isOutside = writer.value("icmp uge \(bits) \(aboves), \(writer.splat(span, "i32", lanes))")
        let isNonzero = writer.value("icmp ne \(bits) \(patterns), \(bitsConstant(0))")

        let first = mul(x, reciprocals)
        let excess = fma(divisors, first, negated(x))
        let quotient = fma(negated(excess), reciprocals, first)
        return unless(writer.value("and \(condition) \(isOutside), \(isNonzero)"), quotient) { $0.div(x, divisors) }
    }

    /// `√x` in every lane.
    ///
    /// One step of Goldschmidt's from the processor's estimate to 14 bits, and one by the rest x - g²; a test tries every significand. It
    /// works on 2^46·x, so that the rest of the smallest number is a number.
    mutating func squareRoot(_ x: String) -> String {
        guard prefersSteps else { return intrinsic("sqrt", x) }
        let isNonzero = writer.value("icmp ne \(bits) \(asBits(x)), \(bitsConstant(0))")
        // Numbers from 2^80 on, infinity, NaN, and whatever has a sign.
        let isHard = writer.value("icmp uge \(bits) \(asBits(x)), \(bitsConstant((127 + 80) << 23))")
        let scaled = mul(x, constant(0x1p46))
        let name = "@llvm.x86.avx512.rsqrt14.ps.512"
        writer.declare("declare \(type) \(name)(\(type), \(type), i16)")
        let mask = writer.value("bitcast \(condition) \(isNonzero) to i16")
        let estimate = writer.value("call \(type) \(name)(\(type) \(scaled), \(type) \(constant(0)), i16 \(mask))")
        var root = mul(scaled, estimate)
        var half = mul(estimate, constant(0.5))
        let error = fma(negated(root), half, constant(0.5))
        root = fma(root, error, root)
        half = fma(half, error, half)
        let rest = fma(negated(root), root, scaled)
        root = mul(fma(rest, half, root), constant(0x1p-23))
        return unless(isHard, root) { $0.intrinsic("sqrt", x) }
    }

    /// A value that is right in the lanes that are not hard, or where any is, all of `exact`.
    private mutating func unless(_ isHard: String, _ quick: String, exact: (inout Self) -> String) -> String {
        let packed = writer.value("bitcast \(condition) \(isHard) to i\(lanes)")
        let anyIsHard = writer.value("icmp ne i\(lanes) \(packed), 0")
        let before = writer.block
        let (slow, after) = (writer.freshLabel("hard"), writer.freshLabel("after"))
        writer.effect("br i1 \(anyIsHard), label %\(slow), label %\(after)")
        writer.begin(block: slow)
        writer.pushScope()
        let all = exact(&self)
        writer.popScope()
        writer.effect("br label %\(after)")
        writer.begin(block: after)
        return writer.value("phi \(type) [ \(quick), %\(before) ], [ \(all), %\(slow) ]")
    }

    private mutating func negated(_ x: String) -> String { writer.value("fneg \(type) \(x)") }
}
