import ArgumentParser
import GraphIR

/// The graph a command works on.
struct GraphOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp("The graph's text file.", valueName: "graph"), completion: .file(extensions: ["graph"]))
    var graph: String

    /// Reads and verifies the graph.
    func read() throws -> GraphModule { try Self.read(graph) }

    /// Reads and verifies the graph at a path.
    static func read(_ path: String) throws -> GraphModule {
        let module = try GraphFile.read(path: path)
        try verify(module)
        return module
    }
}

/// The function a command works on.
struct FunctionOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The function. (default: 'predict', or the only one)", valueName: "name"))
    var function: String?

    /// The function asked for; `predict`, or the only one, when none was.
    func choose(in module: GraphModule) throws -> GraphFunction {
        if let function { return try find(function, in: module) }
        if let predict = module.functions.first(where: { $0.name == "predict" }) { return predict }
        if module.functions.isEmpty { throw Failure("the graph has no function") }
        guard module.functions.count == 1, let only = module.functions.first else {
            throw Failure("say which function with --function: the graph has \(Self.names(module))")
        }
        return only
    }

    /// The function asked for, or all.
    func all(in module: GraphModule) throws -> [GraphFunction] {
        guard let function else { return module.functions }
        return [try find(function, in: module)]
    }

    private func find(_ name: String, in module: GraphModule) throws -> GraphFunction {
        guard let found = module.functions.first(where: { $0.name == name }) else {
            throw Failure("the graph has no function '\(name)'; it has \(Self.names(module))")
        }
        return found
    }

    private static func names(_ module: GraphModule) -> String {
        module.functions.isEmpty ? "none" : module.functions.map { "'\($0.name)'" }.joined(separator: ", ")
    }
}
