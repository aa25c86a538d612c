import GraphIR

extension TensorType {
    /// Whether its outermost axis, and no other, goes through the examples that a dimension counts: what belongs to one lies together.
    func holdsExamples(of dimension: String) -> Bool {
        guard let axis = shape.first, axis.terms.count == 1, axis.terms[0].symbols == [dimension] else { return false }
        return shape.dropFirst().allSatisfy { !$0.symbols.contains(dimension) }
    }
}

extension GraphOp {
    /// Whether each example of the results is made of the same example of the operands, and of what all examples have in common: for one
    /// example alone the operation gives that example's results.
    func keepsExamplesApart(of dimension: String, in function: GraphFunction) -> Bool {
        /// Whether a value holds examples; nil where it has the dimension in some other way.
        func holdsExamples(_ value: ValueID) -> Bool? {
            let type = function.type(of: value)
            if type.holdsExamples(of: dimension) { return true }
            return type.shape.contains { $0.symbols.contains(dimension) } ? nil : false
        }
        let (inputs, outputs) = (operands.map(holdsExamples), results.map(holdsExamples))
        guard !inputs.contains(nil), !outputs.contains(nil) else { return false }
        // What all have in common is the same for any number of examples.
        guard inputs.contains(true) || outputs.contains(true) else { return true }
        guard outputs.allSatisfy({ $0 == true }) else { return false }
        switch name {
        case "broadcast": return inputs != [true] || attributes.ints("axes").first == 0
        case "iota": return attributes.int("axis") != 0
        case "reshape": return inputs == [true]
        case "transpose": return attributes.ints("permutation").first == 0
        case "pad":
            return inputs.last == false
                && ["low", "high", "interior"].allSatisfy { attributes.ints($0).first == 0 }
        case "slice":
            return function.type(of: operands[0]).shape.first == function.type(of: results[0]).shape.first
        case "concat": return attributes.int("axis") != 0 && !inputs.contains(false)
        case "reduce": return !attributes.ints("axes").contains(0)
        case "reduceWindow":
            return attributes.ints("window").first == 1 && attributes.ints("strides").first == 1
                && attributes.intLists("padding").first == [0, 0]
        case "dot":
            let (contract, batch) = (attributes.intLists("contract"), attributes.intLists("batch"))
            if inputs == [true, false] {
                return batch.allSatisfy(\.isEmpty) && contract.first?.contains(0) == false
            }
            return inputs == [true, true] && batch.count == 2 && batch.allSatisfy { $0.first == 0 }
        case "conv":
            guard let layout = try? ConvLayout(attributes.keyword("layout")) else { return false }
            return inputs == [true, false] && layout.inputAxis("N") == 0 && layout.resultAxis("N") == 0
        default:
            guard case .elementwise = try? OpTable.definition(of: name).scalar else { return false }
            return true
        }
    }
}
