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
                    bound: ExpectedError.bound(of: function, precision), noises: Self.noises(of: precision),
                    leastChange: Self.leastChange(of: precision)
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

    /// The part of a state below which a change is not told apart.
    private static func leastChange(of precision: Precision) -> Double {
        switch precision {
        case .float32: 0.01
        case .tensorfloat: 0.1
        // A number that is rounded to the other side of 0 lets a gradient through, or holds it up.
        case .bfloat16, .int8: 1
        }
    }

    /// Some times what the precision loses of a number, relative to it: what is lost adds up from layer to layer. Where much is lost,
    /// there and back: of two numbers that are nearly equal, one becomes the larger then, whichever it was.
    private static func noises(of precision: Precision) -> [Double] {
        switch precision {
        case .float32: [0x1p-20]
        case .tensorfloat: [0x1p-13, -0x1p-13]
        case .bfloat16: [0x1p-6, -0x1p-6]
        case .int8: [0x1p-5, -0x1p-5]
        }
    }
}
