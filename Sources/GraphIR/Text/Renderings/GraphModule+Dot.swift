extension GraphModule {
    /// A picture of one function in the DOT language: layers are boxes around operations, edges carry types; throws
    /// when there is no such function, or the module is not well formed.
    public func dot(function name: String) throws -> String {
        try verify(self)
        var writer = DotWriter(function: try function(named: name).canonicalized(), module: self)
        return writer.write()
    }
}

/// Operations grouped by the layers they come from.
private struct LayerTree {
    var path: String
    var ops: [Int] = []
    var children: [LayerTree] = []

    mutating func insert(_ op: Int, _ steps: ArraySlice<Substring>) {
        guard let step = steps.first else {
            ops.append(op)
            return
        }
        let childPath = path.isEmpty ? String(step) : "\(path)/\(step)"
        let at = children.firstIndex { $0.path == childPath } ?? children.count
        if at == children.count { children.append(LayerTree(path: childPath)) }
        children[at].insert(op, steps.dropFirst())
    }
}

private struct DotWriter {
    let function: GraphFunction
    let module: GraphModule
    let names: ValueNames
    private var text = ""
    private var clusters = 0

    init(function: GraphFunction, module: GraphModule) {
        self.function = function
        self.module = module
        names = ValueNames(function, states: module.states)
    }

    mutating func write() -> String {
        text = "digraph \(StringText.quoted("\(module.name).\(function.name)")) {\n"
        text += "  rankdir=TB;\n  node [fontname=\"monospace\", fontsize=10, shape=box, style=rounded];\n"
        text += "  edge [fontname=\"monospace\", fontsize=8];\n"
        writeSources()
        var tree = LayerTree(path: "")
        for (at, op) in function.ops.enumerated() {
            tree.insert(at, (op.place?.layer ?? "").split(separator: "/")[...])
        }
        writeCluster(tree, indent: "  ")
        writeEdges()
        writeEnds()
        return text + "}\n"
    }

    private mutating func node(_ id: String, _ lines: [String], _ style: String, indent: String = "  ") {
        let label = lines.map { StringText.quoted($0).dropFirst().dropLast() }.joined(separator: "\\n")
        text += "\(indent)\(id) [label=\"\(label)\"\(style)];\n"
    }

    private mutating func writeSources() {
        for (at, value) in function.values.enumerated() {
            switch value.origin {
            case .input:
                node(
                    "v\(at)", [names[ValueID(at)], "\(value.type)"],
                    ", shape=ellipse, style=filled, fillcolor=lightblue")
            case .state(let state):
                let path = module.states.indices.contains(state) ? module.states[state].path : ""
                node(
                    "v\(at)", [names[ValueID(at)], path, "\(value.type)"],
                    ", shape=cylinder, style=filled, fillcolor=lightyellow")
            case .operation: continue
            }
        }
    }

    private mutating func writeCluster(_ tree: LayerTree, indent: String) {
        for at in tree.ops { node("op\(at)", lines(of: function.ops[at]), "", indent: indent) }
        for child in tree.children {
            text += "\(indent)subgraph cluster_\(clusters) {\n"
            clusters += 1
            text += "\(indent)  label=\(StringText.quoted(child.path)); color=gray; fontsize=10;\n"
            writeCluster(child, indent: indent + "  ")
            text += "\(indent)}\n"
        }
    }

    private func lines(of op: GraphOp) -> [String] {
        var lines = ["\(op.results.map { names[$0] }.joined(separator: ", ")) = \(op.name)"]
        let definition = OpTable.rows[op.name]
        for (name, value) in op.attributes {
            if definition?.attributes.first(where: { $0.name == name })?.defaultValue == value { continue }
            lines.append("\(name) \(value.text(constants: .hashed(above: 8)))")
        }
        return lines
    }

    private mutating func writeEdges() {
        let producers = function.producers()
        for (at, op) in function.ops.enumerated() {
            for operand in op.operands {
                let from = producers[operand.index].map { "op\($0)" } ?? "v\(operand.index)"
                text += "  \(from) -> op\(at) [label=\(StringText.quoted(function.type(of: operand).description))];\n"
            }
        }
    }

    private mutating func writeEnds() {
        let producers = function.producers()
        func source(_ value: ValueID) -> String { producers[value.index].map { "op\($0)" } ?? "v\(value.index)" }
        for (at, output) in function.outputs.enumerated() {
            node(
                "output\(at)", ["output", output.name], ", shape=ellipse, style=filled, fillcolor=lightgreen")
            let type = StringText.quoted(function.type(of: output.value).description)
            text += "  \(source(output.value)) -> output\(at) [label=\(type)];\n"
        }
        for (at, update) in function.updates.enumerated() {
            let state = module.states.indices.contains(update.state) ? module.states[update.state].identifier : "?"
            node("update\(at)", ["update %\(state)"], ", shape=cylinder, style=filled, fillcolor=lightgreen")
            let type = StringText.quoted(function.type(of: update.value).description)
            text += "  \(source(update.value)) -> update\(at) [label=\(type)];\n"
        }
    }
}
