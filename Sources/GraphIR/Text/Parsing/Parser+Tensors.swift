import HostTensors

extension Parser {
    /// `f32[2]{1, 2}`, or `f32[784,128]@hash` for a tensor of the constant store.
    mutating func parseTensor() throws -> HostTensor {
        let start = token
        let type = try parseType()
        guard let shape = type.constantShape else {
            throw failure("a constant's shape must be numbers, got \(type)", at: start)
        }
        if token.kind == .symbol { return try parseReference(type, shape) }
        guard isAt("{") else { throw unexpected("'{' and the elements, or '@' and a content hash") }
        let tensor = try type.dtype.accept(ElementReader(parser: self))
        self = tensor.parser
        do {
            return try tensor.make(shape)
        } catch {
            let count = shape.reduce(1, *)
            throw failure("\(type) has \(count) elements, \(tensor.count) are written", at: start)
        }
    }

    private mutating func parseReference(_ type: TensorType, _ shape: [Int]) throws -> HostTensor {
        let hash = try advance()
        guard let tensor = constants[hash: hash.text] else {
            throw failure(
                "no constant with the hash '\(hash.text)'", at: hash,
                remedy: "keep the side file NAME.constants.safetensors beside the graph")
        }
        guard tensor.dtype == type.dtype, tensor.shape == shape else {
            throw failure("type mismatch: the constant is \(tensor.typeText), the text says \(type)", at: hash)
        }
        return tensor
    }

    /// Reads the elements of one dtype with a parser of its own, which is given back.
    private struct ElementReader: DTypeVisitor {
        struct Output {
            var parser: Parser
            var count: Int
            var make: ([Int]) throws -> HostTensor
        }
        var parser: Parser

        func visit<Scalar: HostScalar>(_ type: Scalar.Type) throws -> Output {
            var parser = parser
            try parser.expect("{")
            let elements = try parser.list(until: "}") { try $0.parseElement(Scalar.self) }
            return Output(parser: parser, count: elements.count) { try HostTensor(elements, shape: $0) }
        }
    }

    /// One element of a tensor.
    mutating func parseElement<Scalar: HostScalar>(_ type: Scalar.Type) throws -> Scalar {
        if Scalar.dtype.isFloat { return try parseNumber(type) }
        if Scalar.dtype == .bool {
            guard isAt(keyword: "true") || isAt(keyword: "false") else { throw unexpected("'true' or 'false'") }
            return Scalar(cast: try advance().text == "true" ? Int64(1) : 0)
        }
        return try parseWhole(type)
    }

    private mutating func parseWhole<Scalar: HostScalar>(_ type: Scalar.Type) throws -> Scalar {
        let start = token
        let sign = try take("-") ? "-" : ""
        guard token.kind == .number else { throw unexpected("a whole number of type \(Scalar.dtype)") }
        let digits = sign + token.text
        let scalar: Scalar?
        if let value = Int64(digits) {
            scalar = Self.exactly(value)
        } else {
            scalar = Scalar.dtype == .u64 ? UInt64(digits).map { Scalar(cast: $0) } : nil
        }
        guard let scalar else {
            throw failure(
                "bad number '\(digits)': expected a whole number of type \(Scalar.dtype)", at: start,
                remedy: token.text.allSatisfy(\.isNumber)
                    ? "it is outside the range of \(Scalar.dtype)" : "write decimal digits only")
        }
        try advance()
        return scalar
    }

    private static func exactly<Scalar: HostScalar>(_ value: Int64) -> Scalar? {
        let scalar = Scalar(cast: value)
        if !Scalar.dtype.isSigned { return value >= 0 && UInt64(value) == scalar.cast(to: UInt64.self) ? scalar : nil }
        return scalar.cast(to: Int64.self) == value ? scalar : nil
    }

    /// A floating-point number: digits, `inf`, `nan` or `nan(0x7fc00001)`, perhaps negative.
    mutating func parseNumber<Scalar: HostScalar>(_ type: Scalar.Type) throws -> Scalar {
        let isNegative = try take("-")
        if try take(keyword: "inf") { return Scalar(cast: isNegative ? -Double.infinity : Double.infinity) }
        if !isNegative, try take(keyword: "nan") { return try parsePayload(type) }
        guard token.kind == .number else { throw unexpected("a number") }
        guard let value: Scalar = Self.number((isNegative ? "-" : "") + token.text) else {
            throw failure(
                "bad number '\(token.text)'",
                remedy: "write digits such as 0.5 or 1e-05 within the range of \(Scalar.dtype), inf or nan")
        }
        try advance()
        return value
    }

    private static func number<Scalar: HostScalar>(_ digits: String) -> Scalar? {
        guard !digits.contains("x"), !digits.contains("X"), let wide = Double(digits), wide.isFinite else { return nil }
        let value: Scalar
        switch Scalar.dtype {
        case .f32: value = Float(digits).flatMap { $0 as? Scalar } ?? Scalar(cast: wide)
        case .f16: value = Float16(digits).flatMap { $0 as? Scalar } ?? Scalar(cast: wide)
        default: value = Scalar(cast: wide)
        }
        return value.cast(to: Double.self).isFinite ? value : nil
    }

    /// `(0x7fc00001)` after `nan`: the bits, where they are not the usual ones.
    private mutating func parsePayload<Scalar: HostScalar>(_ type: Scalar.Type) throws -> Scalar {
        var bits: UInt64?
        if try take("(") {
            guard token.kind == .number, token.text.hasPrefix("0x"),
                let given = UInt64(token.text.dropFirst(2), radix: 16)
            else { throw unexpected("the bits of the NaN such as 0x7fc00001") }
            let place = try advance()
            bits = given
            try expect(")")
            guard let value: Scalar = Self.nan(given) else {
                throw failure("0x\(String(given, radix: 16)) is not a NaN of \(Scalar.dtype)", at: place)
            }
            return value
        }
        let standard: [DType: UInt64] = [
            .f64: Double.nan.bitPattern, .f32: UInt64(Float.nan.bitPattern), .f16: UInt64(Float16.nan.bitPattern),
        ]
        bits = standard[Scalar.dtype] ?? 0x7fc0
        return bits.flatMap { Self.nan($0) } ?? Scalar(cast: Double.nan)
    }

    private static func nan<Scalar: HostScalar>(_ bits: UInt64) -> Scalar? {
        switch Scalar.dtype {
        case .f64:
            let value = Double(bitPattern: bits)
            return value.isNaN ? value as? Scalar : nil
        case .f32:
            guard let narrow = UInt32(exactly: bits) else { return nil }
            let value = Float(bitPattern: narrow)
            return value.isNaN ? value as? Scalar : nil
        default:
            guard let narrow = UInt16(exactly: bits) else { return nil }
            if Scalar.dtype == .f16 {
                let value = Float16(bitPattern: narrow)
                return value.isNaN ? value as? Scalar : nil
            }
            let value = BFloat16(bitPattern: narrow)
            return value.float.isNaN ? value as? Scalar : nil
        }
    }
}
