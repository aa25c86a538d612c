import ArgumentParser
import Execution
import HostTensors

/// What a model's states are before a function is run.
struct StateOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Take states from this safetensors file, by their paths; without it, the graph's 'init' makes them.",
            valueName: "file"))
    var weights: String?

    /// Runs `init`, if the graph has one without inputs, then loads the file's states.
    func prepare(_ model: Model, for function: String) throws {
        if function != "init", let initializer = model.signature.functions.first(where: { $0.name == "init" }),
            initializer.inputs.isEmpty
        {
            try model.run("init")
        }
        guard let weights else { return }
        for entry in try Safetensors.read(path: weights).entries { try model.setState(entry.name, to: entry.tensor) }
    }
}
