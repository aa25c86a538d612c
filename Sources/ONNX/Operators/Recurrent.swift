import GraphIR
import GraphTracing
import HostTensors

private let recurrentAttributes = RecurrentActivations.attributes + ["direction", "hidden_size", "layout"]
private let recurrentLimits = "the number of steps must be a number"

let recurrentOperators: [OperatorDefinition] = [
    rows("GRU", recurrentAttributes + ["linear_before_reset"], limits: recurrentLimits) { node in
        let isLinearFirst = node.bool("linear_before_reset")
        let layer = try RecurrentLayer(node, gates: 3, states: 1, activations: ["Sigmoid", "Tanh"])
        return try layer.outputs { x, states, weights in
            let (h, w, u, b, d) = (states[0], weights.input, weights.recurrent, weights.bias, weights.recurrentBias)
            if isLinearFirst, layer.activations.areUsual { return [gruCell(x, h: h, w: w, u: u, b: b, d: d)] }
            let given = (matmul(x, w) + b).split(count: 3, axis: -1)
            let (matrices, biases) = (u.split(count: 3, axis: -1), d.split(count: 3, axis: -1))
            let (f, g) = (weights.activations[0], weights.activations[1])
            let update = f(given[0] + matmul(h, matrices[0]) + biases[0])
            let reset = f(given[1] + matmul(h, matrices[1]) + biases[1])
            let candidate = g(
                isLinearFirst
                    ? given[2] + reset * (matmul(h, matrices[2]) + biases[2])
                    : given[2] + matmul(reset * h, matrices[2]) + biases[2])
            return [update * h + (1 - update) * candidate]
        }
    },
    rows("LSTM", recurrentAttributes + ["input_forget"], limits: recurrentLimits) { node in
        // ONNX' order is input, output, forget, cell.
        let layer = try RecurrentLayer(
            node, gates: 4, states: 2, activations: ["Sigmoid", "Tanh", "Tanh"], order: [0, 2, 3, 1])
        let isCoupled = node.bool("input_forget")
        return try layer.outputs { x, states, weights in
            let bias = weights.bias + weights.recurrentBias
            if weights.peepholes == nil, layer.activations.areUsual, !isCoupled {
                let next = lstmCell(x, h: states[0], c: states[1], w: weights.input, u: weights.recurrent, b: bias)
                return [next.h, next.c]
            }
            let gates = (matmul(x, weights.input) + matmul(states[0], weights.recurrent) + bias).split(
                count: 4, axis: -1)
            let (f, g, h) = (weights.activations[0], weights.activations[1], weights.activations[2])
            /// A gate, which also looks at a cell through a peephole.
            func gate(_ at: Int, _ peephole: Int, _ cell: Tensor) -> Tensor {
                f(weights.peepholes.map { gates[at] + $0[peephole] * cell } ?? gates[at])
            }
            let input = gate(0, 0, states[1])
            let forget = isCoupled ? 1 - input : gate(1, 2, states[1])
            let next = forget * states[1] + input * g(gates[2])
            return [gate(3, 1, next) * h(next), next]
        }
    },
    rows("RNN", recurrentAttributes, limits: recurrentLimits) { node in
        try RecurrentLayer(node, gates: 1, states: 1, activations: ["Tanh"]).outputs { x, states, weights in
            let recurrent = matmul(states[0], weights.recurrent)
            return [
                weights.activations[0](matmul(x, weights.input) + recurrent + weights.bias + weights.recurrentBias)
            ]
        }
    },
]

/// A recurrent layer of one or two directions, unrolled by a scan.
private struct RecurrentLayer {
    /// The weights of one direction, the gates side by side in the last axis.
    struct Weights {
        let input: Tensor
        let recurrent: Tensor
        let bias: Tensor
        let recurrentBias: Tensor
        /// For the input, output and forget gate.
        let peepholes: [Tensor]?
        /// What is done to the gates.
        let activations: [@Sendable (Tensor) -> Tensor]
    }

    let node: Node
    let gates: Int
    let stateCount: Int
    /// Where each gate of ours is among ONNX'.
    let order: [Int]
    let directions: [Bool]
    let activations: RecurrentActivations
    /// The input as [steps, batch, size].
    let x: Tensor
    let units: Int
    /// The number of steps of each sequence of the batch, where they differ.
    let lengths: Tensor?

    init(_ node: Node, gates: Int, states: Int, activations: [String], order: [Int]? = nil) throws {
        self.node = node
        self.gates = gates
        stateCount = states
        self.order = order ?? Array(0..<gates)
        let direction = node.text("direction", "forward")
        switch direction {
        case "forward": directions = [false]
        case "reverse": directions = [true]
        case "bidirectional": directions = [false, true]
        default: throw node.failure("attribute 'direction' is '\(direction)'")
        }
        self.activations = try RecurrentActivations(node, usual: activations, directions: directions.count)
        x = node.bool("layout") ? try node.x.transposed([1, 0, 2]) : try node.x
        guard x.rank == 3, let steps = x.dim(0).constant else {
            throw node.failure("the number of steps of \(x.type) must be a number", remedy: "give it with --dim")
        }
        guard let units = try node.tensor(2).dim(2).constant else {
            throw node.failure("the number of units of \(try node.tensor(2).type) must be a number")
        }
        self.units = units
        let given = node.optional(4)
        let areAll = given?.sizes?.numbers?.allSatisfy { $0 == steps } ?? (given == nil)
        lengths = areAll ? nil : given?.tensor.cast(to: .i32)
    }

    /// All outputs of all steps, and the last states, as the operator gives them.
    func outputs(
        _ step: (_ x: Tensor, _ states: [Tensor], _ weights: Weights) -> [Tensor]
    ) throws -> [Tensor] {
        var sequences: [Tensor] = []
        var last: [[Tensor]] = []
        for (at, isReversed) in directions.enumerated() {
            let weights = try weights(at)
            let initial = try (0..<stateCount).map { try state($0, at) }
            let positions = lengths == nil ? [] : [Tensor.iota(shape: [x.dim(0)])]
            let run = scan(initial, over: [x] + positions, reverse: isReversed) { states, elements in
                let next = step(elements[0], states, weights)
                guard let lengths else { return (next, [next[0]]) }
                // Behind the end of a sequence nothing changes, and 0 comes out.
                let isInside = (elements[1] .< lengths).expanded(at: 1)
                let kept = zip(next, states).map { select(isInside, $0, $1) }
                return (kept, [select(isInside, next[0], Tensor.scalar(0, dtype: x.dtype))])
            }
            sequences.append(run.outputs[0])
            last.append(run.carries)
        }
        let isBatchFirst = node.bool("layout")
        let all = stack(sequences, axis: 1)
        let ends = (0..<stateCount).map { state in stack(last.map { $0[state] }, axis: isBatchFirst ? 1 : 0) }
        return [isBatchFirst ? all.transposed([2, 0, 1, 3]) : all] + ends
    }

    /// The state before the first step.
    private func state(_ number: Int, _ direction: Int) throws -> Tensor {
        guard let all = node.optional(5 + number)?.tensor else {
            return .zeros(TensorType(x.dtype, [x.dim(1), Dim(units)]))
        }
        return part(node.bool("layout") ? all.transposed([1, 0, 2]) : all, direction)
    }

    private func weights(_ direction: Int) throws -> Weights {
        let zeros = Tensor.zeros(TensorType(x.dtype, [Dim(units * gates)]))
        let biases = node.optional(3).map { part($0.tensor, direction).split(count: 2, axis: 0) }
        let peepholes = node.operatorName == "LSTM" ? node.optional(7)?.tensor : nil
        return Weights(
            input: ordered(part(try node.tensor(1), direction)).transposed(),
            recurrent: ordered(part(try node.tensor(2), direction)).transposed(),
            bias: biases.map { ordered($0[0]) } ?? zeros, recurrentBias: biases.map { ordered($0[1]) } ?? zeros,
            peepholes: peepholes.map { part($0, direction).split(count: 3, axis: 0) },
            activations: activations.functions[direction])
    }

    /// What belongs to one direction.
    private func part(_ all: Tensor, _ direction: Int) -> Tensor {
        directions.count == 1 ? all.squeezed(at: 0) : all.split(count: 2, axis: 0)[direction].squeezed(at: 0)
    }

    /// The gates along the first axis in our order.
    private func ordered(_ all: Tensor) -> Tensor {
        if order == Array(order.indices) { return all }
        let parts = all.split(count: gates, axis: 0)
        return concat(order.map { parts[$0] }, axis: 0)
    }
}
