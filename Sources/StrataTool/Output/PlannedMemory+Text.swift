import Execution

extension PlannedMemory {
    /// One line for people.
    var line: String {
        "memory planned: \(total.sizeText) (states \(states.sizeText), constants \(constants.sizeText), "
            + "workspace \(workspace.sizeText))"
    }

    /// An object of bytes.
    var value: JSONValue {
        .object([
            ("total", .integer(total)), ("states", .integer(states)), ("constants", .integer(constants)),
            ("workspace", .integer(workspace)),
        ])
    }
}

extension Int {
    /// A number of bytes in a unit that suits it.
    var sizeText: String {
        self < 10240
            ? "\(self) B"
            : self < 10 << 20
                ? "\((Double(self) / 1024).rounded3) KiB"
                : "\((Double(self) / Double(1 << 20)).rounded3) MiB"
    }
}
