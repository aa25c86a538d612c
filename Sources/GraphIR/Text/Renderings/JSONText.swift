import HostTensors

/// A JSON value whose members keep their order.
indirect enum JSONText {
    case string(String)
    case number(Int)
    case bool(Bool)
    case list([JSONText])
    case object([(String, JSONText)])

    /// Indented text; lists and objects that hold only plain values stay on one line.
    func text(indent: String = "") -> String {
        switch self {
        case .string(let string): JSON.quoted(string)
        case .number(let number): String(number)
        case .bool(let value): String(value)
        case .list(let items): Self.block("[", "]", items.map { ("", $0) }, indent)
        case .object(let members): Self.block("{", "}", members.map { (JSON.quoted($0.0) + ": ", $0.1) }, indent)
        }
    }

    private var isPlain: Bool {
        switch self {
        case .list(let items): items.isEmpty
        case .object(let members): members.isEmpty
        default: true
        }
    }

    private static func block(
        _ open: String, _ close: String, _ members: [(String, JSONText)], _ indent: String
    ) -> String {
        if members.allSatisfy(\.1.isPlain) {
            return open + members.map { $0.0 + $0.1.text() }.joined(separator: ", ") + close
        }
        let inner = indent + "  "
        let lines = members.map { inner + $0.0 + $0.1.text(indent: inner) }
        return "\(open)\n\(lines.joined(separator: ",\n"))\n\(indent)\(close)"
    }
}
