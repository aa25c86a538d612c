import ArgumentParser
import Summaries

/// Draws what a run recorded.
struct PlotCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plot", abstract: "Draw loss and metrics of a run, in the terminal and as a picture.")

    @Argument(help: "The model directory of a training that records summaries.")
    var directory: String

    @Option(
        name: .shortAndLong,
        help: "Write the curves as a picture: a file ending in .svg, or in .png where librsvg's rsvg-convert is there.")
    var output: String?

    @Option(help: "Only this quantity, such as 'loss'; may be given several times.")
    var tag: [String] = []

    @Option(parsing: .unconditional, help: "The width of the curves in the terminal, in characters.")
    var width = 72

    func validate() throws {
        if let output { try Picture.ending(of: output) }
    }

    func run() throws {
        let series = try EventReader.scalars(in: directory)
        let plots = Plot.all(series.filter { tag.isEmpty || tag.contains($0.tag) })
        guard !plots.isEmpty else {
            let tags = Set(series.map(\.tag)).sorted().joined(separator: ", ")
            throw Failure("the run recorded nothing of that name; there is: \(tags)")
        }
        for plot in plots { print(plot.terminal(width: max(10, width))) }
        guard let output else { return }
        try Picture(svg: Plot.svg(plots)).write(to: output)
        print("wrote \(output)")
    }
}
