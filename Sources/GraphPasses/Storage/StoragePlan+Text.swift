import GraphIR

extension StoragePlan {
    /// In what format the values of a function lie between kernels and why, one line each, in the order of the kernels.
    public func explanation(_ function: GraphFunction, _ module: GraphModule) -> String {
        let names = ValueNames(function, states: module.states)
        let producers = function.producers()
        var text = "storage in @\(function.name): \(narrowed.count) of \(decisions.count) f32 values as bf16\n"
        for decision in decisions {
            let maker = producers[decision.value.index].map { function.ops[$0] }
            let place = maker?.place.map { "   (\($0))" } ?? ""
            text += "  \(decision.isNarrowed ? "bf16" : "f32 ")  \(names[decision.value]) \(maker?.name ?? ""): "
            text += "\(decision.reason)\(place)\n"
        }
        return text
    }
}
