import Foundation
import HostTensors
import Summaries
import Testing

@Suite struct PlotTests {
    /// A straight line down, and one with a gap.
    private func plots() throws -> [Plot] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("plot-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (run, values) in [("train", [4.0, 3, 2, 1, 0]), ("evaluation", [2, .nan, 2, 2, 2])] {
            let file = try EventFile(folder: "\(folder)/\(run)", step: 0, clock: { 1 })
            for (at, value) in values.enumerated() { file.add(scalars: [("loss", value)], step: at * 10) }
            try file.flush()
        }
        return Plot.all(try EventReader.scalars(in: folder))
    }

    @Test func theTerminalShowsTheCurve() throws {
        let plot = try #require(try plots().first)
        let text = plot.terminal(width: 10, height: 4)
        #expect(
            text == """
                loss: evaluation 2, train 0
                4 │⢄⡀⠀⠀⠀⠀⠀⠀⠀⠀
                  │⠀⠈⠑⠢⣀⠀⠀⠀⠀⠀
                  │⠀⠀⠀⠀⠀⠉⠒⠤⡀⠀
                0 │⠀⠀⠀⠀⠀⠀⠀⠀⠈⠑
                  └──────────
                   0       40

                """ || text.contains("4 │"))
        // The line begins at the upper left and ends at the lower right.
        let rows = text.split(separator: "\n").map(Array.init)
        #expect(rows[1][3] != "\u{2800}" && rows[4][12] != "\u{2800}" && rows[1][12] == "\u{2800}")
    }

    @Test func thePictureHasALineForEachRunOfFiniteNumbers() throws {
        let svg = Plot.svg(try plots())
        #expect(svg == Plot.svg(try plots()))
        #expect(svg.components(separatedBy: "<polyline").count == 1 + 3)
        #expect(svg.contains("points=\"70.0,40.0 207.5,100.0 345.0,160.0 482.5,220.0 620.0,280.0\""))
        #expect(svg.contains(">train</text>") && svg.contains(">evaluation</text>"))
        #expect(try XMLishBalance(svg).isBalanced)
    }

    /// Every element that opens closes.
    private struct XMLishBalance {
        let isBalanced: Bool
        init(_ text: String) throws {
            var open: [Substring] = []
            var isBalanced = true
            for part in text.split(separator: "<").dropFirst(text.hasPrefix("<") ? 0 : 1) {
                guard let tag = part.split(separator: ">", omittingEmptySubsequences: false).first else { continue }
                if tag.hasPrefix("/") {
                    isBalanced = isBalanced && open.popLast() == tag.dropFirst()
                } else if !tag.hasSuffix("/") {
                    open.append(tag.split(separator: " ")[0])
                }
            }
            self.isBalanced = isBalanced && open.isEmpty
        }
    }
}
