import ArgumentParser
import Benchmarking
import Foundation
import GraphIR
import HostTensors
import Lowering
import Toolchain

/// `strata tune`
struct TuneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tune",
        abstract: "Find the fastest schedule of every contraction on this machine.",
        discussion: """
            Times each matrix product of the graph under every schedule the machine allows, and writes what beats the \
            standard choice to a file. 'strata compile', 'run' and 'bench' read it with --schedules; the same file gives \
            the same code everywhere. What is already in the file stays, so several graphs and machines can share one, \
            and so does what was found before the search is ended.
            """)

    @OptionGroup var graph: GraphOptions

    @Option(help: ArgumentHelp("Only this function's products. (default: all)", valueName: "name"))
    var function: String?

    @OptionGroup var sizes: SizeOptions
    @OptionGroup var precision: PrecisionOptions

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Use this many threads; 0 for all processors. (default: 1)", valueName: "n"),
        transform: ThreadCount.parse)
    var threads = 1

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Time each schedule for about this long, three times. (default: 0.05)", valueName: "s"),
        transform: MeasuringTime.parse)
    var seconds = 0.05

    @Option(name: [.short, .long], help: ArgumentHelp("The file to write.", valueName: "file"))
    var output: String

    func run() throws {
        let module = try graph.read()
        var options = FunctionOptions()
        options.function = function
        let functions = Set(try options.all(in: module).map(\.name))
        let search = ScheduleSearch(
            sizes: try sizes.sizes(of: module), threads: threads, precision: precision.precision, seconds: seconds)
        var table =
            FileManager.default.fileExists(atPath: output) ? try ScheduleFile.read(output) : ScheduleTable()
        let contractions = try search.contractions(of: module, functions: functions)
        let processor = HostProcessor.detect().model
        // Before the search, which may take long, so that a file that can't be written costs none of it; and after each
        // contraction, so that what was found stays when the search is ended early.
        try WholeFile.write(Array(ScheduleFile.bytes(table, processor: processor)), path: output)
        for (at, entry) in contractions.enumerated() {
            let found = try search.tune(entry.key, entry.op, in: entry.function, dims: module.dims)
            table[entry.key] = found.schedule
            try WholeFile.write(Array(ScheduleFile.bytes(table, processor: processor)), path: output)
            Standard.output("[\(at + 1)/\(contractions.count)] \(Self.line(found))\n")
        }
        print("\(output): \(table.entries.count) contractions")
    }

    private static func line(_ found: TunedContraction) -> String {
        func rounded(_ value: Double) -> String { String(format: "%.4g", value) }
        guard let schedule = found.schedule else {
            return
                "\(found.key): the standard choice, \(rounded(found.standardMicroseconds)) µs, best of \(found.tried)"
        }
        let tile = schedule.rows.map { " \($0) × \(schedule.vectors ?? 1)" } ?? ""
        return "\(found.key): \(schedule.form.rawValue)\(tile), \(rounded(found.microseconds)) µs, "
            + "standard \(rounded(found.standardMicroseconds)) µs, best of \(found.tried)"
    }
}
