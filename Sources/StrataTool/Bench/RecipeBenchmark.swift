import Execution
import GraphIR
import HostTensors

/// A named benchmark on its own inputs and parameters.
struct RecipeBenchmark {
    let workload: String
    let module: GraphModule
    let function: String
    let threads: Int
    let seconds: Double

    func run(json: Bool) throws {
        throw Failure("--recipe is not there yet")
    }
}
