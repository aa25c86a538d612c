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
    @OptionGroup var functions: FunctionOptions
    @OptionGroup var sizes: SizeOptions
    @OptionGroup var states: StateOptions

    @Option(help: ArgumentHelp("Use this many threads; 0 for all processors.", valueName: "n"))
    var threads = 1

    @Option(help: ArgumentHelp("Call the function for about this long.", valueName: "s"))
    var seconds = 1.0

    @Option(help: ArgumentHelp("Use the inputs and parameters of a benchmark, as 'bench' does.", valueName: "workload"))
    var recipe: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("Write a trace of three calls to this file.", valueName: "file"))
    var output: String?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard seconds > 0 else { throw ValidationError("--seconds must be greater than 0, got \(seconds)") }
        guard threads >= 0 else { throw ValidationError("--threads must be 0 or more, got \(threads)") }
    }

    func run() throws {
        let module = try graph.read()
        let recipe = try recipe.map { try BenchmarkRecipe(workload: $0) }
        var functions = functions
        functions.function = functions.function ?? (recipe?.isTraining == true ? "train" : nil)
        let function = try functions.choose(in: module).name
        let (inputs, values) = try data(recipe, module, function)
        let threads = threads == 0 ? ProcessFacts.processorCount : threads
        let peak = try MachinePeak.measure(threads: threads)
        let profile = try KernelProfile.measure(
            function, of: module, inputs: inputs, states: values, threads: threads, seconds: seconds, peak: peak)
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

    /// The inputs and the states before the first call.
    private func data(
        _ recipe: BenchmarkRecipe?, _ module: GraphModule, _ function: String
    ) throws -> (inputs: NamedTensors, states: NamedTensors) {
        if let recipe {
            return (try recipe.inputs(of: function, in: module), try recipe.namedStates(of: module))
        }
        let inputs = try RandomInputs.make(
            for: try ModelSignature(of: module).function(named: function), sizes: sizes.sizes(of: module),
            seed: UInt64(bitPattern: states.seed))
        let interpreted = Model(try InterpretedModel(module))
        try states.prepare(interpreted, for: function, of: module)
        return (inputs, try interpreted.states())
    }
}
