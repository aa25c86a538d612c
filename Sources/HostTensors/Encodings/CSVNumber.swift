extension HostScalar {
    /// A number, rounded where the type is a float; nil where it does not fit.
    init?(rounding number: Double) {
        let isFloat = Self.dtype.isFloat
        self.init(cast: number)
        let held: Double = cast(to: Double.self)
        guard isFloat ? held.isFinite == number.isFinite : held == number else { return nil }
    }

    /// The number that the bytes of a field spell, spaces around it left out; nil if it is none or does not fit the type.
    ///
    /// For a float, digits that are too large for it do not fit; `inf` in letters is a number, and NaN is none.
    init?(csvBytes bytes: ArraySlice<UInt8>) {
        let isSpace: (UInt8) -> Bool = { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        let trimmed = bytes.drop(while: isSpace)
        let end = trimmed.lastIndex { !isSpace($0) }
        let number = end.map { String(decoding: trimmed[...$0], as: UTF8.self) } ?? ""
        let dtype = Self.dtype
        if dtype.isFloat {
            guard let value = Double(number), !value.isNaN else { return nil }
            self.init(cast: value)
            let held: Double = cast(to: Double.self)
            if held.isInfinite, !number.utf8.contains(where: { $0 | 0x20 == UInt8(ascii: "n") }) { return nil }
            return
        }
        switch dtype {
        case .bool:
            switch number.lowercased() {
            case "1", "true": self.init(cast: 1 as Int64)
            case "0", "false": self.init(cast: 0 as Int64)
            default: return nil
            }
        case .u64:
            guard let value = UInt64(number) else { return nil }
            self.init(cast: value)
        default:
            guard let integer = Int64(number) else { return nil }
            self.init(cast: integer)
            if cast(to: Int64.self) != integer { return nil }
        }
    }
}
