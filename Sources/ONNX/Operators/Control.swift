import GraphIR
import GraphTracing
import HostTensors

let controlOperators: [OperatorDefinition] = [
    OperatorDefinition(
        name: "If", since: 7, attributes: ["else_branch", "then_branch"],
        limits: "both branches give tensors of the same types, unless the condition is constant", moves: .none
    ) { node in
        guard let then = node.attributes["then_branch"], let otherwise = node.attributes["else_branch"] else {
            throw node.failure("a branch is missing")
        }
        if let known = try node.value(0).sizes?.numbers?.first {
            return try node.subgraph(known != 0 ? then.g : otherwise.g, [])
        }
        return try conditional(try node.x.reshaped(to: [])) {
            try node.subgraph(then.g, []).map(\.tensor)
        } otherwise: {
            try node.subgraph(otherwise.g, []).map(\.tensor)
        }.map(Value.init)
    },
    OperatorDefinition(
        name: "Loop", since: 7, attributes: ["body"],
        limits: "the number of steps must be known at import, the condition hold in each", moves: .none
    ) { try $0.looped() },
    OperatorDefinition(
        name: "Scan", since: 9,
        attributes: [
            "body", "num_scan_inputs", "scan_input_axes", "scan_input_directions", "scan_output_axes",
            "scan_output_directions",
        ], limits: "the number of steps must be a number", moves: .none
    ) { try $0.scanned() },
]

/// Steps are written out one after another, so that what is known of each, such as its number, is known in the body.
extension Node {
    private func body(steps: Int) throws -> Onnx_GraphProto {
        guard let body = attributes["body"]?.g else { throw failure("attribute 'body' is missing") }
        guard steps * max(body.node.count, 1) <= 1 << 16 else {
            throw failure(
                "\(steps) steps of \(body.node.count) nodes are too many to be written out",
                remedy: "\(1 << 16) nodes are the most")
        }
        return body
    }

    fileprivate func looped() throws -> [Value] {
        guard let steps = try number(0, "M") else {
            throw failure("input 0, 'M', is missing: the number of steps must be known")
        }
        let body = try body(steps: max(steps, 0))
        var condition = optional(1) ?? Value(constant: HostTensor(scalar: true))
        var carried = try inputs.indices.dropFirst(2).map { try value($0) }
        var collected = Array(repeating: [Tensor](), count: max(body.output.count - 1 - carried.count, 0))
        for step in 0..<max(steps, 0) {
            guard let goesOn = condition.sizes?.numbers?.first else {
                throw failure(
                    "whether the loop goes on depends on what is computed",
                    remedy: "export a loop of a fixed number of steps")
            }
            if goesOn == 0 { break }
            let number = Value(constant: HostTensor(scalar: Int64(step)))
            let results = try subgraph(body, [number, condition] + carried)
            guard results.count == 1 + carried.count + collected.count else {
                throw failure("the body gives \(results.count) values for \(carried.count) that are carried")
            }
            condition = results[0]
            carried = Array(results[1...].prefix(carried.count))
            for at in collected.indices { collected[at].append(results[1 + carried.count + at].tensor) }
        }
        return carried + (try collected.map { Value(try stacked($0, axis: 0)) })
    }

    fileprivate func scanned() throws -> [Value] {
        let count = int("num_scan_inputs", 1)
        guard (1...max(inputs.count, 1)).contains(count) else {
            throw failure("attribute 'num_scan_inputs' is \(count) for \(inputs.count) inputs")
        }
        var carried = try inputs.indices.dropLast(count).map { try value($0) }
        let sequences = try inputs.indices.suffix(count).map { try tensor($0) }
        let axes = try zip(ints("scan_input_axes") ?? Array(repeating: 0, count: count), sequences).map {
            try axis($0, rank: $1.rank)
        }
        guard axes.count == count, let steps = sequences[0].shape[axes[0]].constant else {
            throw failure("axis \(axes.first ?? 0) of \(sequences[0].type) must have a size that is a number")
        }
        let body = try body(steps: steps)
        let backwards = (ints("scan_input_directions") ?? []).map { $0 != 0 }
        let elements = zip(sequences, axes).enumerated().map { at, sequence in
            let parts = sequence.0.split(count: steps, axis: sequence.1).map { $0.squeezed(at: sequence.1) }
            return backwards.indices.contains(at) && backwards[at] ? parts.reversed() : parts
        }
        var collected = Array(repeating: [Tensor](), count: max(body.output.count - carried.count, 0))
        for step in 0..<steps {
            let results = try subgraph(body, carried + elements.map { Value($0[step]) })
            guard results.count == carried.count + collected.count else {
                throw failure("the body gives \(results.count) values for \(carried.count) that are carried")
            }
            carried = Array(results.prefix(carried.count))
            for at in collected.indices { collected[at].append(results[carried.count + at].tensor) }
        }
        let (places, directions) = (ints("scan_output_axes") ?? [], ints("scan_output_directions") ?? [])
        return carried
            + (try collected.enumerated().map { at, parts in
                let isBackwards = directions.indices.contains(at) && directions[at] != 0
                let place = places.indices.contains(at) ? places[at] : 0
                return Value(try stacked(isBackwards ? parts.reversed() : parts, axis: place))
            })
    }

    /// What all steps gave, along a new axis.
    private func stacked(_ parts: [Tensor], axis given: Int) throws -> Tensor {
        guard let first = parts.first else {
            throw failure("a loop of no steps gives a tensor without elements", remedy: "sizes are at least 1")
        }
        return stack(parts, axis: try axis(given, rank: first.rank + 1))
    }
}
