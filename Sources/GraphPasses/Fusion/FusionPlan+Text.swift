import GraphIR

extension FusionPlan {
    /// The groups as text: one a kernel, with its loop structure, what it reads and writes, and its operations.
    ///
    /// An index-only operation shows in every group that recomputes it. Values that `storage` narrows are marked.
    public func text(_ function: GraphFunction, _ module: GraphModule, storage: StoragePlan = .exact) -> String {
        let narrowed = storage.narrowed
        func list(_ values: [ValueID]) -> String {
            "(\(values.map { names[$0] + (narrowed.contains($0) ? " as bf16" : "") }.joined(separator: ", ")))"
        }
        let names = ValueNames(function, states: module.states)
        let lines = opLines(function, module)
        var text = "kernels of @\(function.name) {\n"
        for (at, group) in groups.enumerated() {
            text += "  \(at): \(group.headline)"
            text += " reads \(list(group.inputs)) writes \(list(group.outputs)) {\n"
            for member in group.members { text += "    \(lines[member])\n" }
            text += "  }\n"
        }
        return text + "}\n"
    }

    /// Why operations were and were not fused, one line a producer and consumer, in the function's order.
    public func explanation(_ function: GraphFunction, _ module: GraphModule) -> String {
        let names = ValueNames(function, states: module.states)
        func label(_ op: Int) -> String {
            let results = function.ops[op].results.map { names[$0] }.joined(separator: ", ")
            return "\(results) \(function.ops[op].name)"
        }
        var text = "fusion in @\(function.name): \(function.ops.count) operations, \(groups.count) kernels\n"
        for decision in decisions {
            let place = function.ops[decision.consumer].place.map { "   (\($0))" } ?? ""
            text += "  \(decision.fused ? "yes" : "no ")  \(label(decision.producer)) → \(label(decision.consumer)): "
            text += "\(decision.reason)\(place)\n"
        }
        return text
    }

    /// The text of each operation, without its place.
    private func opLines(_ function: GraphFunction, _ module: GraphModule) -> [String] {
        let lines = function.text(states: module.states, constants: .sideFile).split(
            separator: "\n", omittingEmptySubsequences: false)
        return lines.dropFirst().prefix(function.ops.count).map { line in
            let trimmed = line.drop { $0 == " " }
            guard let place = trimmed.range(of: "   #", options: .backwards) else { return String(trimmed) }
            return String(trimmed[..<place.lowerBound])
        }
    }
}

extension FusionGroup {
    /// The loop structure in text: `rows outer 1 over [B,10]`.
    public var headline: String {
        let domain = "[\(domain.map(\.description).joined(separator: ","))]"
        if case .rows(let outerRank) = kind { return "rows outer \(outerRank) over \(domain)" }
        return "\(kindName) over \(domain)"
    }
}
