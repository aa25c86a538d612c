import ArgumentParser
import Benchmarking
import Compiler
import Execution
import Foundation
import GraphIR
import HostTensors

/// `strata check`
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Compare compiled against interpreted on random inputs.",
        discussion: """
            Both engines start from the same states and get the same inputs; every output and every updated state is \
            compared. Exits with 1 when one differs by more than --tolerance, relative to the largest element. A state may \
            be what its last operations on single elements, such as an optimizer's, make of sums and products that differ \
            by that: an optimizer may divide a gradient by its own size. With --errors, every kind of kernel is run on small \
            graphs of its own, and its error against f64 is listed.
            """)

    @Argument(
        help: ArgumentHelp("The graph's text file; none with --errors.", valueName: "graph"),
        completion: .file(extensions: ["graph"]))
    var graph: String?

    @Flag(help: "List the error of every kind of kernel against f64.")
    var errors = false

    @OptionGroup var compiler: CompilerOptions
    @OptionGroup var functions: FunctionOptions
    @OptionGroup var sizes: SizeOptions
    @OptionGroup var states: StateOptions

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Use this many threads; 0 for all processors. (default: 0)", valueName: "n"),
        transform: ThreadCount.parse)
    var threads = 0

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The largest allowed difference of reals. (default: 1e-4 where f32 takes part, 1e-9 for f64 alone; with --precision tensorfloat 1e-3, bfloat16 5e-2, int8 1e-1)",
            valueName: "difference"))
    var tolerance: Double?

    @Flag(help: "With --errors: time every kind of kernel, too, and say how near it is to this machine's roofline.")
    var rooflines = false

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard errors || graph != nil else { throw ValidationError("Missing expected argument '<graph>'") }
        guard !errors || graph == nil else { throw ValidationError("--errors makes its own graphs; leave out 'graph'") }
        guard errors || !rooflines else { throw ValidationError("--rooflines needs --errors") }
        if let tolerance, !(tolerance >= 0) || tolerance.isInfinite {
            throw ValidationError("--tolerance must be a number from 0 up, got \(tolerance)")
        }
    }

    func run() throws {
        if errors { return try listErrors() }
        let module = try GraphOptions.read(graph ?? "")
        let function = try functions.choose(in: module)
        let signature = try ModelSignature(of: module).function(named: function.name)
        let sizes = try sizes.sizes(of: module, for: signature)
        let inputs = try RandomInputs.make(
            for: signature, sizes: sizes, seed: UInt64(bitPattern: states.seed))
        let interpreted = try Model(module, engine: .interpreted)
        let compiled = try Model(
            try module.keeping(functions: [function.name]), engine: .compiled, threads: threads,
            compiler: compiler.compiler())
        try states.prepare(interpreted, for: function.name, of: module)
        try compiled.takeStates(from: interpreted)
        let comparisons = try Self.compare(
            compiled, interpreted, function, module, inputs, sizes,
            tolerance ?? ExpectedError.bound(of: function, compiler.precision.precision))
        let isClose = comparisons.allSatisfy(\.isClose)
        if json {
            print(Self.value(comparisons, function.name, compiled.variant, isClose).text)
        } else {
            for comparison in comparisons { print(Self.line(comparison)) }
            print(isClose ? "same: compiled (\(compiled.variant)) and interpreted agree" : "DIFFERENT")
        }
        if !isClose { throw ExitCode.failure }
    }

    private func listErrors() throws {
        let seed = UInt64(bitPattern: states.seed)
        let count = threads == 0 ? ProcessFacts.processorCount : threads
        let peak = rooflines ? try MachinePeak.measure(threads: count) : nil
        let found = try KernelFamily.all.map { family in
            let error = try KernelError(family, threads: threads, seed: seed, compiler: try compiler.compiler())
            let speed = try peak.map {
                try KernelSpeed(
                    family, peak: $0, seed: seed, precision: compiler.precision.precision, level: try compiler.level)
            }
            return (error, speed)
        }
        let report = FamilyReport(
            variant: try compiler.level.rawValue, precision: compiler.precision.precision, rows: found)
        if json { print(report.value.text) } else { Standard.output(report.text) }
    }

    private static func compare(
        _ compiled: Model, _ interpreted: Model, _ function: GraphFunction, _ module: GraphModule,
        _ inputs: NamedTensors, _ sizes: [String: Int], _ tolerance: Double?
    ) throws -> [TensorComparison] {
        let before = try module.states.map { try interpreted.state($0.path) }
        let wanted = try interpreted.run(function.name, inputs, sizes: sizes)
        let found = try compiled.run(function.name, inputs, sizes: sizes)
        var comparisons = wanted.map { name, tensor in
            TensorComparison(
                name: name, isState: false, compiled: found[name] ?? tensor, interpreted: tensor, tolerance: tolerance)
        }
        if function.updates.isEmpty { return comparisons }
        let ranges = try UpdateRanges(
            of: function, in: module, inputs: inputs, sizes: sizes, states: before, tolerance: tolerance ?? 0
        ).ranges
        for update in function.updates {
            let path = module.states[update.state].path
            comparisons.append(
                TensorComparison(
                    name: path, isState: true, compiled: try compiled.state(path),
                    interpreted: try interpreted.state(path), tolerance: tolerance, range: ranges[path]))
        }
        return comparisons
    }

    private static func line(_ comparison: TensorComparison) -> String {
        let kind = comparison.isState ? "state" : "output"
        let verdict = comparison.isClose ? "ok  " : "FAIL"
        return "\(verdict)  \(kind) \(comparison.name) \(comparison.type): largest difference "
            + "\(comparison.largestDifference), relative \(comparison.relativeDifference), "
            + "\(comparison.outside) of \(comparison.count) elements beyond "
            + (comparison.isState ? "sums and products within \(comparison.tolerance)" : "\(comparison.tolerance)")
    }

    private static func value(
        _ comparisons: [TensorComparison], _ function: String, _ variant: String, _ isClose: Bool
    ) -> JSONValue {
        let items = comparisons.map { comparison in
            JSONValue.object([
                ("name", .string(comparison.name)), ("kind", comparison.isState ? "state" : "output"),
                ("type", .string(comparison.type)), ("same", .bool(comparison.isClose)),
                ("largest_difference", .number(comparison.largestDifference)),
                ("relative_difference", .number(comparison.relativeDifference)),
                ("outside", .integer(comparison.outside)), ("count", .integer(comparison.count)),
                ("tolerance", .number(comparison.tolerance)),
            ])
        }
        return .object([
            ("function", .string(function)), ("variant", .string(variant)), ("same", .bool(isClose)),
            ("tensors", .list(items)),
        ])
    }
}
