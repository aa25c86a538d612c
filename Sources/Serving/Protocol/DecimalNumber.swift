/// Numbers as JSON spells them.
enum DecimalNumber {
    /// Powers of ten that a `Double` holds exactly.
    private static let powers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

    /// The `Double` nearest to the number; nil where the text is no JSON number.
    static func read(_ text: UnsafeRawBufferPointer) -> Double? {
        var position = 0
        var digits: UInt64 = 0
        var exponent = 0
        var isExact = true
        func byte() -> UInt8 { position < text.count ? text[position] : 0 }

        /// Reads digits into the number; gives how many there were.
        func readDigits() -> Int {
            let start = position
            while case let digit = byte() &- 0x30, digit < 10 {
                // 18 digits fit for certain.
                if digits < 100_000_000_000_000_000 { digits = digits * 10 + UInt64(digit) } else { isExact = false }
                position += 1
            }
            return position - start
        }

        let isNegative = byte() == UInt8(ascii: "-")
        if isNegative { position += 1 }
        let first = byte()
        let whole = readDigits()
        guard whole > 0, whole == 1 || first != UInt8(ascii: "0") else { return nil }
        if byte() == UInt8(ascii: ".") {
            position += 1
            let fraction = readDigits()
            guard fraction > 0 else { return nil }
            exponent -= fraction
        }
        if byte() | 0x20 == UInt8(ascii: "e") {
            position += 1
            let sign = byte()
            if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { position += 1 }
            let start = position
            var power = 0
            while case let digit = byte() &- 0x30, digit < 10 {
                power = min(10_000, power * 10 + Int(digit))
                position += 1
            }
            guard position > start else { return nil }
            exponent += sign == UInt8(ascii: "-") ? -power : power
        }
        guard position == text.count else { return nil }
        // Both factors are exact then, so that their product or quotient is rounded once.
        guard isExact, digits <= 1 << 53, exponent.magnitude < powers.count else {
            return Double(String(decoding: text, as: UTF8.self))
        }
        let magnitude =
            exponent < 0 ? Double(digits) / powers[-exponent] : Double(digits) * powers[exponent]
        return isNegative ? -magnitude : magnitude
    }
}
