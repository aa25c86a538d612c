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

    @Option(help: ArgumentHelp("The seed of 'init' and of random inputs.", valueName: "n"))
    var seed: Int64 = 1

    /// Runs `init`, if the graph has one that takes a seed at most, then loads the file's states.
    func prepare(_ model: Model, for function: String) throws {
        if function != "init" { _ = try Self.initialize(model, seed: seed) }
        guard let weights else { return }
        for entry in try Safetensors.read(path: weights).entries { try model.setState(entry.name, to: entry.tensor) }
    }

    /// Runs `init` with the seed as its only input, if the graph has one like that; says whether it has.
    static func initialize(_ model: Model, seed: Int64) throws -> Bool {
        guard let initializer = model.signature.functions.first(where: { $0.name == "init" }),
            initializer.inputs.allSatisfy({ $0.type.rank == 0 && $0.type.dtype.isInteger }),
            initializer.inputs.count <= 1
        else { return false }
        var inputs: NamedTensors = [:]
        for input in initializer.inputs {
            inputs[input.name] = HostTensor(scalar: seed).converted(to: input.type.dtype)
        }
        try model.run("init", inputs)
        return true
    }
}
