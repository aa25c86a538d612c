import GraphIR
import GraphTracing

let controlOperators: [OperatorDefinition] = [
    OperatorDefinition(
        name: "If", since: 13, attributes: ["else_branch", "then_branch"],
        limits: "both branches give tensors of the same types, unless the condition is constant", moves: .none
    ) { node in
        guard let then = node.attributes["then_branch"], let otherwise = node.attributes["else_branch"] else {
            throw node.failure("a branch is missing")
        }
        if let known = try node.value(0).sizes?.numbers?.first {
            return try node.subgraph(known != 0 ? then.g : otherwise.g)
        }
        return try conditional(try node.x.reshaped(to: [])) {
            try node.subgraph(then.g).map(\.tensor)
        } otherwise: {
            try node.subgraph(otherwise.g).map(\.tensor)
        }.map(Value.init)
    }
]
