import GraphIR
import GraphTracing
import HostTensors

extension Node {
    /// The outputs: what is known of them at import is computed now, the rest becomes part of the graph.
    func results(_ definition: OperatorDefinition) throws -> [Value] {
        try requireElements()
        if let known = try moved(definition) ?? computedSizes() { return [Value(sizes: known)] }
        let results = try definition.convert(self)
        if results.allSatisfy({ $0.constant != nil }) { return results }
        try check(results.map(\.tensor))
        for (at, result) in results.enumerated() where result.sizes == nil {
            if result.tensor.shape.contains(where: { $0.constant.map { $0 < 0 } ?? false }) {
                throw failure("output \(at) is \(result.tensor.type)", remedy: "sizes are at least 1")
            }
            try requireMemory(result.tensor.type, named: "output \(at)")
        }
        return evaluated(results) ?? results
    }

    /// Throws the errors that tensors carry. One with an error has no shape to look at.
    func check(_ tensors: [Tensor]) throws {
        for tensor in tensors where tensor.isFailed { _ = try tensor.evaluated() }
    }

    /// The outputs as constants, if all inputs are small constants that the graph holds.
    private func evaluated(_ results: [Value]) -> [Value]? {
        let isSmall = inputs.allSatisfy { input in
            guard let input else { return true }
            return !input.isState && input.constant.map { $0.count <= SizeTensor.limit } == true
        }
        guard isSmall, !inputs.isEmpty, results.allSatisfy({ $0.tensor.count.map { $0 <= SizeTensor.limit } == true })
        else { return nil }
        return (try? Tensor.evaluate(results.map(\.tensor)))?.map { Value(constant: $0) }
    }

    /// Sizes in another order, for an operator that only moves elements: positions are moved, and say which size goes where.
    private func moved(_ definition: OperatorDefinition) throws -> SizeTensor? {
        var data: [Int]
        switch definition.moves {
        case .none: return nil
        case .first: data = [0]
        case .all: data = Array(inputs.indices)
        case .rest: data = Array(inputs.indices.dropFirst())
        }
        var node = self
        if case .all = definition.moves {
            node.inputs.removeAll { $0?.sizes?.elements.isEmpty == true }
            data = Array(node.inputs.indices)
        }
        let sized = data.compactMap { node.inputs.indices.contains($0) ? node.inputs[$0]?.sizes : nil }
        // Where all is constant, it is evaluated as it is.
        guard sized.count == data.count, !sized.contains(where: { $0.elements.isEmpty }),
            sized.contains(where: { $0.numbers == nil })
        else { return nil }
        var all: [Dim] = []
        for (at, sizes) in zip(data, sized) {
            let positions = (0..<sizes.elements.count).map { Int64(all.count + $0) }
            node.inputs[at] = Value(constant: try HostTensor(positions, shape: sizes.shape))
            all += sizes.elements
        }
        let results = try definition.convert(node)
        guard results.count == 1, let tensor = results.first?.tensor else { return nil }
        if let empty = results[0].sizes, empty.elements.isEmpty { return SizeTensor(sized[0].dtype, empty.shape, []) }
        try check([tensor])
        guard let moved = try? tensor.evaluated(), let order = try? moved.scalars(as: Int64.self) else { return nil }
        return SizeTensor(sized[0].dtype, moved.shape, order.map { all[Int($0)] })
    }
}

extension Tensor {
    /// The number of elements, if no named dimension occurs in the shape.
    var count: Int? { Dim.product(shape).constant }
}
