import ArgumentParser
import Execution
import GraphIR
import HostTensors

/// What a model's states are before a function is run.
struct StateOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Take states from this safetensors file, by their paths; without it, the graph's 'init' makes them.",
            valueName: "file"))
    var weights: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("The seed of 'init' and of random inputs.", valueName: "n"))
    var seed: Int64 = 1

    /// Runs `init`, if the graph has one that takes a seed at most, then loads the file's states.
    ///
    /// A state that `module` has and the model made of a part of it has not is passed over.
    func prepare(_ model: Model, for function: String, of module: GraphModule) throws {
        if function != "init" { _ = try Self.initialize(model, seed: seed) }
        guard let weights else { return }
        let present = Set(model.signature.states.map(\.path))
        let absent = Set(module.states.map(\.path)).subtracting(present)
        let entries = try Self.read(weights, for: module.states.filter { present.contains($0.path) })
        for entry in entries where !absent.contains(entry.name) {
            try model.setState(entry.name, to: entry.tensor)
        }
    }

    /// The tensors of a weights file; throws where one is missing that training or its initial values would have set.
    static func read(_ path: String, for states: [StateDeclaration]) throws -> [(name: String, tensor: HostTensor)] {
        let entries = try Safetensors.read(path: path).entries
        let names = Set(entries.map(\.name))
        for state in states where [.parameter, .buffer].contains(state.role) && !names.contains(state.path) {
            throw Failure(
                "\(path): state '\(state.path)': expected \(state.type), got no such tensor; the file must hold every parameter and buffer"
            )
        }
        return entries
    }

    /// Where the states are from, as an image of them remembers it.
    var source: String {
        get throws {
            guard let weights else { return "seed \(seed)" }
            return try "seed \(seed), \(CompiledModel.source(ofFile: weights))"
        }
    }

    /// Runs `init` with the seed as its only input, if the graph has one like that; says whether it has.
    static func initialize(_ model: Model, seed: Int64) throws -> Bool {
        guard let initializer = model.signature.functions.first(where: { $0.name == "init" }),
            let inputs = seedInputs(of: initializer, seed: seed)
        else { return false }
        try model.run("init", inputs)
        return true
    }

    /// What `init` is given: the seed as its only input, or nothing where it takes nothing; nil where it takes something else.
    static func seedInputs(of initializer: FunctionSignature, seed: Int64) -> NamedTensors? {
        guard initializer.name == "init", initializer.inputs.count <= 1,
            initializer.inputs.allSatisfy({ $0.type.rank == 0 && $0.type.dtype.isInteger })
        else { return nil }
        var inputs: NamedTensors = [:]
        for input in initializer.inputs {
            inputs[input.name] = HostTensor(scalar: seed).converted(to: input.type.dtype)
        }
        return inputs
    }
}
