/// The names of a function's values in text: inputs by their own name where it is an identifier, states by their
/// identifier, results by number.
public struct ValueNames: Sendable {
    private var names: [String]

    /// Names every value of a function.
    public init(_ function: GraphFunction, states: [StateDeclaration]) {
        names = [String](repeating: "", count: function.values.count)
        var taken = Set(states.map(\.identifier))
        for (at, input) in function.inputs.enumerated() {
            var name = Identifier.isValid(input.name) && !taken.contains(input.name) ? input.name : "in\(at)"
            while !taken.insert(name).inserted { name += "_" }
            set(input.value, name)
        }
        for (at, value) in function.values.enumerated() {
            guard case .state(let state) = value.origin else { continue }
            names[at] = states.indices.contains(state) ? states[state].identifier : "state\(state)"
        }
        var number = 0
        for op in function.ops {
            for result in op.results {
                set(result, String(number))
                number += 1
            }
        }
    }

    private mutating func set(_ value: ValueID, _ name: String) {
        if names.indices.contains(value.index) { names[value.index] = name }
    }

    /// The name with its sign, `%image`; a value that nothing defines shows as `%?7`.
    public subscript(value: ValueID) -> String {
        guard names.indices.contains(value.index), !names[value.index].isEmpty else { return "%?\(value.index)" }
        return "%" + names[value.index]
    }
}

/// The names of the places that operations come from, in order of first use.
struct PlaceNames: Sendable {
    private(set) var places: [(name: String, place: Place)] = []
    private var known: [Place: String] = [:]

    /// Names the places of some functions.
    init(_ functions: [GraphFunction]) {
        var taken: Set<String> = []
        for function in functions { add(function, &taken) }
    }

    private mutating func add(_ function: GraphFunction, _ taken: inout Set<String>) {
        for op in function.ops {
            for body in op.bodies { add(body, &taken) }
            guard let place = op.place, known[place] == nil else { continue }
            let base = Self.base(place)
            var name = base
            var number = 1
            while !taken.insert(name).inserted {
                number += 1
                name = "\(base)_\(number)"
            }
            known[place] = name
            places.append((name, place))
        }
    }

    private static func base(_ place: Place) -> String {
        if !place.layer.isEmpty { return Identifier.sanitised(place.layer) }
        let file = Identifier.sanitised(String(place.file.prefix { $0 != "." }))
        return "\(file.isEmpty ? "place" : file)_\(place.line)"
    }

    /// The name of a place that was seen.
    subscript(place: Place) -> String { known[place] ?? "unknown" }

    /// The definition of a place: `layer "hidden" at "Classifier.swift":14`.
    static func definition(_ place: Place) -> String {
        let isSourced = !place.file.isEmpty || place.line != 0
        var parts: [String] = []
        if !place.layer.isEmpty || !isSourced { parts.append("layer \(StringText.quoted(place.layer))") }
        if isSourced { parts.append("at \(StringText.quoted(place.file)):\(place.line)") }
        return parts.joined(separator: " ")
    }
}
