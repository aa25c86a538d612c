import GraphIR
import GraphTracing
import HostTensors

/// A graph module made of an ONNX model, and what its states begin with.
public struct ImportedModel: Sendable {
    /// The module: one function, and a state for each weight.
    public let module: GraphModule
    /// The weights by their states' paths, in the order of the states.
    public let weights: [(name: String, tensor: HostTensor)]
    /// The number of nodes in the model's graph.
    public let nodeCount: Int
}

/// What a named dimension of a model becomes.
public enum DimensionChoice: Sendable, Hashable {
    /// A number.
    case size(Int)
    /// A named dimension with these sizes.
    case range(ClosedRange<Int>)
    /// The same as another named dimension, or a sum or product of several: `past+length`.
    case same(String)

    /// The sizes of a named dimension for which nothing is chosen.
    public static let usual = 1...4096
}

extension ONNXModel {
    /// The model as a graph module of that name, with its graph as the function `function`.
    ///
    /// Weights of more than one element become states: floats are parameters, others buffers. `dims` says what becomes of
    /// dimensions that have a name in the model, and of those without, which are called by their input and axis: `x_0`.
    /// Inputs that `constants` has are no inputs of the function. Throws a `TraceError` that lists every operator, attribute and
    /// node that cannot be imported, and a `FileError` for weights that cannot be read.
    public func imported(
        name: String, function: String = "predict", dims: [String: DimensionChoice] = [:],
        constants: [String: HostTensor] = [:]
    ) throws -> ImportedModel {
        try requireSupport()
        for name in constants.keys.sorted() where !proto.graph.input.contains(where: { $0.name == name }) {
            throw GraphError(
                "\(path): the model has no input '\(name)'",
                remedy: "it has: \(proto.graph.input.map(\.name).joined(separator: ", "))")
        }
        let files = TensorContents(path: path, folder: folder)
        let initializers = try proto.graph.initializer.map { (name: $0.name, tensor: try files.tensor($0)) }
        guard proto.graph.sparseInitializer.isEmpty else {
            throw GraphError("\(path): sparse weights are not supported", remedy: "export the model with dense ones")
        }
        let known = Set(initializers.map(\.name)).union(constants.keys)
        let inputs = try ModelInputs(self, without: known, choices: dims)
        var tracer = ModuleTracer(name: name, dims: inputs.symbols)
        let weights = Weights(initializers)
        for state in weights.states { tracer.declare(state.variable, path: state.path) }
        try tracer.function(function, inputs: inputs.types) { placeholders in
            var importer = GraphImporter(model: self, ranges: inputs.ranges, contents: files)
            importer.values = weights.values()
            for (name, tensor) in constants { importer.values[name] = Value(constant: tensor) }
            for (input, tensor) in zip(inputs.types, placeholders) { importer.values[input.name] = Value(tensor) }
            importer.add(proto.graph.node)
            if !importer.errors.isEmpty { throw TraceError(importer.errors) }
            return try proto.graph.output.map { output in
                let tensor = try importer.value(named: output.name).tensor
                guard tensor.isFailed || tensor.count != 0 else {
                    throw GraphError(
                        "\(path): output '\(output.name)' is \(tensor.type), without elements",
                        remedy: "sizes are at least 1")
                }
                return (output.name, tensor)
            }
        }
        let module = try tracer.module().keeping(functions: [function])
        try verify(module)
        let contents = Dictionary(uniqueKeysWithValues: weights.states.map { ($0.path, $0.contents) })
        let used = module.states.compactMap { state in contents[state.path].map { (state.path, $0) } }
        return ImportedModel(module: module, weights: used, nodeCount: proto.graph.node.count)
    }

    /// Throws a `TraceError` that lists every node whose operator is not supported.
    private func requireSupport() throws {
        let opsets = Self.opsets(proto.opsetImport)
        let functions = Set(proto.functions.map { GraphImporter.key($0.domain, $0.name) })
        var errors: [GraphError] = []
        func visit(_ nodes: [Onnx_NodeProto], _ opsets: [String: Int]) {
            for node in nodes {
                let domain = Self.standardName(node.domain)
                let definition = domain.isEmpty ? OperatorTable.definition(of: node.opType) : nil
                let isOwn = functions.contains(GraphImporter.key(node.domain, node.opType))
                if !isOwn, definition.map({ $0.since > opsets[""] ?? 0 }) ?? true {
                    errors.append(
                        GraphError(
                            "the operator is not supported",
                            place: GraphImporter.label(of: node, opset: opsets[domain])))
                }
                for attribute in node.attribute where attribute.hasG { visit(attribute.g.node, opsets) }
            }
        }
        visit(proto.graph.node, opsets)
        for function in proto.functions {
            visit(function.node, Self.opsets(function.opsetImport).merging(opsets) { own, _ in own })
        }
        guard let last = errors.indices.last else { return }
        errors[last].remedy =
            "docs/onnx.md lists the operators that are; export the model without the others, or write them as custom "
            + "operations of a model in Swift"
        throw TraceError(errors)
    }
}

/// The initializers of a model: states and constants.
private struct Weights {
    private(set) var states: [(variable: Variable, path: String, contents: HostTensor)] = []
    private var constants: [(name: String, tensor: HostTensor)] = []

    /// One number, and integers that may be a shape or axes, are constants.
    init(_ initializers: [(name: String, tensor: HostTensor)]) {
        for (name, tensor) in initializers {
            if tensor.count <= 1 || !tensor.dtype.isFloat && tensor.count <= SizeTensor.limit {
                constants.append((name, tensor))
            } else {
                let role: StateRole = tensor.dtype.isFloat ? .parameter : .buffer
                states.append((Variable(tensor, name: name, role: role, file: "", line: 0), name, tensor))
            }
        }
    }

    /// What the names stand for, while a function is traced.
    func values() -> [String: Value] {
        var values: [String: Value] = [:]
        for (name, tensor) in constants { values[name] = Value(constant: tensor) }
        for state in states { values[state.path] = Value(state: state.variable, contents: state.contents) }
        return values
    }
}
