import GraphIR
import HostTensors

/// A function as a `tensorflow.GraphDef`, for TensorBoard's graph page.
///
/// GraphDef.node = 1, .versions = 4 (VersionDef.producer = 1); NodeDef.name = 1, .op = 2, .input = 3. Slashes in names are
/// the page's nesting, so nodes are named by their layers.
enum GraphDefinition {
    static func bytes(of function: GraphFunction, _ module: GraphModule) -> [UInt8] {
        var graph = ProtobufWriter()
        var names: [ValueID: String] = [:]
        func node(_ name: String, _ op: String, _ inputs: [String]) {
            graph.add(1) {
                $0.add(1, text: name)
                $0.add(2, text: op)
                for input in inputs { $0.add(3, text: input) }
            }
        }
        for input in function.inputs {
            names[input.value] = "inputs/\(input.name)"
            node("inputs/\(input.name)", "input", [])
        }
        for (at, op) in function.ops.enumerated() {
            let layer = op.place.map(\.layer) ?? ""
            let name = "\(layer.isEmpty ? "" : "\(layer)/")\(op.name)_\(at)"
            let inputs = op.operands.map { operand -> String in
                if let known = names[operand] { return known }
                // What no operation makes is a state, named by its path.
                let name = "states/\(Self.state(operand, function, module) ?? "\(operand.index)")"
                node(name, "state", [])
                names[operand] = name
                return name
            }
            for (result, value) in op.results.enumerated() { names[value] = result == 0 ? name : "\(name):\(result)" }
            node(name, op.name, inputs)
        }
        graph.add(4) { $0.add(1, varint: 22) }
        return graph.bytes
    }

    private static func state(_ value: ValueID, _ function: GraphFunction, _ module: GraphModule) -> String? {
        guard case .state(let index) = function.values[value.index].origin, module.states.indices.contains(index) else {
            return nil
        }
        return module.states[index].path
    }
}
