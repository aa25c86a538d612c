import HostTensors

/// A JSON value whose members keep their order.
indirect enum JSONValue {
    case null
    case bool(Bool)
    case integer(Int)
    case unsigned(UInt64)
    case number(Double)
    case string(String)
    case list([JSONValue])
    case object([(String, JSONValue)])

    /// The text on one line.
    var text: String {
        switch self {
        case .null: "null"
        case .bool(let value): String(value)
        case .integer(let value): String(value)
        case .unsigned(let value): String(value)
        // JSON has no infinities and no NaN.
        case .number(let value): value.isFinite ? "\(value)" : "null"
        case .string(let string): JSON.quoted(string)
        case .list(let items): "[" + items.map(\.text).joined(separator: ", ") + "]"
        case .object(let members):
            "{" + members.map { "\(JSON.quoted($0.0)): \($0.1.text)" }.joined(separator: ", ") + "}"
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    init(stringLiteral value: String) { self = .string(value) }
    init(integerLiteral value: Int) { self = .integer(value) }

    /// A string, or null.
    init(_ string: String?) { self = string.map { .string($0) } ?? .null }
}
