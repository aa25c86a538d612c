import Foundation
import Strata

/// A text as numbers of characters, and windows of it as examples.
struct Novels {
    /// The characters that occur, by number.
    let characters: [Character]
    /// Windows of the text to learn from.
    let training: Dataset
    /// Windows of what is held out: the last tenth of every twentieth of the text. None overlap.
    let heldOut: Dataset
    /// The held-out characters of the last part, by number.
    let opening: [Int32]

    /// Reads a text; windows are `length` characters and the ones that follow them.
    init(path: String, length: Int) throws {
        let text = Array(try String(contentsOfFile: path, encoding: .utf8))
        characters = Array(Set(text)).sorted()
        let numbers = Dictionary(uniqueKeysWithValues: characters.enumerated().map { ($1, Int32($0)) })
        let ids = text.compactMap { numbers[$0] }
        let part = ids.count / 20
        var (learned, judged): ([Int], [Int]) = ([], [])
        for start in stride(from: 0, to: ids.count - part + 1, by: part) {
            let border = start + part * 9 / 10
            learned += stride(from: start, to: border - length, by: length / 4)
            judged += stride(from: border, to: start + part - length, by: length)
        }
        func windows(_ starts: [Int]) throws -> Dataset {
            try Dataset.generated(count: starts.count, labels: "next") { index in
                let window = ids[starts[index]...starts[index] + length]
                return [
                    "ids": try HostTensor(Array(window.dropLast()), shape: [length]),
                    "next": try HostTensor(Array(window.dropFirst()), shape: [length]),
                ]
            }
        }
        training = try windows(learned)
        heldOut = try windows(judged)
        opening = Array(ids[(19 * part + part * 9 / 10)...].prefix(length))
    }

    /// The text that numbers stand for.
    func text(_ ids: some Sequence<Int32>) -> String { String(ids.map { characters[Int($0)] }) }
}
