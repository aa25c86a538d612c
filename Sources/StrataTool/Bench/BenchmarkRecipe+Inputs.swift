import ExampleModels
import GraphIR
import HostTensors
import Execution

extension BenchmarkRecipe {
    /// The inputs of a training step, or of the inference, in the function's order.
    func inputs(of function: String, in module: GraphModule, step: Int = 0) throws -> NamedTensors {
        let given = isTraining ? try batch(step) : try inputs()
        var ordered: NamedTensors = [:]
        for input in try module.function(named: function).inputs {
            guard let tensor = given[input.name] else {
                throw Failure("recipe \(workload) has no input '\(input.name)'; it is for graphs/\(graph).graph")
            }
            ordered[input.name] = tensor
        }
        return ordered
    }

    /// The states before the first step, by path.
    func namedStates(of module: GraphModule) throws -> NamedTensors {
        NamedTensors(zip(module.states.map(\.path), try states(of: module)), uniquingKeysWith: { first, _ in first })
    }
}
