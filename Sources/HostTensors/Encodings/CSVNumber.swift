extension HostScalar {
    /// The number that a field spells, spaces around it left out; nil if it is none or does not fit the type.
    init?(csvText text: String) {
        let trimmed = text.drop { $0 == " " || $0 == "\t" }
        let end = trimmed.lastIndex { $0 != " " && $0 != "\t" }
        let number = end.map { trimmed[...$0] } ?? ""
        let dtype = Self.dtype
        if dtype.isFloat {
            guard let value = Double(number) else { return nil }
            self.init(cast: value)
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
