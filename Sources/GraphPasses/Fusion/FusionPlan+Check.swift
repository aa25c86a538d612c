import GraphIR

extension FusionPlan {
    /// Checks the plan against its function, by rules of its own; throws a `GraphError` that names the group and the op.
    ///
    /// Every op is in exactly one group (index-only ones in one or more), groups come in order, inputs and outputs are
    /// complete and minimal, shapes fit the kind, and nothing reads inside a group what must be in memory.
    public func check(_ function: GraphFunction) throws {
        try FusionPlanChecker(plan: self, function: function).run()
    }
}

/// The rules of a legal plan, written without the planner's help.
private struct FusionPlanChecker {
    let plan: FusionPlan
    let function: GraphFunction
    let producers: [Int?]

    init(plan: FusionPlan, function: GraphFunction) {
        self.plan = plan
        self.function = function
        producers = function.producers()
    }

    func run() throws {
        for (at, group) in plan.groups.enumerated() {
            try checkMembers(group, at)
            try checkInputs(group, at)
            try checkShapes(group, at)
            try checkInnerReads(group, at)
        }
        try checkCoverage()
        try checkOrderAndOutputs()
    }

    private func failure(_ at: Int, _ message: String, op: Int? = nil) -> GraphError {
        let subject = op.map { ", op \($0) (\(function.ops[$0].name))" } ?? ""
        return GraphError("fusion plan of '\(function.name)', group \(at)\(subject): \(message)")
    }

    private func shape(_ value: ValueID) -> [Dim] { function.type(of: value).shape }

    /// Constants small enough to be code, iota, broadcast, and casts and comparisons of these may be computed by several groups.
    private func isIndexOnly(_ op: Int) -> Bool {
        let made = function.ops[op]
        switch made.name {
        case "iota", "broadcast": return true
        case "constant": return (function.type(of: made.results[0]).count.constant ?? Int.max) <= 16
        case "cast", "compare":
            return made.operands.allSatisfy { operand in producers[operand.index].map(isIndexOnly) ?? false }
        default: return false
        }
    }

    private func checkMembers(_ group: FusionGroup, _ at: Int) throws {
        guard !group.members.isEmpty else { throw failure(at, "it has no members") }
        for (left, right) in zip(group.members, group.members.dropFirst()) where left >= right {
            throw failure(at, "members must ascend, \(left) comes before \(right)")
        }
        for member in group.members where !function.ops.indices.contains(member) {
            throw failure(at, "member \(member) is not an op of the function")
        }
        if let root = group.root, !group.members.contains(root) {
            throw failure(at, "root \(root) is not a member")
        }
        for member in group.members where member != group.root {
            guard mayFollow(member, group) else {
                throw failure(at, "does not belong into a group of kind \(group.kindName)", op: member)
            }
        }
        if let root = group.root, !group.legalRoots.isEmpty, !group.legalRoots.contains(function.ops[root].name) {
            throw failure(at, "cannot be the root of kind \(group.kindName)", op: root)
        }
    }

    private func mayFollow(_ member: Int, _ group: FusionGroup) -> Bool {
        let op = function.ops[member]
        if isIndexOnly(member) {
            switch group.kind {
            case .window(let root): return takesEpilogue(root)
            case .view: return false
            default: return true
            }
        }
        let isElementwise = if case .elementwise? = OpTable.rows[op.name]?.scalar { true } else { false }
        switch group.kind {
        case .loops:
            return isElementwise
                || ["random", "transpose", "slice", "reverse", "gather", "dynamicSlice"].contains(op.name)
        case .rows: return isElementwise || op.name == "reduce"
        case .reduction:
            return isElementwise || ["transpose", "slice", "reverse", "gather", "dynamicSlice"].contains(op.name)
        case .contraction, .assemble: return isElementwise
        case .window(let root): return isElementwise && takesEpilogue(root)
        case .view, .single: return false
        }
    }

    private func takesEpilogue(_ root: Int) -> Bool {
        function.ops[root].name == "windowScatter" && function.hasTilingWindows(function.ops[root])
    }

    private func checkInputs(_ group: FusionGroup, _ at: Int) throws {
        let made = Set(group.members.flatMap { function.ops[$0].results })
        var expected: [ValueID] = []
        for member in group.members {
            for operand in function.ops[member].operands where !made.contains(operand) && !expected.contains(operand) {
                expected.append(operand)
            }
        }
        guard group.inputs == expected else {
            throw failure(at, "inputs are \(text(group.inputs)), its members read \(text(expected))")
        }
    }

    private func checkShapes(_ group: FusionGroup, _ at: Int) throws {
        let domain = group.domain
        for member in group.members where member != group.root && !isIndexOnly(member) {
            let made = shape(function.ops[member].results[0])
            let fits: Bool
            switch group.kind {
            case .loops, .contraction, .window: fits = made == domain
            case .rows(let outerRank):
                fits = try fitsRows(member, made, group, outerRank, at)
            case .reduction(let root): fits = made == domain || made == shape(function.ops[root].results[0])
            case .assemble, .view, .single: fits = true
            }
            guard fits else { throw failure(at, "shape \(text(made)) does not fit domain \(text(domain))", op: member) }
        }
        if let root = group.root {
            let isReduction = if case .reduction = group.kind { true } else { false }
            let value = isReduction ? function.ops[root].operands[0] : function.ops[root].results[0]
            guard shape(value) == domain else {
                throw failure(at, "domain is \(text(domain)), the root has \(text(shape(value)))", op: root)
            }
        }
        for output in group.outputs { try checkOutput(output, group, at) }
    }

    private func checkOutput(_ output: ValueID, _ group: FusionGroup, _ at: Int) throws {
        let made = shape(output)
        let fits: Bool
        switch group.kind {
        case .loops, .contraction: fits = made == group.domain
        case .window(let root): fits = made == group.domain || function.ops[root].results.contains(output)
        case .rows(let outerRank):
            let isSum = producers[output.index].map { function.ops[$0].name == "reduce" } ?? false
            fits =
                made == Array(group.domain[..<outerRank]) || (outerRank > 0 && made == group.domain)
                || (isSum && made == Array(group.domain[outerRank...]))
        case .reduction(let root): fits = made == shape(function.ops[root].results[0])
        case .assemble(let root), .view(let root), .single(let root):
            fits = function.ops[root].results.contains(output)
        }
        guard fits else { throw failure(at, "cannot write %\(output.index) of shape \(text(made))") }
    }

    /// A member may read another member's value at its own position, or in `rows` one value a row; else memory stands between.
    private func fitsRows(
        _ member: Int, _ made: [Dim], _ group: FusionGroup, _ outerRank: Int, _ at: Int
    ) throws -> Bool {
        let op = function.ops[member]
        guard op.name == "reduce" else { return made == group.domain || made == Array(group.domain[..<outerRank]) }
        let axes = op.attributes.ints("axes").sorted()
        guard shape(op.operands[0]) == group.domain else {
            throw failure(at, "does not reduce the rows of \(text(group.domain))", op: member)
        }
        if axes == Array(outerRank..<group.domain.count) { return true }
        guard outerRank > 0, axes == Array(0..<outerRank), op.attributes.keyword("kind") == "sum" else {
            throw failure(at, "does not reduce the rows of \(text(group.domain))", op: member)
        }
        for reader in group.members where function.ops[reader].operands.contains(op.results[0]) {
            throw failure(at, "reads the sum of all rows, which is known behind the last one", op: reader)
        }
        return true
    }

    private func checkInnerReads(_ group: FusionGroup, _ at: Int) throws {
        let members = Set(group.members)
        for member in group.members {
            let op = function.ops[member]
            let readsInPlace =
                switch op.name {
                case "dot", "conv", "reduceWindow", "windowScatter", "argreduce", "reshape", "transpose", "slice",
                    "reverse", "gather", "dynamicSlice":
                    false
                default: true
                }
            for (operandAt, operand) in op.operands.enumerated() {
                guard let maker = producers[operand.index], members.contains(maker), !isIndexOnly(maker) else {
                    continue
                }
                let isPadValue = op.name == "pad" && operandAt == 1
                guard readsInPlace && !isPadValue else {
                    throw failure(at, "reads op \(maker)'s result in another order; it must be in memory", op: member)
                }
                if op.name == "broadcast" {
                    guard case .rows(let outerRank) = group.kind, outerRank > 0,
                        op.attributes.ints("axes") == Array(0..<outerRank), shape(op.results[0]) == group.domain
                    else {
                        throw failure(at, "repeats op \(maker)'s result inside the group", op: member)
                    }
                }
            }
        }
    }

    private func checkCoverage() throws {
        var homes = [Int](repeating: 0, count: function.ops.count)
        for group in plan.groups { for member in group.members { homes[member] += 1 } }
        for (op, count) in homes.enumerated() {
            if count == 0 && !isIndexOnly(op) {
                throw GraphError(
                    "fusion plan of '\(function.name)': op \(op) (\(function.ops[op].name)) is in no group")
            }
            if count > 1 && !isIndexOnly(op) {
                throw GraphError(
                    "fusion plan of '\(function.name)': op \(op) (\(function.ops[op].name)) is in \(count) groups")
            }
        }
    }

    private func checkOrderAndOutputs() throws {
        let read = Set(plan.groups.flatMap(\.inputs)).union(function.liveOut)
        var written: Set<ValueID> = []
        for (at, group) in plan.groups.enumerated() {
            for input in group.inputs where producers[input.index] != nil && !written.contains(input) {
                throw failure(at, "reads %\(input.index), which no earlier group writes")
            }
            let made = Set(group.members.flatMap { function.ops[$0].results })
            for output in group.outputs {
                guard made.contains(output) else {
                    throw failure(at, "writes %\(output.index), which it does not make")
                }
                guard read.contains(output) else { throw failure(at, "writes %\(output.index), which nothing reads") }
                guard written.insert(output).inserted else { throw failure(at, "writes %\(output.index) again") }
            }
        }
        for value in function.liveOut where producers[value.index] != nil && !written.contains(value) {
            throw GraphError(
                "fusion plan of '\(function.name)': %\(value.index) outlives the call, but no group writes it")
        }
    }

    private func text(_ shape: [Dim]) -> String { "[\(shape.map(\.description).joined(separator: ","))]" }
    private func text(_ values: [ValueID]) -> String {
        "(\(values.map { "%\($0.index)" }.joined(separator: ", ")))"
    }
}

extension FusionGroup {
    /// The operation the group is built around, if its kind has one.
    public var root: Int? {
        switch kind {
        case .loops, .rows: nil
        case .reduction(let root), .contraction(let root), .window(let root), .assemble(let root), .view(let root),
            .single(let root):
            root
        }
    }

    /// The kind's name in text: `loops`, `rows`, …
    public var kindName: String {
        switch kind {
        case .loops: "loops"
        case .rows: "rows"
        case .reduction: "reduction"
        case .contraction: "contraction"
        case .window: "window"
        case .assemble: "assemble"
        case .view: "view"
        case .single: "single"
        }
    }

    /// The operations that may be the root of this kind; empty if any may.
    fileprivate var legalRoots: [String] {
        switch kind {
        case .reduction: ["reduce"]
        case .contraction: ["dot", "conv"]
        case .window: ["reduceWindow", "windowScatter", "argreduce"]
        case .assemble: ["pad", "concat"]
        case .view: ["reshape"]
        case .loops, .rows, .single: []
        }
    }
}
