import GraphIR

/// Sums of products of tensors, said by letters: `einsum("bik,kj->bij", x, y)`.
///
/// Each letter is an axis; operands are separated by commas, and letters that the result lacks are summed over. Without
/// `->`, the result has the letters that occur once, in alphabetical order. Operands are combined from left to right, each
/// pair by one `dot`. A letter that occurs twice in one operand, and `...`, are errors.
public func einsum(_ formula: String, _ operands: Tensor..., file: String = #fileID, line: Int = #line) -> Tensor {
    einsum(formula, operands, file: file, line: line)
}

/// `einsum` of a list of operands.
public func einsum(_ formula: String, _ operands: [Tensor], file: String = #fileID, line: Int = #line) -> Tensor {
    let place = PlaceScope.call(file, line)
    return Tensor.catching(operands, place: place) {
        let einsum = try Einsum(formula, operands.map(\.type))
        return try einsum.evaluate(operands, place: place)
    }
}

/// A checked formula: the letters of each operand and of the result.
private struct Einsum {
    let formula: String
    let inputs: [[Character]]
    let result: [Character]

    init(_ formula: String, _ types: [TensorType]) throws {
        self.formula = formula
        let text = formula.filter { $0 != " " }
        let sides = text.split(separator: "->", omittingEmptySubsequences: false)
        inputs = sides[0].split(separator: ",", omittingEmptySubsequences: false).map(Array.init)
        func failure(_ message: String, remedy: String? = nil) -> GraphError {
            GraphError("einsum '\(formula)': \(message)", remedy: remedy)
        }
        guard sides.count <= 2, inputs.joined().allSatisfy(\.isLetter) else {
            throw failure("expected letters, commas and one '->'", remedy: "for example bik,kj->bij")
        }
        guard inputs.count == types.count else {
            throw failure("it names \(inputs.count) operands, got \(types.count)")
        }
        var sizes: [Character: Dim] = [:]
        for (letters, type) in zip(inputs, types) {
            guard letters.count == type.rank else {
                throw failure("'\(String(letters))' names \(letters.count) axes, the operand is \(type)")
            }
            guard Set(letters).count == letters.count else {
                throw failure("'\(String(letters))' names an axis twice", remedy: "a diagonal is not supported")
            }
            for (letter, size) in zip(letters, type.shape) {
                if let known = sizes[letter], known != size {
                    throw failure("axis \(letter) is \(known) in one operand and \(size) in another")
                }
                sizes[letter] = size
            }
        }
        let all = Array(inputs.joined())
        if sides.count == 2 {
            result = Array(sides[1])
        } else {
            result = Set(all).filter { letter in all.count { $0 == letter } == 1 }.sorted()
        }
        guard Set(result).count == result.count, result.allSatisfy({ sizes[$0] != nil }) else {
            throw failure("each axis of the result '\(String(result))' must be one of an operand, once")
        }
    }

    func evaluate(_ operands: [Tensor], place: Place?) throws -> Tensor {
        var value = summed(operands[0], inputs[0], keeping: needed(after: 0), place)
        for at in operands.indices.dropFirst() {
            let later = needed(after: at)
            let next = summed(operands[at], inputs[at], keeping: Set(value.letters).union(later), place)
            value = product(value, next, later, place)
        }
        value = summed(value.tensor, value.letters, keeping: Set(result), place)
        let order = result.map { letter in value.letters.firstIndex(of: letter) ?? 0 }
        if order == Array(order.indices) { return value.tensor }
        return Tensor.apply("transpose", [value.tensor], ["permutation": .ints(order)], place: place)
    }

    private typealias Labelled = (tensor: Tensor, letters: [Character])

    /// The letters of operands after number `at`, and of the result.
    private func needed(after at: Int) -> Set<Character> { Set(inputs[(at + 1)...].joined()).union(result) }

    /// The tensor summed over the axes that nothing needs.
    private func summed(
        _ tensor: Tensor, _ letters: [Character], keeping kept: Set<Character>, _ place: Place?
    ) -> Labelled {
        let axes = letters.indices.filter { !kept.contains(letters[$0]) }
        if axes.isEmpty { return (tensor, letters) }
        return (tensor.reduced("sum", axes, false, place), letters.filter(kept.contains))
    }

    private func product(_ x: Labelled, _ y: Labelled, _ later: Set<Character>, _ place: Place?) -> Labelled {
        let shared = x.letters.filter(y.letters.contains)
        let batch = shared.filter(later.contains)
        let contracted = shared.filter { !later.contains($0) }
        func axes(_ letters: [Character], _ of: [Character]) -> [Int] { letters.compactMap(of.firstIndex) }
        let tensor = Tensor.apply(
            "dot", [x.tensor, y.tensor],
            [
                "contract": .intLists([axes(contracted, x.letters), axes(contracted, y.letters)]),
                "batch": .intLists([axes(batch, x.letters), axes(batch, y.letters)]),
            ], place: place)
        let free = (x.letters + y.letters).filter { !shared.contains($0) }
        return (tensor, batch + free)
    }
}
