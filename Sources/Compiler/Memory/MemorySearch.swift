import GraphIR
import GraphPasses
import KernelIR
import Lowering
import Toolchain

/// Looks for the fewest operations that, done again, bring one function's planned memory under a limit.
///
/// A candidate is lowered as it would be compiled, and what it needs is read from its memory plan. First the number of segments is
/// found with which the least memory is needed when everything in them is computed again; then, with that number, the least of a
/// list of ever more thorough choices that fits, by thirds of the list. Two candidates are lowered at a time.
struct MemorySearch {
    /// A way to compute the function, and what it needs.
    private struct Candidate {
        var recomputation: Recomputation?
        var bytes: Int
        var operations: Double
    }

    let module: GraphModule
    /// The function as it is before anything is computed again.
    let simplified: GraphFunction
    let target: Target
    let precision: Precision
    let schedules: ScheduleTable
    let sizes: [String: Int]
    let limit: MemoryLimit
    /// The bytes of states.
    let fixedBytes: Int

    /// Operations for a byte, from what only reads memory to products of thousands of terms, and at last anything.
    private static let prices = [4, 16, 64, 256, 1024, 1 << 20]

    /// The best choice; throws a `GraphError` with the least memory that was found if none fits.
    func run() throws -> MemoryFit {
        let standard = try candidate(nil)
        if standard.bytes <= limit.bytes { return fit(standard, standard) }
        let ordered = try candidate(Recomputation(sizes: sizes))
        if ordered.bytes <= limit.bytes { return fit(ordered, standard) }
        var least = ordered.bytes < standard.bytes ? ordered : standard
        var best: (segments: Int, bytes: Int)?
        search: for pair in [[2, 4], [8, 16], [32, 64], [128, 256]] {
            for (segments, thorough) in zip(pair, try candidates(pair.compactMap { choices($0).last })) {
                if thorough.bytes < least.bytes { least = thorough }
                if let best, thorough.bytes >= best.bytes { break search }
                best = (segments, thorough.bytes)
            }
        }
        guard least.bytes <= limit.bytes, let best else { throw tooLittle(least.bytes, unlimited: standard.bytes) }
        return fit(try cheapest(of: choices(best.segments), atMost: least), standard)
    }

    /// Choices for a number of segments, each doing more again than the one before. The last segment is never computed again: it is
    /// needed first, so that nothing would be spared.
    private func choices(_ segments: Int) -> [Recomputation] {
        zip([0] + Self.prices, Self.prices).flatMap { lower, price in
            (1..<segments).map {
                Recomputation(sizes: sizes, segments: segments, pricedSegments: $0, price: price, lowerPrice: lower)
            }
        }
    }

    /// The first of the choices that fits; `known` is one that does.
    private func cheapest(of choices: [Recomputation], atMost known: Candidate) throws -> Candidate {
        var found = known
        var (low, high) = (0, choices.count - 1)
        while low < high {
            let third = (high - low) / 3
            let places = third == 0 ? [low] : [low + third, high - third]
            for (place, tried) in zip(places, try candidates(places.map { choices[$0] })) {
                if tried.bytes <= limit.bytes {
                    (high, found) = (place, tried)
                    break
                }
                low = place + 1
            }
        }
        return found
    }

    private func candidates(_ recomputations: [Recomputation]) throws -> [Candidate] {
        try parallelMap(recomputations) { try candidate($0) }
    }

    private func candidate(_ recomputation: Recomputation?) throws -> Candidate {
        var options = PassOptions()
        options.recomputation = recomputation.map { [simplified.name: $0] } ?? [:]
        var part = module
        let completed = try complete(simplified, in: module, options: options)
        part.functions = [completed.function]
        let lowered = try lower(
            part, plans: [completed.plan], target: target, precision: precision, schedules: schedules)
        let function = lowered.functions[0]
        let workspace =
            try function.workspaceBytes(sizes, threads: limit.threads) + function.keptBytes
        return Candidate(
            recomputation: recomputation, bytes: fixedBytes + lowered.constantBytes + workspace,
            operations: try completed.function.operations(sizes))
    }

    private func fit(_ chosen: Candidate, _ standard: Candidate) -> MemoryFit {
        MemoryFit(
            function: simplified.name, sizes: sizes, planned: chosen.bytes, unlimited: standard.bytes,
            extraOperations: standard.operations > 0 ? chosen.operations / standard.operations - 1 : 0,
            recomputation: chosen.recomputation)
    }

    private func tooLittle(_ least: Int, unlimited: Int) -> GraphError {
        let threads = "\(limit.threads) thread\(limit.threads == 1 ? "" : "s")"
        let place = ([simplified.name + MemoryFit.text(sizes)] + [threads]).joined(separator: ", ")
        return GraphError(
            "a memory limit of \(limit.bytes.mebibytes) can't be kept: at least \(least.mebibytes) are planned, "
                + "\(unlimited.mebibytes) without a limit; \(fixedBytes.mebibytes) are states",
            place: place, remedy: "raise the limit, or take a smaller batch or shorter sequences")
    }
}

extension GraphFunction {
    /// The floating-point operations of a call, by the table of operations.
    fileprivate func operations(_ sizes: [String: Int]) throws -> Double {
        try ops.reduce(0) { sum, op in
            let definition = try OpTable.definition(of: op.name)
            let flops = definition.flops(
                op.operands.map { type(of: $0) }, op.results.map { type(of: $0) }, op.attributes)
            return sum + Double(try flops.value(sizes))
        }
    }
}
