import GraphIR
import HostTensors
import Testing

@Suite struct RandomGraphTests {
    @Test func aSeedAlwaysGivesTheSameGraph() {
        #expect(RandomGraph.module(seed: 7) == RandomGraph.module(seed: 7))
        #expect(RandomGraph.module(seed: 7) != RandomGraph.module(seed: 8))
    }

    @Test(arguments: 0..<30)
    func graphsAreValidAndComeBackFromText(_ block: Int) throws {
        for seed in (block * 10)..<(block * 10 + 10) {
            let module = RandomGraph.module(seed: UInt64(seed))
            #expect(module.diagnostics() == [], "seed \(seed)")
            let text = module.text()
            let back = try GraphModule(text: text)
            #expect(back == module, "seed \(seed)")
            #expect(back.text() == text, "seed \(seed)")
            #expect(!module.functions[0].outputs.isEmpty, "seed \(seed)")
        }
    }

    @Test(arguments: 0..<30)
    func graphsHaveModestResults(_ block: Int) throws {
        for seed in (block * 10)..<(block * 10 + 10) {
            let module = RandomGraph.module(seed: UInt64(seed))
            let interpreter = try Interpreter(module: module)
            for size in [1, 5] where size == 1 || !module.dims.isEmpty {
                let function = module.functions[0]
                let tensors = try RandomGraph.inputs(of: function, bindings: ["B": size], seed: UInt64(seed))
                var states = try RandomGraph.states(of: module, seed: UInt64(seed))
                let named = Dictionary(uniqueKeysWithValues: zip(function.inputs.map(\.name), tensors))
                let outputs = try interpreter.run("main", inputs: named, states: &states)
                for tensor in Array(outputs.values) + states {
                    let isModest = tensor.doubles().allSatisfy { $0.isFinite && abs($0) <= 1e6 }
                    #expect(isModest, "seed \(seed), batch \(size)")
                }
            }
        }
    }

    @Test func seedsReachEveryKindOfOperation() {
        var names: Set<String> = []
        var isSymbolic = (yes: 0, no: 0)
        var updates = 0
        for seed in 0..<300 {
            let module = RandomGraph.module(seed: UInt64(seed))
            names.formUnion(module.functions[0].ops.map(\.name))
            if module.dims.isEmpty { isSymbolic.no += 1 } else { isSymbolic.yes += 1 }
            updates += module.functions[0].updates.count
        }
        var options = RandomGraph.Options()
        options.families = RandomGraph.Family.allCases
        for seed in 300..<660 {
            let module = RandomGraph.module(seed: UInt64(seed), options: options)
            #expect(module.diagnostics() == [])
            names.formUnion(module.functions[0].ops.map(\.name))
        }
        // A custom operation is code: see CustomCodeTests.
        #expect(Set(OpTable.rows.keys).subtracting(names) == ["custom"])
        #expect(isSymbolic.yes > 100 && isSymbolic.no > 50 && updates > 50)
    }

    @Test func optionsAreKept() {
        var options = RandomGraph.Options()
        options.families = [.unary, .contraction]
        options.symbolicBatch = true
        options.dtype = .f16
        options.updates = false
        for seed in 0..<20 {
            let module = RandomGraph.module(seed: UInt64(seed), options: options)
            #expect(module.diagnostics() == [])
            #expect(module.dims.map(\.name) == ["B"])
            #expect(module.functions[0].updates.isEmpty)
            #expect(module.functions[0].ops.allSatisfy { !["conv", "iota", "compare"].contains($0.name) })
            #expect(module.functions[0].values.allSatisfy { $0.type.dtype == .f16 })
        }
    }

    @Test func dataIsTheSameForASeed() throws {
        let module = RandomGraph.module(seed: 3)
        let one = try RandomGraph.inputs(of: module.functions[0], bindings: ["B": 4], seed: 1)
        #expect(try RandomGraph.inputs(of: module.functions[0], bindings: ["B": 4], seed: 1) == one)
        #expect(try RandomGraph.inputs(of: module.functions[0], bindings: ["B": 4], seed: 2) != one)
    }
}

@Suite struct ShrinkTests {
    private func uses(_ name: String, _ module: GraphModule) -> Bool {
        module.functions.contains { $0.ops.contains { $0.name == name } }
    }

    @Test(arguments: ["dot", "conv", "concat", "reduce", "select", "reduceWindow"])
    func findsTheOneOperationThatMatters(_ name: String) throws {
        var options = RandomGraph.Options()
        options.opCount = 20...30
        let seeds = (0..<200).filter { uses(name, RandomGraph.module(seed: $0, options: options)) }.prefix(3)
        #expect(!seeds.isEmpty)
        for seed in seeds {
            let module = RandomGraph.module(seed: seed, options: options)
            let small = RandomGraph.shrink(module) { candidate in
                candidate.diagnostics().isEmpty && uses(name, candidate)
            }
            #expect(small.diagnostics() == [])
            #expect(small.functions[0].ops.map(\.name) == [name], "seed \(seed):\n\(small)")
            #expect(small.functions[0].outputs.count + small.functions[0].updates.count <= 1)
            #expect(small.dims.isEmpty)
        }
    }

    @Test func keepsWhatTheFailureNeeds() throws {
        let seed = try #require((0..<50).first { RandomGraph.module(seed: $0).functions[0].liveOut.count > 2 })
        let small = RandomGraph.shrink(RandomGraph.module(seed: seed)) { $0.functions[0].liveOut.count >= 2 }
        #expect(small.functions[0].liveOut.count == 2)
        #expect(small.functions[0].ops.isEmpty)
    }

    @Test func whatDoesNotFailIsGivenBack() {
        let module = RandomGraph.module(seed: 5)
        #expect(RandomGraph.shrink(module) { _ in false } == module)
    }

    @Test func asksNoMoreThanItMay() {
        var asked = 0
        _ = RandomGraph.shrink(RandomGraph.module(seed: 6), attempts: 10) { _ in
            asked += 1
            return true
        }
        #expect(asked <= 11)
    }
}
