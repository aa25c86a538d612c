import GraphIR
import HostTensors

/// Writes the body of one LLVM function as text: fresh names, blocks, and each pure instruction only once a scope.
struct IRWriter {
    private(set) var lines: [String] = []
    private var nextName = 0
    /// What each instruction that is in scope is named, and the instructions of each scope.
    private var memo: [String: String] = [:]
    private var scopes: [[String]] = [[]]
    /// Declarations of intrinsics the text calls, by their text.
    private(set) var declarations: Set<String> = []
    /// The label of the block being written.
    private(set) var block = "entry"

    /// Gives what was written to another writer, which gives it back: two that hold it would copy it at every line.
    mutating func lend() -> IRWriter {
        var taken = IRWriter()
        swap(&taken, &self)
        return taken
    }

    mutating func freshName(_ hint: String = "v") -> String {
        nextName += 1
        return "%\(hint)\(nextName)"
    }

    /// Writes an instruction that has no effect but its value, or gives the value it already has in scope.
    mutating func value(_ instruction: String) -> String {
        if let known = memo[instruction] { return known }
        let name = impure(instruction)
        memo[instruction] = name
        scopes[scopes.count - 1].append(instruction)
        return name
    }

    /// A vector with the same value of an element type in every lane.
    mutating func splat(_ name: String, _ element: String, _ lanes: Int) -> String {
        let type = "<\(lanes) x \(element)>"
        let first = value("insertelement \(type) poison, \(element) \(name), i64 0")
        return value("shufflevector \(type) \(first), \(type) poison, <\(lanes) x i32> zeroinitializer")
    }

    /// Writes an instruction whose value depends on memory.
    mutating func impure(_ instruction: String) -> String {
        let name = freshName()
        lines.append("  \(name) = \(instruction)")
        return name
    }

    /// Writes an instruction without a value.
    mutating func effect(_ instruction: String) { lines.append("  \(instruction)") }

    /// Records that the text calls a function.
    mutating func declare(_ declaration: String) { declarations.insert(declaration) }

    /// Ends the current block and begins another.
    mutating func begin(block label: String) {
        lines.append("\(label):")
        block = label
    }

    /// A block label not used before.
    mutating func freshLabel(_ hint: String) -> String {
        nextName += 1
        return "\(hint)\(nextName)"
    }

    /// Values named from here on are forgotten at the matching `popScope`: their block does not dominate what follows.
    mutating func pushScope() { scopes.append([]) }
    /// Forgets the values named since the matching `pushScope`.
    mutating func popScope() {
        for instruction in scopes.removeLast() { memo[instruction] = nil }
    }

    /// Leaves room for a line that is known only later.
    mutating func reserveLine() -> Int {
        lines.append("")
        return lines.count - 1
    }
    /// Fills a reserved line.
    mutating func fill(_ line: Int, _ text: String) { lines[line] = text }
}

/// LLVM's spelling of types and numbers.
enum LLVMSpelling {
    /// The type of one element in a register: `float`, `i32`, `i1` for bool.
    static func element(_ dtype: DType) -> String {
        switch dtype {
        case .f64: "double"
        case .f32: "float"
        case .i64, .u64: "i64"
        case .i32, .u32: "i32"
        case .i16, .u16, .f16, .bf16: "i16"
        case .i8, .u8: "i8"
        case .bool: "i1"
        }
    }

    /// The type of one element in memory: bool takes a byte.
    static func memory(_ dtype: DType) -> String { dtype == .bool ? "i8" : element(dtype) }

    /// A scalar or vector type.
    static func vector(_ element: String, _ lanes: Int) -> String { lanes == 1 ? element : "<\(lanes) x \(element)>" }

    /// The suffix of an overloaded intrinsic: `v16f32`, `i32`.
    static func suffix(_ dtype: DType, _ lanes: Int) -> String {
        let base: String =
            switch dtype {
            case .f64: "f64"
            case .f32: "f32"
            default: element(dtype)
            }
        return lanes == 1 ? base : "v\(lanes)\(base)"
    }

    /// A number of an element type, exact.
    static func number(_ value: Double, _ dtype: DType) -> String {
        switch dtype {
        case .f64: return hex(value.bitPattern)
        case .f32: return hex(Double(Float(value)).bitPattern)
        case .f16: return bits(of: HostTensor(scalar: value).converted(to: .f16))
        case .bf16: return String(Int16(bitPattern: BFloat16(value).bitPattern))
        case .bool: return value != 0 ? "true" : "false"
        case .u64 where value >= 0x1p63: return String(Int64(bitPattern: value >= 0x1p64 ? .max : UInt64(value)))
        default: return String(saturated(value))
        }
    }

    /// A constant of a scalar or vector type, every lane alike.
    static func splat(_ number: String, _ element: String, _ lanes: Int) -> String {
        if lanes == 1 { return number }
        return "<" + Array(repeating: "\(element) \(number)", count: lanes).joined(separator: ", ") + ">"
    }

    /// The bits of a 16-bit element as a number.
    private static func bits(of element: HostTensor) -> String {
        element.withUnsafeBytes { String($0.loadUnaligned(as: Int16.self)) }
    }

    private static func hex(_ bits: UInt64) -> String {
        let digits = String(bits, radix: 16, uppercase: true)
        return "0x" + String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func saturated(_ value: Double) -> Int {
        if value.isNaN { return 0 }
        if value >= 9.2e18 { return Int.max }
        if value <= -9.2e18 { return Int.min }
        return Int(value)
    }
}
