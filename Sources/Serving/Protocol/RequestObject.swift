import HostTensors

/// An object of a request's JSON, with members of known kinds.
struct RequestObject {
    /// Where it is, for messages: `inputs[0]`.
    let place: String
    private let members: [JSON.Member]

    /// Throws a `RequestFailure` where the value is no object.
    init(_ value: JSON, place: String) throws {
        guard case .object(let members) = value.content else {
            throw RequestFailure.badRequest("\(place): expected an object, got \(value.kind)")
        }
        (self.place, self.members) = (place, members)
    }

    /// The value of a member; nil if there is none, or null.
    func value(_ name: String) -> JSON? {
        guard let value = members.first(where: { $0.name == name })?.value else { return nil }
        if case .null = value.content { return nil }
        return value
    }

    private func wrong(_ name: String, _ expected: String, _ value: JSON?) -> RequestFailure {
        .badRequest("\(place), \"\(name)\": expected \(expected), got \(value?.kind ?? "nothing")")
    }

    func string(_ name: String) throws -> String? {
        guard let value = value(name) else { return nil }
        guard case .string(let text) = value.content else { throw wrong(name, "a string", value) }
        return text
    }

    func requiredString(_ name: String) throws -> String {
        guard let text = try string(name) else { throw wrong(name, "a string", nil) }
        return text
    }

    func boolean(_ name: String) throws -> Bool? {
        guard let value = value(name) else { return nil }
        guard case .boolean(let flag) = value.content else { throw wrong(name, "true or false", value) }
        return flag
    }

    func integer(_ name: String) throws -> Int? {
        guard let value = value(name) else { return nil }
        guard let integer = value.integer, integer >= 0 else { throw wrong(name, "a whole number from 0", value) }
        return integer
    }

    func object(_ name: String) throws -> RequestObject? {
        try value(name).map { try RequestObject($0, place: "\(place), \"\(name)\"") }
    }

    func objects(_ name: String) throws -> [RequestObject]? {
        guard let value = value(name) else { return nil }
        guard case .array(let elements) = value.content else { throw wrong(name, "a list of objects", value) }
        return try elements.enumerated().map { try RequestObject($1, place: "\(name)[\($0)]") }
    }

    /// The sizes of a tensor's axes.
    func shape() throws -> [Int] {
        guard let value = value("shape"), case .array(let elements) = value.content else {
            throw wrong("shape", "a list of sizes", value("shape"))
        }
        return try elements.map { element in
            guard let size = element.integer, size >= 0 else { throw wrong("shape", "sizes from 0", element) }
            return size
        }
    }

    /// Throws where there is a parameter of an extension that this server does not have.
    func refuse(_ names: [String]) throws {
        guard let name = names.first(where: { value($0) != nil }) else { return }
        throw RequestFailure.badRequest(
            "\(place): '\(name)' belongs to an extension that this server does not have; GET /v2 lists those it has")
    }
}
