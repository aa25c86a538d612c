import GraphIR
import HostTensors
import KernelIR

/// `f16` and `bf16`: their bits as `i16` in registers, converted to `f32` and back; no library calls on any level.
extension KernelEmitter {
    /// Whether conversions between f16 and f32 are instructions.
    private var convertsHalf: Bool { target.architecture == .aarch64 || target.level != .baseline }

    /// A `f16` or `bf16` as `f32`; exact.
    mutating func widened(_ value: EmittedValue) -> EmittedValue {
        let name = value.dtype == .bf16 ? widenedBrain(value) : widenedHalf(value)
        if value.dtype == .bf16 { brainFloats[name] = value.name }
        return EmittedValue(name: name, dtype: .f32, lanes: value.lanes)
    }

    /// An `f32` as `f16` or `bf16`, rounded to nearest even; subnormal numbers may become 0 where that is allowed.
    mutating func narrowed(
        _ value: EmittedValue, to dtype: DType, flushesSubnormals: Bool = false
    ) -> EmittedValue {
        let name = dtype == .bf16 ? narrowedBrain(value, flushesSubnormals) : narrowedHalf(value)
        return EmittedValue(name: name, dtype: dtype, lanes: value.lanes)
    }

    /// An `f64` as an `f32` whose last bit is set if anything was lost, so that a second rounding is exact.
    mutating func roundedToOdd(_ value: EmittedValue) -> EmittedValue {
        let shape = LaneShape(value.lanes)
        let nearest = writer.value("fptrunc \(shape.double) \(value.name) to \(shape.float)")
        let back = writer.value("fpext \(shape.float) \(nearest) to \(shape.double)")
        let bits = writer.value("bitcast \(shape.float) \(nearest) to \(shape.word)")
        let wide = LLVMSpelling.vector("i64", value.lanes)
        func magnitude(_ name: String, _ writer: inout IRWriter) -> String {
            let bits = writer.value("bitcast \(shape.double) \(name) to \(wide)")
            let mask = LLVMSpelling.splat("9223372036854775807", "i64", value.lanes)
            return writer.value("and \(wide) \(bits), \(mask)")
        }
        let (found, wanted) = (magnitude(back, &writer), magnitude(value.name, &writer))
        let isAbove = writer.value("icmp ugt \(wide) \(found), \(wanted)")
        let lowered = writer.value("sub \(shape.word) \(bits), \(shape.number(1))")
        let towardZero = writer.value(
            "select \(shape.condition) \(isAbove), \(shape.word) \(lowered), \(shape.word) \(bits)")
        let odd = writer.value("or \(shape.word) \(towardZero), \(shape.number(1))")
        let isExact = writer.value("icmp eq \(wide) \(found), \(wanted)")
        let chosen = writer.value("select \(shape.condition) \(isExact), \(shape.word) \(bits), \(shape.word) \(odd)")
        return EmittedValue(
            name: writer.value("bitcast \(shape.word) \(chosen) to \(shape.float)"), dtype: .f32, lanes: value.lanes)
    }

    /// A 64-bit integer whose last bits are 0 but for a set one, if anything was lost, where an `f64` does not hold it: conversions
    /// by way of `f64` to narrower floats are exact then.
    mutating func roundedForDouble(_ value: EmittedValue) -> EmittedValue {
        let (type, lanes) = (LLVMSpelling.vector("i64", value.lanes), value.lanes)
        func op(_ instruction: String, _ x: String, _ number: Int) -> String {
            writer.value("\(instruction) \(type) \(x), \(LLVMSpelling.splat(String(number), "i64", lanes))")
        }
        let isOdd = op("icmp ne", op("and", value.name, 0x7FF), 0)
        let last = op("shl", writer.value("zext \(LLVMSpelling.vector("i1", lanes)) \(isOdd) to \(type)"), 11)
        let rounded = writer.value("or \(type) \(op("and", value.name, ~0x7FF)), \(last)")
        let isHeld =
            value.dtype.isSigned
            ? op("icmp ult", op("add", value.name, 1 << 53), 1 << 54) : op("icmp ult", value.name, 1 << 53)
        let chosen = writer.value(
            "select \(LLVMSpelling.vector("i1", lanes)) \(isHeld), \(type) \(value.name), \(type) \(rounded)")
        return EmittedValue(name: chosen, dtype: value.dtype, lanes: lanes)
    }

    private mutating func widenedBrain(_ value: EmittedValue) -> String {
        let shape = LaneShape(value.lanes)
        let bits = writer.value("zext \(shape.half) \(value.name) to \(shape.word)")
        let high = writer.value("shl \(shape.word) \(bits), \(shape.number(16))")
        return writer.value("bitcast \(shape.word) \(high) to \(shape.float)")
    }

    /// Whether the kernel splits operands for tiles: they count subnormal numbers as 0, and so may the instruction that rounds.
    private var splitsForTiles: Bool {
        target.roundsToBrainFloats && kernel.body.contains(where: \.takesBitsOfBrainFloats)
    }

    private mutating func narrowedBrain(_ value: EmittedValue, _ flushesSubnormals: Bool) -> String {
        let shape = LaneShape(value.lanes)
        if let known = brainFloats[value.name] { return known }
        if splitsForTiles || flushesSubnormals && target.roundsToBrainFloats {
            let native = LLVMSpelling.vector("bfloat", value.lanes)
            let brain = writer.value("fptrunc \(shape.float) \(value.name) to \(native)")
            return writer.value("bitcast \(native) \(brain) to \(shape.half)")
        }
        func op(_ instruction: String, _ x: String, _ y: String) -> String {
            writer.value("\(instruction) \(shape.word) \(x), \(y)")
        }
        let bits = writer.value("bitcast \(shape.float) \(value.name) to \(shape.word)")
        let high = op("lshr", bits, shape.number(16))
        let isOdd = op("and", high, shape.number(1))
        let rounded = op("lshr", op("add", op("add", bits, shape.number(0x7FFF)), isOdd), shape.number(16))
        let quiet = op("or", high, shape.number(0x40))
        let isNaN = writer.value("fcmp uno \(shape.float) \(value.name), \(value.name)")
        let chosen = writer.value(
            "select \(shape.condition) \(isNaN), \(shape.word) \(quiet), \(shape.word) \(rounded)")
        return writer.value("trunc \(shape.word) \(chosen) to \(shape.half)")
    }

    private mutating func widenedHalf(_ value: EmittedValue) -> String {
        let shape = LaneShape(value.lanes)
        let native = LLVMSpelling.vector("half", value.lanes)
        if convertsHalf {
            let half = writer.value("bitcast \(shape.half) \(value.name) to \(native)")
            return writer.value("fpext \(native) \(half) to \(shape.float)")
        }
        func op(_ instruction: String, _ x: String, _ y: String) -> String {
            writer.value("\(instruction) \(shape.word) \(x), \(y)")
        }
        let bits = writer.value("zext \(shape.half) \(value.name) to \(shape.word)")
        let magnitude = op("and", bits, shape.number(0x7FFF))
        let sign = op("shl", op("and", bits, shape.number(0x8000)), shape.number(16))
        // Exponent and fraction in their places, the exponent 112 too small; subnormal numbers become normal on the way.
        let small = writer.value("bitcast \(shape.word) \(op("shl", magnitude, shape.number(13))) to \(shape.float)")
        let scale = LLVMSpelling.splat(LLVMSpelling.number(0x1p112, .f32), "float", value.lanes)
        let scaled = writer.value("fmul \(shape.float) \(small), \(scale)")
        let finite = writer.value("bitcast \(shape.float) \(scaled) to \(shape.word)")
        let isSpecial = writer.value("icmp uge \(shape.word) \(magnitude), \(shape.number(0x7C00))")
        let special = op("or", finite, shape.number(0x7F80_0000))
        let chosen = writer.value(
            "select \(shape.condition) \(isSpecial), \(shape.word) \(special), \(shape.word) \(finite)")
        return writer.value("bitcast \(shape.word) \(op("or", chosen, sign)) to \(shape.float)")
    }

    private mutating func narrowedHalf(_ value: EmittedValue) -> String {
        let shape = LaneShape(value.lanes)
        let native = LLVMSpelling.vector("half", value.lanes)
        if convertsHalf {
            let half = writer.value("fptrunc \(shape.float) \(value.name) to \(native)")
            return writer.value("bitcast \(native) \(half) to \(shape.half)")
        }
        func op(_ instruction: String, _ x: String, _ y: String) -> String {
            writer.value("\(instruction) \(shape.word) \(x), \(y)")
        }
        func choose(_ condition: String, _ x: String, _ y: String) -> String {
            writer.value("select \(shape.condition) \(condition), \(shape.word) \(x), \(shape.word) \(y)")
        }
        let bits = writer.value("bitcast \(shape.float) \(value.name) to \(shape.word)")
        let sign = op("lshr", op("and", bits, shape.number(Int(Int32.min))), shape.number(16))
        let magnitude = op("and", bits, shape.number(0x7FFF_FFFF))
        // Too large: infinity, or a NaN.
        let isNaN = writer.value("icmp ugt \(shape.word) \(magnitude), \(shape.number(0x7F80_0000))")
        let large = choose(isNaN, shape.number(0x7E00), shape.number(0x7C00))
        // Subnormal: adding 1/2 leaves the last 10 bits of the sum, rounded by the addition.
        let half = LLVMSpelling.splat(LLVMSpelling.number(0.5, .f32), "float", value.lanes)
        let number = writer.value("bitcast \(shape.word) \(magnitude) to \(shape.float)")
        let sum = writer.value("fadd \(shape.float) \(number), \(half)")
        let small = op(
            "sub", writer.value("bitcast \(shape.float) \(sum) to \(shape.word)"), shape.number(126 << 23))
        // Normal: the exponent 112 smaller, half of the last place added, a little less for an even number.
        let isOdd = op("and", op("lshr", magnitude, shape.number(13)), shape.number(1))
        let moved = op("add", magnitude, shape.number(-(112 << 23) + 0xFFF))
        let normal = op("lshr", op("add", moved, isOdd), shape.number(13))
        let isSmall = writer.value("icmp ult \(shape.word) \(magnitude), \(shape.number(113 << 23))")
        let isLarge = writer.value("icmp uge \(shape.word) \(magnitude), \(shape.number(143 << 23))")
        let chosen = choose(isLarge, large, choose(isSmall, small, normal))
        return writer.value("trunc \(shape.word) \(op("or", chosen, sign)) to \(shape.half)")
    }
}

/// The types of a number of lanes.
private struct LaneShape {
    let lanes: Int
    init(_ lanes: Int) { self.lanes = lanes }
    var half: String { LLVMSpelling.vector("i16", lanes) }
    var word: String { LLVMSpelling.vector("i32", lanes) }
    var float: String { LLVMSpelling.vector("float", lanes) }
    var double: String { LLVMSpelling.vector("double", lanes) }
    var condition: String { LLVMSpelling.vector("i1", lanes) }
    func number(_ value: Int) -> String { LLVMSpelling.splat(String(value), "i32", lanes) }
}
