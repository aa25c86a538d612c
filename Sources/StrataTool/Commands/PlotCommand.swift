import ArgumentParser
import HostTensors
import Summaries

/// Draws what a run recorded.
struct PlotCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plot", abstract: "Draw loss and metrics of a run, in the terminal and as SVG.")

    @Argument(help: "The model directory of a training that records summaries.")
    var directory: String

    @Option(name: .shortAndLong, help: "Write the curves as an SVG picture.")
    var output: String?

    @Option(help: "Only this quantity, such as 'loss'; may be given several times.")
    var tag: [String] = []

    @Option(help: "The width of the curves in the terminal, in characters.")
    var width = 72

    func run() throws {
        let series = try EventReader.scalars(in: directory)
        let plots = Plot.all(series.filter { tag.isEmpty || tag.contains($0.tag) })
        guard !plots.isEmpty else {
            let tags = Set(series.map(\.tag)).sorted().joined(separator: ", ")
            throw ValidationError("the run recorded nothing of that name; there is: \(tags)")
        }
        for plot in plots { print(plot.terminal(width: max(10, width))) }
        guard let output else { return }
        try WholeFile.write(Array(Plot.svg(plots).utf8), path: output)
        print("wrote \(output)")
    }
}
