import ArgumentParser
import Benchmarking
import ExampleModels
import Execution
import GraphIR
import HostTensors

/// `strata profile`
struct ProfileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile",
        abstract: "Time every kernel of a compiled function, by layer.",
        discussion: """
            The function is compiled with clock reads around its kernels and called for a while. Printed are its kernels and \
            layers, with rates and their share of the roofline: what this machine, measured now on as many threads, could \
            do at best. The trace file shows which thread ran what when; Perfetto and chrome://tracing open it.
            """)

    @OptionGroup var graph: GraphOptions
    @OptionGroup var compiler: CompilerOptions
    @OptionGroup var memory: MemoryOptions
    @OptionGroup var functions: FunctionOptions
    @OptionGroup var sizes: SizeOptions
    @OptionGroup var states: StateOptions

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Use this many threads; 0 for all processors. (default: 1)", valueName: "n"),
        transform: ThreadCount.parse)
    var threads = 1

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Call the function for about this long. (default: 1)", valueName: "s"),
        transform: MeasuringTime.parse)
    var seconds = 1.0

    @Option(help: ArgumentHelp("Use the inputs and parameters of a benchmark, as 'bench' does.", valueName: "workload"))
    var recipe: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("Write a trace of three calls to this file.", valueName: "file"))
    var output: String?

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let module = try graph.read()
        let data = try FunctionData(
            recipe: recipe, module: module, functions: functions, sizes: sizes, states: states)
        let function = data.function
        let threads = threads == 0 ? ProcessFacts.processorCount : threads
        let recomputation = try memory.recomputation(
            of: module, sizes: ModelSignature(of: module).bind(function, data.inputs, sizes: data.sizes).dims,
            threads: threads, compiler: compiler)
        let peak = try MachinePeak.measure(threads: threads)
        let profile = try KernelProfile.measure(
            function, of: module, inputs: data.inputs, sizes: data.sizes, states: data.states, threads: threads,
            seconds: seconds, peak: peak, precision: compiler.precision.precision, level: try compiler.level,
            recomputation: recomputation)
        let report = KernelReport(profile: profile, peak: peak)
        let title = "\(graph.graph) @\(function)"
        if let output {
            let trace = ChromeTrace(profile: profile, title: title).value.text + "\n"
            try WholeFile.write(Array(trace.utf8), path: output)
        }
        if json {
            let head: [(String, JSONValue)] = [
                ("graph", .string(graph.graph)), ("function", .string(function)),
                ("threads", .integer(profile.threads)),
                ("variant", .string(profile.variant)),
            ]
            print(JSONValue.object(head + report.members).text)
        } else {
            let threads = "\(profile.threads) thread\(profile.threads == 1 ? "" : "s")"
            Standard.output("\(title), \(threads), \(profile.variant)\n\(report.text)")
            if let output { print("  trace: \(output)") }
        }
    }
}
