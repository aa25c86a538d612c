import ArgumentParser
import Benchmarking
import ExampleModels
import Execution
import GraphIR
import HostTensors

/// `strata bench`
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Time a function compiled and interpreted, side by side.",
        discussion: """
            Inputs are random. GFLOP/s and GB/s count the operations of the graph and what its kernels read and write; \
            the peak is measured on this machine with as many threads. With --recipe, the inputs and parameters of a \
            named benchmark are used, and losses or checksums are printed with the times.
            """)

    @OptionGroup var graph: GraphOptions
    @OptionGroup var functions: FunctionOptions
    @OptionGroup var sizes: SizeOptions
    @OptionGroup var states: StateOptions

    @Option(help: ArgumentHelp("Use this many threads; 0 for all processors.", valueName: "n"))
    var threads = 1

    @Option(help: ArgumentHelp("Time each engine for about this long.", valueName: "s"))
    var seconds = 3.0

    @Option(help: ArgumentHelp("What the compiled code computes with: float32.", valueName: "precision"))
    var precision = "float32"

    @Option(
        help: ArgumentHelp(
            "Run a benchmark's inputs and parameters: T1, T2, T4, I0, I1b1, I1b64, I4, I5a or I5b.",
            valueName: "workload"))
    var recipe: String?

    @Flag(help: "With --recipe: interpret the graph instead of compiling it.")
    var interpreted = false

    @Option(help: ArgumentHelp("With --recipe: take the losses up to this training step.", valueName: "n"))
    var steps = 50

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard ["float32", "tensorfloat", "bfloat16"].contains(precision) else {
            throw ValidationError("unknown precision '\(precision)'; there is float32")
        }
        guard seconds > 0 else { throw ValidationError("--seconds must be greater than 0, got \(seconds)") }
        guard steps >= 0 else { throw ValidationError("--steps must be 0 or more, got \(steps)") }
        guard recipe != nil || !interpreted else {
            throw ValidationError("--interpreted is for --recipe; without it both engines are timed")
        }
        guard threads >= 0 else { throw ValidationError("--threads must be 0 or more, got \(threads)") }
    }

    func run() throws {
        guard precision == "float32" else {
            throw Failure("precision \(precision) is not offered yet: kernels compute in float32")
        }
        let module = try graph.read()
        if let recipe {
            let recipe = try BenchmarkRecipe(workload: recipe)
            var functions = functions
            functions.function = functions.function ?? (recipe.isTraining ? "train" : nil)
            let result = try RecipeBenchmark(
                recipe: recipe, module: module, function: functions.choose(in: module).name, threads: threads,
                seconds: seconds, engine: interpreted ? .interpreted : .compiled, steps: steps
            ).run()
            if json { print(result.text) } else { Standard.output(result.lines) }
        } else {
            try compareEngines(module, try functions.choose(in: module))
        }
    }

    private func compareEngines(_ module: GraphModule, _ function: GraphFunction) throws {
        let sizes = try sizes.sizes(of: module)
        let inputs = try RandomInputs.make(
            for: try ModelSignature(of: module).function(named: function.name), sizes: sizes,
            seed: UInt64(bitPattern: states.seed))
        let begin = ContinuousClock.now
        let compiled = try Model(module, engine: .compiled, threads: threads)
        let compileMilliseconds = (ContinuousClock.now - begin).microseconds / 1000
        let interpreted = try Model(module, engine: .interpreted)
        try states.prepare(interpreted, for: function.name)
        try compiled.setStates(interpreted.states())
        let fast = try Timing.measure(seconds: seconds) { _ = try compiled.run(function.name, inputs) }
        let slow = try Timing.measure(seconds: seconds, least: 1, warmRounds: 0) {
            _ = try interpreted.run(function.name, inputs)
        }
        let report = EngineReport(
            graph: graph.graph, function: function.name, sizes: sizes, threads: compiled.threads,
            variant: compiled.variant, compileMilliseconds: compileMilliseconds, compiled: fast, interpreted: slow,
            cost: try FunctionCost(of: function, in: module, sizes: sizes),
            peak: try MachinePeak.measure(threads: max(1, compiled.threads)))
        if json { print(report.value.text) } else { Standard.output(report.text) }
    }
}
