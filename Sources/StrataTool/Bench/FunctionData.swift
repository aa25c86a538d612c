import Benchmarking
import ExampleModels
import Execution
import GraphIR
import HostTensors

/// What a function is called with: a recipe's tensors, or random inputs and the states that 'init' makes.
struct FunctionData {
    let function: String
    let inputs: NamedTensors
    /// The sizes of its named dimensions that are not those of a recipe's tensors.
    let sizes: [String: Int]
    let states: NamedTensors

    init(
        recipe: String?, module: GraphModule, functions: FunctionOptions, sizes: SizeOptions, states: StateOptions
    ) throws {
        let recipe = try recipe.map { try BenchmarkRecipe(workload: $0) }
        var functions = functions
        functions.function = functions.function ?? (recipe?.isTraining == true ? "train" : nil)
        function = try functions.choose(in: module).name
        if let recipe {
            self.sizes = [:]
            inputs = try recipe.inputs(of: function, in: module)
            self.states = try recipe.namedStates(of: module)
            return
        }
        let signature = try ModelSignature(of: module).function(named: function)
        self.sizes = try sizes.sizes(of: module, for: signature)
        inputs = try RandomInputs.make(
            for: signature, sizes: self.sizes, seed: UInt64(bitPattern: states.seed))
        let interpreted = Model(try InterpretedModel(module))
        try states.prepare(interpreted, for: function, of: module)
        self.states = try interpreted.states()
    }
}
