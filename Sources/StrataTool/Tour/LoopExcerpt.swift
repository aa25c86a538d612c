/// The basic block of a listing that does most of the arithmetic, and what is in it.
struct LoopExcerpt {
    /// Its lines, the label first.
    let lines: [String]

    /// Finds the block with the most lines that contain `instruction`; throws when no line does.
    ///
    /// A block begins at a label and ends before the next one.
    init(of listing: String, with instruction: String) throws {
        var blocks: [[String]] = [[]]
        for line in listing.split(separator: "\n").map(String.init) {
            if Self.isLabel(line) { blocks.append([]) }
            blocks[blocks.count - 1].append(line)
        }
        func work(_ block: [String]) -> Int { block.count { $0.contains(instruction) } }
        var busiest: [String] = []
        for block in blocks where work(block) > work(busiest) { busiest = block }
        guard !busiest.isEmpty else { throw Failure("the listing has no line with '\(instruction)'") }
        lines = busiest
    }

    private static func isLabel(_ line: String) -> Bool {
        guard let first = line.first, first != " ", first != "\t", let colon = line.firstIndex(of: ":") else {
            return false
        }
        return !line[..<colon].contains(" ")
    }

    /// The lines up to the first that leaves the block by a jump, that one included.
    func upToJump(_ jump: String) -> LoopExcerpt {
        let end = lines.firstIndex { $0.split(whereSeparator: \.isWhitespace).first?.hasPrefix(jump) == true }
        return LoopExcerpt(lines: Array(lines[...(end ?? lines.count - 1)]))
    }

    private init(lines: [String]) { self.lines = lines }

    /// The number of lines with all of these words.
    func count(_ words: String...) -> Int {
        lines.count { line in words.allSatisfy { line.contains($0) } }
    }

    /// The first and last lines, with a line that says how many are left out between them.
    func shortened(first: Int, last: Int, comment: String) -> String {
        let left = lines.count - first - last
        guard left > 1 else { return lines.map(Self.cut).joined(separator: "\n") }
        let kept = lines.prefix(first) + ["\(comment) … \(left) lines"] + lines.suffix(last)
        return kept.map(Self.cut).joined(separator: "\n")
    }

    /// A line of at most 110 characters.
    static func cut(_ line: String) -> String {
        let plain = line.replacing("\t", with: "    ")
        return plain.count > 110 ? plain.prefix(108) + " …" : plain
    }
}
