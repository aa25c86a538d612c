import GraphIR

/// The sums of a function, each as all of its terms.
struct SumTerms {
    /// Each by the result of its last addition, with its terms, those that are added last first.
    private(set) var all: [(root: ValueID, terms: [ValueID])] = []
    /// By value, the operation that makes it.
    let makers: [ValueID: GraphOp]
    private let uses: [Int]

    /// Finds the sums of floating-point numbers with `leastCount` terms or more. An addition is part of the sum that alone reads it.
    init(_ function: GraphFunction, leastCount: Int) {
        var makers: [ValueID: GraphOp] = [:]
        var uses = [Int](repeating: 0, count: function.values.count)
        for op in function.ops {
            for result in op.results { makers[result] = op }
            for operand in op.operands { uses[operand.index] += 1 }
        }
        for value in function.liveOut { uses[value.index] += 1 }
        (self.makers, self.uses) = (makers, uses)
        var isInner = Set<ValueID>()
        for op in function.ops.reversed() where op.name == "add" && !isInner.contains(op.results[0]) {
            guard function.type(of: op.results[0]).dtype.isFloat else { continue }
            var (open, terms) = ([op], [ValueID]())
            while let sum = open.popLast() {
                for operand in sum.operands {
                    if let inner = makers[operand], inner.name == "add", uses[operand.index] == 1 {
                        isInner.insert(operand)
                        open.append(inner)
                    } else {
                        terms.append(operand)
                    }
                }
            }
            if terms.count >= leastCount { all.append((op.results[0], terms)) }
        }
    }

    /// The operation that makes a term, if it has that name and only the sum reads it.
    func maker(ofTerm term: ValueID, named name: String) -> GraphOp? {
        guard uses[term.index] == 1, let op = makers[term], op.name == name else { return nil }
        return op
    }
}
