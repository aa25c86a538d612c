/// Finds what a misspelt word was probably meant to be.
enum Spelling {
    /// The candidate nearest to `word`, if one is near enough to be a slip of the hand; short words differ in case only.
    static func closest(to word: String, among candidates: some Sequence<String>) -> String? {
        let allowed = word.count < 3 ? 0 : max(1, word.count / 3)
        var best: (distance: Int, candidate: String)?
        for candidate in candidates {
            let distance = distance(word.lowercased(), candidate.lowercased())
            if distance <= allowed, distance < best?.distance ?? Int.max { best = (distance, candidate) }
        }
        return best?.candidate
    }

    /// `did you mean 'dot'?`, or nil when nothing is near.
    static func suggestion(for word: String, among candidates: some Sequence<String>) -> String? {
        closest(to: word, among: candidates).map { "did you mean '\($0)'?" }
    }

    /// The least number of insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
    static func distance(_ left: String, _ right: String) -> Int {
        let (from, to) = (Array(left.unicodeScalars), Array(right.unicodeScalars))
        if from.isEmpty || to.isEmpty { return max(from.count, to.count) }
        var rows = [Array(0...to.count)]
        for (at, scalar) in from.enumerated() {
            var row = [at + 1]
            for (column, other) in to.enumerated() {
                var least = min(
                    rows[at][column] + (scalar == other ? 0 : 1), min(rows[at][column + 1], row[column]) + 1)
                if at > 0, column > 0, scalar == to[column - 1], from[at - 1] == other {
                    least = min(least, rows[at - 1][column - 1] + 1)
                }
                row.append(least)
            }
            rows.append(row)
        }
        return rows[from.count][to.count]
    }
}
