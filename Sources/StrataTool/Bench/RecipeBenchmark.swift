import Benchmarking
import ExampleModels
import Execution
import Foundation
import GraphIR
import HostTensors
import Toolchain

/// A named benchmark on its own inputs and parameters, measured as other programs measure theirs.
struct RecipeBenchmark {
    let recipe: BenchmarkRecipe
    let module: GraphModule
    let function: String
    let threads: Int
    let seconds: Double
    let engine: EngineKind
    /// The training steps whose losses are taken; the time of more is measured.
    let steps: Int
    let compiler: NativeCompiler

    /// The results, by the names that benchmark results use.
    func run() throws -> JSONValue {
        let begin = ContinuousClock.now
        var states = try recipe.namedStates(of: module)
        let inputs = try (0..<(recipe.isTraining ? BenchmarkRecipe.batchCount : 1)).map {
            try recipe.inputs(of: function, in: module, step: $0)
        }
        let recipeSeconds = Self.seconds(since: begin)

        let start = ContinuousClock.now
        let model = try Model(module, engine: engine, threads: threads, compiler: compiler)
        if !states.isEmpty { try model.setStates(states) }
        // The model has them now; a second copy would count as its memory.
        states = [:]
        FreeMemory.release()
        let first = try model.run(function, inputs[0])
        let firstSeconds = Self.seconds(since: start)
        var members: [(String, JSONValue)] = [
            ("peer", "strata"), ("variant", engine == .compiled ? "f32" : "interpreted"),
            ("workload", .string(recipe.workload)),
            ("threads", .integer(model.threads)), ("version", .string(StrataVersion.text)),
            ("cpu_level", .string(model.variant)), ("recipe_s", .number(recipeSeconds)),
            ("first_result_s", .number(firstSeconds)),
            ("process_to_first_s", .number(max(firstSeconds, ProcessFacts.age - recipeSeconds))),
        ]
        // Called as the Estimator calls it: found once, with tensors in the function's order.
        let prepared = try model.prepare(function)
        let batches = inputs.map { named in prepared.signature.inputs.compactMap { named[$0.name] } }
        members += recipe.isTraining ? try train(prepared, batches, first) : try infer(prepared, batches[0], first)
        members.append(("peak_rss_mib", .number(ProcessFacts.peakResidentMiB)))
        return .object(members)
    }

    private func train(
        _ call: PreparedFunction, _ batches: [[HostTensor]], _ first: NamedTensors
    ) throws -> [(String, JSONValue)] {
        let outputs = call.signature.outputs
        let place = outputs.firstIndex { $0.name == "loss" } ?? 0
        func loss(_ value: HostTensor?) throws -> Double {
            guard let number = value?.doubles().first else {
                throw Failure("the train function has no output to take as the loss")
            }
            return number
        }
        var step = 0
        var losses = [0: try loss(place < outputs.count ? first[outputs[place].name] : nil)]
        func next() throws -> Double {
            step += 1
            try call(batches[step % batches.count])
            return try loss(call.outputs[place])
        }
        for number in 0..<steps { losses[number + 1] = try next() }
        let timing = try measure { _ = try next() }
        guard engine == .compiled else { return [("losses", Self.shown(losses))] + members(timing) }
        let count = max(3, min(2000, Int(1e6 * seconds / 4 / max(1, timing.median))))
        let begin = ContinuousClock.now
        for _ in 0..<count { _ = try next() }
        let pipelined = Self.seconds(since: begin) / Double(count) * 1e6
        return [("losses", Self.shown(losses))] + members(timing) + [("pipelined_us", .number(pipelined))]
    }

    private static func shown(_ losses: [Int: Double]) -> JSONValue {
        .object(BenchmarkRecipe.lossSteps.compactMap { step in losses[step].map { ("\(step)", .number($0)) } })
    }

    private func measure(_ once: () throws -> Void) rethrows -> Timing {
        engine == .compiled
            ? try Timing.measure(seconds: seconds, once)
            : try Timing.measure(seconds: seconds, least: 1, warmRounds: 0, once)
    }

    private func infer(
        _ call: PreparedFunction, _ inputs: [HostTensor], _ first: NamedTensors
    ) throws -> [(String, JSONValue)] {
        guard let result = first.values.first else { throw Failure("function '\(function)' has no output") }
        let elements = result.doubles()
        let checksum = JSONValue.object([
            ("shape", .list(result.shape.map { .integer($0) })), ("sum", .number(elements.reduce(0, +))),
            ("abs_sum", .number(elements.reduce(0) { $0 + abs($1) })),
            ("first", .list(elements.prefix(4).map { .number($0) })),
        ])
        let timing = try measure { try call(inputs) }
        return [("checksum", checksum)] + members(timing)
    }

    private func members(_ timing: Timing) -> [(String, JSONValue)] {
        var members = timing.members
        if recipe.flops > 0 { members.append(("gflops", .number(recipe.flops / timing.median / 1e3))) }
        return members
    }

    private static func seconds(since begin: ContinuousClock.Instant) -> Double {
        (ContinuousClock.now - begin).microseconds / 1e6
    }
}

extension JSONValue {
    /// An object's members a line each, for people.
    var lines: String {
        guard case .object(let members) = self else { return text + "\n" }
        return members.map { name, value in
            name.padding(toLength: max(20, name.count), withPad: " ", startingAt: 0) + " \(value.text)\n"
        }.joined()
    }
}
