import GraphIR
import GraphTracing
import HostTensors

/// Walks the nodes of a graph in order and keeps what each name stands for.
struct GraphImporter {
    /// The operator sets by domain, the standard's own under the empty name.
    let opsets: [String: Int]
    /// The model's own functions, by domain and name.
    let functions: [String: Onnx_FunctionProto]
    /// The ranges of named dimensions.
    let ranges: [String: ClosedRange<Int>]
    /// Reads tensors.
    let contents: TensorContents
    /// What names stand for so far.
    var values: [String: Value] = [:]
    /// The attributes of the call, in the body of a function.
    var arguments: [String: Onnx_AttributeProto] = [:]
    /// How many calls of functions lead here.
    private var depth = 0
    /// The errors found so far.
    var errors: [GraphError] = []

    init(
        model: ONNXModel, ranges: [String: ClosedRange<Int>], contents: TensorContents
    ) {
        opsets = ONNXModel.opsets(model.proto.opsetImport)
        functions = Dictionary(
            model.proto.functions.map { (Self.key($0.domain, $0.name), $0) }, uniquingKeysWith: { first, _ in first })
        self.ranges = ranges
        self.contents = contents
    }

    private init(body function: Onnx_FunctionProto, of outer: GraphImporter) {
        opsets = ONNXModel.opsets(function.opsetImport).merging(outer.opsets) { own, _ in own }
        (functions, ranges, contents) = (outer.functions, outer.ranges, outer.contents)
        depth = outer.depth + 1
    }

    static func key(_ domain: String, _ name: String) -> String { "\(ONNXModel.standardName(domain))::\(name)" }

    /// Imports nodes in order; a node with an error is noted, and so are none that depend on it.
    mutating func add(_ nodes: [Onnx_NodeProto]) {
        for proto in nodes {
            let name = Self.name(of: proto)
            let results: [Value]
            do {
                results = try scope(name) { try PlaceScope.withoutLines { try self.results(of: proto) } }
            } catch {
                errors += Self.errors(error, in: Self.label(of: proto, opset: opset(of: proto)))
                results = []
            }
            for (at, output) in proto.output.enumerated() where !output.isEmpty {
                values[output] = at < results.count ? results[at] : Self.failed
            }
        }
    }

    /// Imports a graph within this one, whose inputs stand for `inputs`, and gives its outputs.
    func outputs(of graph: Onnx_GraphProto, _ inputs: [Value]) throws -> [Value] {
        var inner = self
        inner.errors = []
        for (input, value) in zip(graph.input, inputs) { inner.values[input.name] = value }
        for initializer in graph.initializer {
            inner.values[initializer.name] = Value(constant: try contents.tensor(initializer))
        }
        inner.add(graph.node)
        if !inner.errors.isEmpty { throw TraceError(inner.errors) }
        return try graph.output.map { try inner.value(named: $0.name) }
    }

    /// What a name stands for; throws when nothing has that name.
    func value(named name: String) throws -> Value {
        guard let value = values[name] else {
            throw GraphError(
                "nothing before gives '\(name)'", remedy: "nodes must be in order; check the model with onnx.checker")
        }
        return value
    }

    /// The operator set a node belongs to; nil if the model names none.
    func opset(of node: Onnx_NodeProto) -> Int? { opsets[ONNXModel.standardName(node.domain)] }
}

extension GraphImporter {
    private mutating func results(of proto: Onnx_NodeProto) throws -> [Value] {
        let inputs = try proto.input.map { $0.isEmpty ? nil : try value(named: $0) }
        // Whoever depends on a failed value fails too, but that is no news.
        if inputs.contains(where: { $0?.tensor.isFailed == true }) { return [] }
        if let function = functions[Self.key(proto.domain, proto.opType)] {
            return try call(function, inputs, try attributes(of: proto))
        }
        guard let definition = OperatorTable.definition(of: proto.opType), let opset = opset(of: proto) else {
            throw GraphError("the operator is not supported")
        }
        let attributes = try attributes(of: proto)
        for name in attributes.keys.sorted() where !definition.attributes.contains(name) {
            throw GraphError("attribute '\(name)' is not supported", remedy: "docs/onnx.md lists what is")
        }
        let importer = self
        let node = Node(
            operatorName: proto.opType, opset: opset, inputs: inputs, attributes: attributes,
            outputs: proto.output, ranges: ranges, contents: contents
        ) { try importer.outputs(of: $0, $1) }
        return try node.results(definition)
    }

    /// The attributes by name, those that refer to the call's replaced by them or left out.
    private func attributes(of proto: Onnx_NodeProto) throws -> [String: Onnx_AttributeProto] {
        var attributes: [String: Onnx_AttributeProto] = [:]
        for attribute in proto.attribute {
            attributes[attribute.name] = attribute.refAttrName.isEmpty ? attribute : arguments[attribute.refAttrName]
        }
        return attributes
    }

    /// What a function of the model's own gives.
    private func call(
        _ function: Onnx_FunctionProto, _ inputs: [Value?], _ attributes: [String: Onnx_AttributeProto]
    ) throws -> [Value] {
        guard depth < 64 else {
            throw GraphError("functions call each other too deep", remedy: "a function must not call itself")
        }
        var body = GraphImporter(body: function, of: self)
        for attribute in function.attributeProto { body.arguments[attribute.name] = attribute }
        body.arguments.merge(attributes) { $1 }
        for (name, value) in zip(function.input, inputs) { body.values[name] = value }
        body.add(function.node)
        if !body.errors.isEmpty { throw TraceError(body.errors) }
        return try function.output.map { try body.value(named: $0) }
    }

    /// What a value whose node failed is replaced by.
    private static let failed = Value(Tensor(failure: GraphError("it depends on a node that failed")))

    /// The errors of a node, each with its name.
    private static func errors(_ error: any Error, in label: String) -> [GraphError] {
        switch error {
        case let error as TraceError: error.errors.map { $0.within(label) }
        case let error as GraphError: [error.within(label)]
        default: [GraphError("\(error)", place: label)]
        }
    }

    /// The name of a node as a path; that of its first output where it has none.
    static func name(of proto: Onnx_NodeProto) -> String {
        let name = proto.name.isEmpty ? proto.output.first { !$0.isEmpty } ?? proto.opType : proto.name
        return name.split(separator: "/").joined(separator: "/")
    }

    /// A node as errors name it: `node 'layer1/conv' (Conv, ai.onnx 17)`.
    static func label(of proto: Onnx_NodeProto, opset: Int?) -> String {
        let domain = proto.domain.isEmpty ? "ai.onnx" : proto.domain
        return "node '\(name(of: proto))' (\(proto.opType), \(domain)\(opset.map { " \($0)" } ?? ""))"
    }
}

extension GraphError {
    /// The same error in the node of that label; an error of a node within names that.
    fileprivate func within(_ label: String) -> GraphError {
        let isNode = place?.hasPrefix("node ") == true
        return GraphError(message, place: isNode ? place : label, remedy: remedy)
    }
}
