import GraphIR
import KernelIR
import Testing
import Toolchain

/// Random graphs, compiled for this machine and interpreted.
@Suite struct CompiledAgainstInterpretedTests {
    /// What sums in f32, made in another order than the interpreter's in f64, may differ by.
    static let bound = 2e-5

    @Test(arguments: RandomSeeds.chosen ?? 0..<300 as Range<UInt64>)
    func randomGraph(seed: UInt64) throws { try check(seed, .host) }

    /// Columns that follow one another for longer than a vector has lanes.
    @Test(arguments: [5303] as [UInt64])
    func randomGraphThatFailed(seed: UInt64) throws { try check(seed, .host) }

    /// Graphs with indexing, sorting, attention, cells and bodies among the rest.
    @Test(arguments: RandomSeeds.chosen ?? 400..<460 as Range<UInt64>)
    func randomGraphOfEveryFamily(seed: UInt64) throws {
        var options = RandomGraph.Options()
        options.families = RandomGraph.Family.allCases
        try check(seed, .host, options)
    }

    /// Time steps, whose sums become one product.
    @Test(arguments: RandomSeeds.chosen ?? 600..<630 as Range<UInt64>)
    func randomTimeSteps(seed: UInt64) throws {
        var options = RandomGraph.Options()
        options.families = [.steps, .unary, .movement]
        options.opCount = 12...50
        try check(seed, .host, options)
    }

    /// Gradients of graphs of every family, in f64, where next to nothing cancels.
    @Test(arguments: RandomSeeds.chosen ?? 500..<530 as Range<UInt64>)
    func gradientsOfRandomGraphs(seed: UInt64) throws {
        var options = RandomGraph.Options()
        options.families = RandomGraph.Family.allCases
        options.dtype = .f64
        options.gradients = true
        options.opCount = 3...14
        try check(seed, .host, options)
    }

    #if arch(x86_64)
        @Test(arguments: [CPULevel.baseline, .v3, .v4], RandomSeeds.chosen ?? 300..<330 as Range<UInt64>)
        func randomGraphForALowerLevel(level: CPULevel, seed: UInt64) throws {
            guard level.rank <= Target.host.level.rank else { return }
            var options = RandomGraph.Options()
            options.families = RandomGraph.Family.allCases
            try check(seed, Target(architecture: .x86_64, level: level), options)
        }
    #endif

    /// Runs one graph both ways; a graph that fails is shown as small as it still fails.
    private func check(
        _ seed: UInt64, _ target: Target, _ options: RandomGraph.Options = RandomGraph.Options()
    ) throws {
        let module = RandomGraph.module(seed: seed, options: options)
        expectNoFailure(of: module, seed, target) { Self.failure(of: $0, seed, target) }
    }

    private static func failure(of module: GraphModule, _ seed: UInt64, _ target: Target) -> String? {
        do {
            let data = try RandomCase(module, seed: seed)
            guard data.isCallable else { return nil }
            let (gap, place) = try data.worst(of: data.compiled(target))
            return gap <= bound ? nil : "\(place) differs by \(gap) of the largest element"
        } catch {
            return "\(error)"
        }
    }

    /// The comparison and the shrinking find a fault that is put there: a graph whose data is not the graph's own.
    @Test func aWrongResultIsFoundAndShrunk() throws {
        let module = RandomGraph.module(seed: 3)
        func fails(_ module: GraphModule) -> Bool {
            guard let data = try? RandomCase(module, seed: 3), let expected = try? data.expected() else { return false }
            let wrong = expected.map { $0.tensor.dtype == .f32 ? (try? $0.tensor.shifted()) ?? $0.tensor : $0.tensor }
            return ((try? data.worst(of: wrong))?.gap ?? 0) > Self.bound
        }
        #expect(fails(module))
        let small = RandomGraph.shrink(module, attempts: 200, failing: fails)
        #expect(fails(small))
        #expect(small.functions[0].ops.count < module.functions[0].ops.count)
    }
}
