import HostTensors

/// Numbers in graph text: the shortest digits that read back as the same bits.
enum ScalarText {
    /// A double, such as `0.1`, `-0`, `inf`, `nan`.
    static func text(_ value: Double) -> String {
        value.isNaN
            ? nan(UInt64(value.bitPattern), standard: UInt64(Double.nan.bitPattern)) : trimmed(value.description)
    }

    /// All elements of a tensor, in row-major order.
    static func texts(of tensor: HostTensor) -> [String] {
        // The dtype is the one the closure's type asks for, so nothing throws.
        (try? tensor.dtype.accept(ElementTexts(tensor: tensor))) ?? []
    }

    /// One element.
    static func text<Scalar: HostScalar>(_ element: Scalar) -> String {
        switch element {
        case let value as Double: text(value)
        case let value as Float:
            value.isNaN
                ? nan(UInt64(value.bitPattern), standard: UInt64(Float.nan.bitPattern)) : trimmed(value.description)
        case let value as Float16:
            value.isNaN
                ? nan(UInt64(value.bitPattern), standard: UInt64(Float16.nan.bitPattern))
                : trimmed(value.description)
        case let value as BFloat16:
            value.float.isNaN ? nan(UInt64(value.bitPattern), standard: 0x7fc0) : trimmed(value.float.description)
        default: "\(element)"
        }
    }

    private static func trimmed(_ digits: String) -> String {
        digits.hasSuffix(".0") ? String(digits.dropLast(2)) : digits
    }

    private static func nan(_ bits: UInt64, standard: UInt64) -> String {
        bits == standard ? "nan" : "nan(0x\(String(bits, radix: 16)))"
    }

    private struct ElementTexts: DTypeVisitor {
        let tensor: HostTensor
        func visit<Scalar: HostScalar>(_ type: Scalar.Type) throws -> [String] {
            try tensor.withScalars(as: Scalar.self) { $0.map { ScalarText.text($0) } }
        }
    }
}

/// Strings in graph text: in double quotes, with `\"`, `\\`, `\n`, `\r`, `\t` and `\u{…}`.
enum StringText {
    /// The quoted form; control characters are escaped, everything else is kept.
    static func quoted(_ string: String) -> String {
        var text = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f:
                text += "\\u{\(String(scalar.value, radix: 16))}"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
