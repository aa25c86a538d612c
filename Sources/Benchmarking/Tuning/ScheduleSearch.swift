import Compiler
import Execution
import GraphIR
import KernelIR
import Lowering
import Toolchain

/// What a search found for one contraction.
public struct TunedContraction: Sendable, Hashable {
    /// What the contraction is known by in a `ScheduleTable`.
    public let key: String
    /// The fastest schedule; nil where the standard choice is.
    public let schedule: ContractionSchedule?
    /// The time of the fastest, in microseconds.
    public let microseconds: Double
    /// The time of the standard choice, in microseconds.
    public let standardMicroseconds: Double
    /// The number of schedules tried.
    public let tried: Int
}

/// Finds, by measuring, how the contractions of a graph are computed fastest on this machine.
///
/// Each contraction is timed alone, on random numbers, under every schedule that the machine's registers allow; the schedules take
/// turns, so that a machine whose speed drifts treats them alike, and the best of each one's rounds counts.
public struct ScheduleSearch: Sendable {
    /// The sizes of the graph's named dimensions that are measured.
    public let sizes: [String: Int]
    /// The number of threads.
    public let threads: Int
    /// What products of f32 may be computed with.
    public let precision: Precision
    /// How long each schedule is timed in each of three rounds, in seconds.
    public let seconds: Double
    /// A schedule must beat the standard choice by this much, or timing noise would choose.
    private static let margin = 0.03

    /// Prepares a search.
    public init(sizes: [String: Int], threads: Int, precision: Precision, seconds: Double) {
        self.sizes = sizes
        self.threads = threads
        self.precision = precision
        self.seconds = seconds
    }

    /// The contractions of these functions, each once, by their keys in the order of the graph.
    public func contractions(
        of module: GraphModule, functions: Set<String>
    ) throws -> [(key: String, op: GraphOp, function: GraphFunction)] {
        var chosen = module
        chosen.functions = module.functions.filter { functions.contains($0.name) }
        let optimized = try Compiler.optimized(chosen).module
        var found: [(key: String, op: GraphOp, function: GraphFunction)] = []
        for function in optimized.functions {
            for op in function.ops where op.name == "dot" {
                let key = ScheduleTable.key(op, in: function, target: .host, precision: precision)
                if !found.contains(where: { $0.key == key }) { found.append((key, op, function)) }
            }
        }
        return found
    }

    /// Times one contraction under every schedule; throws what the compiler and the model throw.
    public func tune(_ key: String, _ op: GraphOp, in function: GraphFunction, dims: [DimSymbol]) throws
        -> TunedContraction
    {
        let module = try GraphModule(text: Self.text(op, function, dims))
        let candidates = [nil] + candidates(target: .host)
        var calls: [(schedule: ContractionSchedule?, call: PreparedCall)] = []
        var seen: Set<[Kernel]> = []
        for schedule in candidates {
            let table = ScheduleTable(schedule.map { [key: $0] } ?? [:])
            let lowered = try Compiler.lowered(
                try Compiler.optimized(module), target: .host, precision: precision, schedules: table)
            // Many schedules come to the same kernels.
            guard seen.insert(lowered.kernels).inserted else { continue }
            let model = try Model.compiled(
                module, threads: threads,
                compiler: NativeCompiler(precision: precision, schedules: table, cache: nil))
            let inputs = try RandomInputs.make(
                for: try model.signature.function(named: "main"), sizes: sizes, seed: 1)
            calls.append((schedule, try model.prepare("main", inputs)))
        }
        var best = [Double](repeating: .infinity, count: calls.count)
        for _ in 0..<3 {
            for (at, entry) in calls.enumerated() {
                let timing = try Timing.measure(seconds: seconds, least: 3, warmRounds: 1) { try entry.call.run() }
                best[at] = min(best[at], timing.least)
            }
        }
        let fastest = best.indices.min { best[$0] < best[$1] } ?? 0
        let wins = best[fastest] < best[0] * (1 - Self.margin)
        return TunedContraction(
            key: key, schedule: wins ? calls[fastest].schedule : nil, microseconds: best[wins ? fastest : 0],
            standardMicroseconds: best[0], tried: calls.count)
    }

    /// Every form, and for fused multiply-adds every tile that fits the registers.
    private func candidates(target: Target) -> [ContractionSchedule] {
        var candidates: [ContractionSchedule] =
            target.multipliesTiles(precision) ? [ContractionSchedule(form: .tiles)] : []
        for form in [ContractionSchedule.Form.direct, .panels] {
            for vectors in [1, 2, 3, 4] {
                let most = (target.vectorRegisters - 1 - vectors) / vectors
                for rows in [4, 6, 8, 10, 12, 14] where rows <= most && rows * vectors * 2 >= most * vectors {
                    candidates.append(ContractionSchedule(form: form, rows: rows, vectors: vectors))
                }
            }
        }
        return candidates
    }

    /// A graph of the contraction alone.
    private static func text(_ op: GraphOp, _ function: GraphFunction, _ dims: [DimSymbol]) -> String {
        let types = op.operands.map { function.type(of: $0).description }
        let result = function.type(of: op.results[0]).description
        let declarations = dims.map { dim in
            let multiple = dim.multiple > 1 ? " multiple \(dim.multiple)" : ""
            return "  dim \(dim.name) in \(dim.range.lowerBound)...\(dim.range.upperBound)\(multiple)\n"
        }.joined()
        let attributes = op.attributes.map { "\($0.key) \($0.value)" }.joined(separator: " ")
        return """
            module v1 @tune {
            \(declarations)  func @main(%a: \(types[0]) "a", %b: \(types[1]) "b") {
                %0 = \(op.name) %a, %b \(attributes) : \(result)
                output %0 : \(result) "y"
              }
            }

            """
    }
}
