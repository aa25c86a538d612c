import Artifacts
import GraphIR
import HostTensors
import KernelIR

/// Makes what a library tests itself with: random tensors as a recipe, and what the interpreter makes of them.
struct SelfTestMaker {
    private let module: GraphModule
    private let description: ArtifactDescription
    private let precision: Precision
    private let embedded: [String: HostTensor]
    private let interpreter: Interpreter
    private let states: [TestFilling]

    /// Named dimensions are at least this large, where they may be: vectors and tiles leave a rest.
    private static let fewRows = 3
    /// And this large in a second case, which tiles of sixteen rows take part in.
    private static let someRows = 18
    /// Operations that a second case may take the interpreter.
    private static let mostOperations = 300_000_000

    /// Prepares the test of a module, whose library has the values in `embedded`.
    init(
        _ test: SelfTest, module: GraphModule, description: ArtifactDescription, precision: Precision,
        embedded: [(name: String, tensor: HostTensor)]
    ) throws {
        self.module = module
        self.description = description
        self.precision = precision
        self.embedded = Dictionary(embedded.map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first })
        interpreter = try Interpreter(module: module)
        states = try test.fillings(of: module, embedded: embedded)
    }

    /// The test of every function.
    func make() throws -> ArtifactSelfTest {
        let cases = try module.functions.indices.flatMap { number in
            let function = module.functions[number]
            let expanded = try function.expandingComposites(states: module.states)
            return try sizes(of: number, expanded).map { sizes in
                try SelfTestCase(
                    function: function, number: number, dims: description.functions[number].dims, module: module,
                    sizes: sizes, limits: IndexLimits(of: expanded), states: states, embedded: embedded,
                    bound: ExpectedError.bound(of: function, precision), noise: Self.noise(of: precision)
                ).best(interpreter)
            }
        }
        return ArtifactSelfTest(states: states, cases: cases)
    }

    /// The sizes of the named dimensions in each case of a function.
    private func sizes(of number: Int, _ expanded: GraphFunction) throws -> [[String: Int]] {
        let few = sizes(of: number, atLeast: Self.fewRows)
        let some = sizes(of: number, atLeast: Self.someRows)
        guard some != few, try Self.operations(of: expanded, sizes: some) <= Self.mostOperations else { return [few] }
        return [few, some]
    }

    /// The smallest sizes from `least` up that are allowed; of dimensions that callers do not give, the smallest of all, which the
    /// library takes.
    private func sizes(of number: Int, atLeast least: Int) -> [String: Int] {
        let given = Set(description.functions[number].dims)
        return Dictionary(
            uniqueKeysWithValues: module.dims.enumerated().map { index, dim in
                guard given.contains(index) else { return (dim.name, dim.range.lowerBound) }
                let wanted = max(least, dim.range.lowerBound)
                let above = (wanted + dim.multiple - 1) / dim.multiple * dim.multiple
                let largest = dim.range.upperBound / dim.multiple * dim.multiple
                return (dim.name, min(above, largest))
            })
    }

    private static func operations(of expanded: GraphFunction, sizes: [String: Int]) throws -> Int {
        try expanded.ops.reduce(0) { sum, op in
            let definition = try OpTable.definition(of: op.name)
            let results = op.results.map { expanded.type(of: $0) }
            let work = definition.flops(op.operands.map { expanded.type(of: $0) }, results, op.attributes)
            let elements = try results.map { try $0.count.value(sizes) }
            return sum + (try work.value(sizes)) + elements.reduce(0, +)
        }
    }

    /// What the precision keeps of a number, as a relative error.
    private static func noise(of precision: Precision) -> Double {
        switch precision {
        case .float32: 0x1p-22
        case .tensorfloat: 0x1p-15
        case .bfloat16, .int8: 0x1p-9
        }
    }
}
