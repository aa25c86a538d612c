import ArgumentParser
import Benchmarking
import ExampleModels
import Execution
import GraphIR
import HostTensors
import KernelIR

extension SweepKind: ExpressibleByArgument {}

/// `strata bench`
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Time a function compiled and interpreted, side by side.",
        discussion: """
            Inputs are random. GFLOP/s and GB/s count the operations of the graph and what its kernels read and write; \
            the peak is measured on this machine with as many threads. With --recipe, the inputs and parameters of a \
            named benchmark are used, and losses or checksums are printed with the times. With --sweep, random shapes of one \
            operation are compiled, checked against f64 and timed; the seed determines the shapes.
            """)

    @Argument(
        help: ArgumentHelp("The graph's text file; none with --sweep.", valueName: "graph"),
        completion: .file(extensions: ["graph"]))
    var graph: String?

    private static let standardSeconds = 3.0

    @OptionGroup var functions: FunctionOptions
    @OptionGroup var sizes: SizeOptions
    @OptionGroup var states: StateOptions
    @OptionGroup var cache: CacheOptions

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Use this many threads; 0 for all processors. (default: 1)", valueName: "n"),
        transform: ThreadCount.parse)
    var threads = 1

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Time each engine for about this long. (default: 3; with --sweep 0.1)", valueName: "s"),
        transform: MeasuringTime.parse)
    var seconds = standardSeconds

    @OptionGroup var compiler: CompilerOptions
    @OptionGroup var memory: MemoryOptions

    @Flag(help: "With --memory-limit: time the function without the limit too.")
    var withoutLimit = false

    @Option(
        help: ArgumentHelp(
            "Run a benchmark's inputs and parameters: T1 to T4, I0, I1b1, I1b64, I2, I2b8, I3, I3b8, I4, I5a or I5b.",
            valueName: "workload"))
    var recipe: String?

    @Flag(help: "With --recipe: interpret the graph instead of compiling it.")
    var interpreted = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("With --recipe: take the losses up to this training step.", valueName: "n"))
    var steps = 50

    @Option(
        help: ArgumentHelp(
            "Instead of a graph, run random shapes: \(SweepKind.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "operation"))
    var sweep: SweepKind?

    @Option(parsing: .unconditional, help: ArgumentHelp("With --sweep: the number of shapes.", valueName: "n"))
    var count = 60

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Time one thread and --threads, alone and while this many other processes are busy.", valueName: "n"))
    var competing: Int?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard sweep == nil || graph == nil else {
            throw ValidationError("--sweep makes its own graphs; leave out 'graph'")
        }
        guard sweep != nil || graph != nil else { throw ValidationError("Missing expected argument '<graph>'") }
        guard sweep == nil || recipe == nil else { throw ValidationError("--recipe is for graphs, not for --sweep") }
        guard competing ?? 1 > 0 else { throw ValidationError("--competing must be greater than 0") }
        guard competing == nil || sweep == nil else {
            throw ValidationError("--competing is for graphs, not for --sweep")
        }
        guard count > 0 else { throw ValidationError("--count must be greater than 0, got \(count)") }
        guard steps >= 0 else { throw ValidationError("--steps must be 0 or more, got \(steps)") }
        guard memory.memoryLimit == nil || (sweep == nil && competing == nil) else {
            throw ValidationError("--memory-limit is for one graph, not for --sweep or --competing")
        }
        guard memory.memoryLimit != nil || !withoutLimit else {
            throw ValidationError("--without-limit is for --memory-limit")
        }
        guard recipe == nil || !withoutLimit else {
            throw ValidationError("--without-limit is not for --recipe; run it twice")
        }
        guard recipe != nil || !interpreted else {
            throw ValidationError("--interpreted is for --recipe; without it both engines are timed")
        }
    }

    func run() throws {
        if let sweep { return try run(sweep) }
        let path = graph ?? ""
        let module = try GraphOptions.read(path)
        if let competing {
            try compete(module, with: competing)
        } else if let recipe {
            let recipe = try BenchmarkRecipe(workload: recipe)
            var functions = functions
            functions.function = functions.function ?? (recipe.isTraining ? "train" : nil)
            let function = try functions.choose(in: module).name
            let part = try module.keeping(functions: [function])
            let sizes = try ModelSignature(of: part).bind(function, recipe.inputs(of: function, in: part)).dims
            let recomputation = try memory.recomputation(
                of: part, sizes: sizes, threads: threads, compiler: compiler)
            let result = try RecipeBenchmark(
                recipe: recipe, module: part, function: function,
                threads: threads, seconds: seconds, engine: interpreted ? .interpreted : .compiled, steps: steps,
                compiler: compiler.compiler(recomputation: recomputation, cache: cache.buildCache)
            ).run()
            if json { print(result.text) } else { Standard.output(result.lines) }
        } else {
            try compareEngines(module, path, try functions.choose(in: module))
        }
    }

    private func compete(_ module: GraphModule, with competitors: Int) throws {
        let data = try FunctionData(
            recipe: recipe, module: module, functions: functions, sizes: sizes, states: states)
        let rows = try CompetingBenchmark(
            call: { threads in
                let model = try Model.compiled(module, threads: threads, compiler: try compiler.compiler())
                if !data.states.isEmpty { try model.setStates(data.states) }
                return try model.prepare(data.function, data.inputs, sizes: data.sizes)
            }, threads: threads == 0 ? ProcessFacts.processorCount : threads, competitors: competitors,
            seconds: seconds
        ).run()
        if json {
            print(CompetingBenchmark.value(rows, competitors: competitors).text)
        } else {
            Standard.output(CompetingBenchmark.text(rows, competitors: competitors))
        }
    }

    private func run(_ kind: SweepKind) throws {
        let threads = threads == 0 ? ProcessFacts.processorCount : threads
        // A shape is timed for a part of a second unless told otherwise: there are many.
        let sweep = try Sweep(threads: threads, seconds: seconds == Self.standardSeconds ? 0.1 : seconds)
        let seed = UInt64(bitPattern: states.seed)
        let report = SweepReport(
            kind: kind, seed: seed, peak: sweep.peak, variant: try compiler.level.rawValue,
            results: try kind.shapes(seed: seed, count: count).map {
                try sweep.run($0, compiler: try compiler.compiler())
            })
        if json { print(report.value.text) } else { Standard.output(report.text) }
        if !report.failures.isEmpty { throw ExitCode.failure }
    }

    private func compareEngines(_ module: GraphModule, _ path: String, _ function: GraphFunction) throws {
        let signature = try ModelSignature(of: module).function(named: function.name)
        let sizes = try sizes.sizes(of: module, for: signature)
        let inputs = try RandomInputs.make(
            for: signature, sizes: sizes, seed: UInt64(bitPattern: states.seed))
        let part = try module.keeping(functions: [function.name])
        let begin = ContinuousClock.now
        let recomputation = try memory.recomputation(
            of: part, sizes: sizes, threads: threads, compiler: compiler)
        let compiled = try Model(
            part, engine: .compiled, threads: threads,
            compiler: compiler.compiler(recomputation: recomputation, cache: cache.buildCache))
        let compileMilliseconds = (ContinuousClock.now - begin).microseconds / 1000
        let planned = try compiled.plannedMemory(of: function.name, sizes: sizes)
        if let planned, !json { print(planned.line) }
        let interpreted = try Model(module, engine: .interpreted)
        try states.prepare(interpreted, for: function.name, of: module)
        try compiled.takeStates(from: interpreted)
        let (_, growth) = try MemoryGrowth.measure { try compiled.run(function.name, inputs, sizes: sizes) }
        let fast = try Timing.measure(seconds: seconds) {
            _ = try compiled.run(function.name, inputs, sizes: sizes)
        }
        let unlimited = try withoutLimit ? time(part, function.name, inputs, sizes, statesOf: interpreted) : nil
        let peakResident = ProcessFacts.peakResidentMiB
        // The interpreter would compile custom operations in its first call, which is timed.
        for code in part.customCodes { try code.prepare() }
        let slow = try Timing.measure(seconds: seconds, least: 1, warmRounds: 0) {
            _ = try interpreted.run(function.name, inputs, sizes: sizes)
        }
        let peak = try MachinePeak.measure(threads: max(1, compiled.threads))
        let profile = try KernelProfile.measure(
            function.name, of: module, inputs: inputs, sizes: sizes, states: try interpreted.states(),
            threads: compiled.threads, seconds: seconds, peak: peak, precision: compiler.precision.precision,
            level: try compiler.level,
            recomputation: recomputation)
        let report = EngineReport(
            graph: path, function: function.name, sizes: sizes, threads: compiled.threads,
            variant: compiled.variant, compileMilliseconds: compileMilliseconds, compiled: fast,
            unlimited: unlimited, interpreted: slow,
            cost: try FunctionCost(of: function, in: module, sizes: sizes),
            kernels: KernelReport(profile: profile, peak: peak), planned: planned, growth: growth,
            peakResidentMiB: peakResident)
        if json { print(report.value.text) } else { Standard.output(report.text) }
    }

    /// The function's time without a memory limit.
    private func time(
        _ module: GraphModule, _ function: String, _ inputs: NamedTensors, _ sizes: [String: Int],
        statesOf interpreted: Model
    ) throws -> Timing {
        let model = try Model(
            module, engine: .compiled, threads: threads, compiler: compiler.compiler(cache: cache.buildCache))
        try model.takeStates(from: interpreted)
        return try Timing.measure(seconds: seconds) { _ = try model.run(function, inputs, sizes: sizes) }
    }
}
