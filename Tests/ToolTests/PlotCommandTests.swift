import Foundation
import Strata
import Testing
import Toolchain

/// `strata plot`: curves in the terminal and as pictures.
@Suite struct PlotCommandTests {
    /// A model directory whose training recorded a falling loss, and whose evaluations recorded loss and accuracy.
    private static func withRun<T>(_ body: (_ run: String, _ folder: String) throws -> T) throws -> T {
        try Tool.withFolder { folder in
            let run = "\(folder)/run"
            for (part, tags) in [("train", ["loss"]), ("evaluation", ["loss", "accuracy"])] {
                let file = try EventFile(folder: "\(run)/events/\(part)", step: 0, clock: { 1 })
                for at in 0..<5 { file.add(scalars: tags.map { ($0, 4 - Double(at)) }, step: at * 10) }
                try file.flush()
            }
            return try body(run, folder)
        }
    }

    @Test func drawsEveryQuantityInTheTerminal() throws {
        try Self.withRun { run, _ in
            let all = try Tool.run("plot", run, "--width", "20")
            #expect(all.code == 0, "\(all.errors)")
            #expect(
                all.output.contains("accuracy: evaluation 0\n") && all.output.contains("loss: evaluation 0, train 0\n"))
            let one = try Tool.run("plot", run, "--tag", "accuracy", "--width", "20")
            #expect(one.output.contains("accuracy:") && !one.output.contains("loss:"))
            // A dot in the first and the last column: the curve fills its width.
            let rows = one.output.split(separator: "\n").filter { $0.contains("│") }.map(Array.init)
            let edge = try #require(rows.first?.firstIndex(of: "│"))
            #expect(rows.first?[edge + 1] != "\u{2800}" && rows.last?[edge + 20] != "\u{2800}")
        }
    }

    @Test func writesSVG() throws {
        try Self.withRun { run, folder in
            let path = "\(folder)/curves.svg"
            let result = try Tool.run("plot", run, "--output", path)
            #expect(result.code == 0 && result.output.hasSuffix("wrote \(path)\n"), "\(result.errors)")
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(text.hasPrefix("<svg") && text.components(separatedBy: "<polyline").count == 1 + 3)
        }
    }

    /// 8 bytes of signature, then the header: width and height are its first numbers, big-endian.
    @Test(.enabled(if: Subprocess.find("rsvg-convert") != nil)) func writesPNG() throws {
        try Self.withRun { run, folder in
            let path = "\(folder)/curves.png"
            let result = try Tool.run("plot", run, "--tag", "loss", "--output", path)
            #expect(result.code == 0, "\(result.errors)")
            let bytes = Array(try #require(FileManager.default.contents(atPath: path)))
            #expect(bytes.prefix(8) == [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
            func number(_ at: Int) -> Int { bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
            #expect(number(16) == 1280 && number(20) == 640)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["curves.png", "run"])
        }
    }

    @Test func saysWhatIsMissing() throws {
        try Self.withRun { run, folder in
            let png = try Tool.run(["plot", run, "-o", "\(folder)/curves.png"], environment: ["PATH": folder])
            #expect(
                png.code == 1 && png.errors.contains("rsvg-convert, which is not on the PATH: sudo apt-get install"))
            let other = try Tool.run("plot", run, "-o", "\(folder)/curves.gif")
            #expect(other.code == 64 && other.output.isEmpty)
            for text in ["its name must end with .svg or .png", "Usage: strata plot"] {
                #expect(other.errors.contains(text), "\(other.errors)")
            }
            let tag = try Tool.run("plot", run, "--tag", "lost")
            #expect(tag.code == 1 && tag.errors.contains("nothing of that name; there is: accuracy, loss"))
            let nothing = try Tool.run("plot", "\(folder)/nowhere")
            #expect(nothing.code != 0 && nothing.errors.contains("nowhere"), "\(nothing.errors)")
        }
    }
}
