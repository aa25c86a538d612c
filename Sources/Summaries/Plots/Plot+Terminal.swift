/// Plots as text.
extension Plot {
    /// The plot in braille dots, `width` by `height` characters within its axes; each line has its letter in the legend.
    public func terminal(width: Int = 72, height: Int = 12) -> String {
        let (steps, values) = bounds
        var dots = [[UInt8]](repeating: [UInt8](repeating: 0, count: width), count: height)
        for line in series {
            var last: (x: Int, y: Int)?
            for (step, value) in zip(line.steps, line.values) {
                guard value.isFinite else {
                    last = nil
                    continue
                }
                let x = Self.place(Double(step), steps, width * 2)
                let y = height * 4 - 1 - Self.place(value, values, height * 4)
                Self.draw(from: last ?? (x, y), to: (x, y), &dots)
                last = (x, y)
            }
        }
        let labels = [values.upperBound, values.lowerBound].map(Self.label)
        let margin = labels.map(\.count).max() ?? 0
        var text =
            "\(title): \(series.map { "\($0.run) \($0.values.last.map(Self.label) ?? "")" }.joined(separator: ", "))\n"
        for row in 0..<height {
            let label = row == 0 ? labels[0] : row == height - 1 ? labels[1] : ""
            let cells = dots[row].map { Character(Unicode.Scalar(0x2800 + UInt32($0)) ?? " ") }
            text += String(repeating: " ", count: margin - label.count) + "\(label) │\(String(cells))\n"
        }
        let ends = (Self.label(steps.lowerBound), Self.label(steps.upperBound))
        let gap = max(1, width - ends.0.count - ends.1.count)
        text += String(repeating: " ", count: margin + 1) + "└" + String(repeating: "─", count: width) + "\n"
        return text + String(repeating: " ", count: margin + 2) + ends.0 + String(repeating: " ", count: gap) + ends.1
            + "\n"
    }

    /// The dot of a number: 0 at the range's lower end, `count - 1` at its upper.
    private static func place(_ value: Double, _ range: ClosedRange<Double>, _ count: Int) -> Int {
        Int(((value - range.lowerBound) / (range.upperBound - range.lowerBound) * Double(count - 1)).rounded())
    }

    private static func draw(from start: (x: Int, y: Int), to end: (x: Int, y: Int), _ dots: inout [[UInt8]]) {
        let count = max(abs(end.x - start.x), abs(end.y - start.y), 1)
        for at in 0...count {
            let x = start.x + (end.x - start.x) * at / count
            let y = start.y + (end.y - start.y) * at / count
            // Dots 1, 2, 3, 7 are the left column of a braille cell, 4, 5, 6, 8 the right one.
            let bits: [[UInt8]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]
            dots[y / 4][x / 2] |= bits[y % 4][x % 2]
        }
    }
}
