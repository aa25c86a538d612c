import GraphIR
import GraphPasses
import HostTensors
import KernelIR

/// One fusion group with the operations it is made of.
struct GroupView {
    let group: FusionGroup
    let function: GraphFunction

    var domain: [Dim] { group.domain }
    var outputs: [ValueID] { group.outputs }
    var ops: [GraphOp] { group.members.map { function.ops[$0] } }

    /// A word for the kernel's name: the operation that does most of the work.
    var mainOpName: String {
        let sums = group.columnSums(in: function)
        let members = group.members.filter { !sums.contains($0) }.map { function.ops[$0] }
        let names = members.map(\.shownName).filter { !["constant", "broadcast", "iota", "cast"].contains($0) }
        return names.last ?? ops.last?.shownName ?? "copy"
    }

    /// The group's reductions in phases: each needs only what earlier phases gave.
    func reductionPhases() -> [[GraphOp]] {
        var levels: [ValueID: Int] = [:]
        var phases: [[GraphOp]] = []
        let sums = group.columnSums(in: function)
        for op in group.members.filter({ !sums.contains($0) }).map({ function.ops[$0] }) {
            let below = op.operands.map { levels[$0] ?? 0 }.max() ?? 0
            let level = op.name == "reduce" ? below + 1 : below
            for result in op.results { levels[result] = level }
            guard op.name == "reduce" else { continue }
            while phases.count < level { phases.append([]) }
            phases[level - 1].append(op)
        }
        return phases
    }

    /// Where the operations come from, for people: `dot add max (layer 'hidden' at Model.swift:12)`.
    var origin: String {
        var places: [String] = []
        for op in ops {
            if let place = op.place?.description, !places.contains(place) { places.append(place) }
        }
        let names = ops.map(\.shownName).filter { $0 != "constant" && $0 != "broadcast" }.joined(separator: " ")
        return places.isEmpty ? names : "\(names) (\(places.joined(separator: "; ")))"
    }
}

/// Turns one function's groups into kernels.
struct FunctionLowering {
    let module: GraphModule
    let function: GraphFunction
    let plan: FusionPlan
    let target: Target
    /// Values that are another name for a value's memory.
    private(set) var aliases: [ValueID: ValueID] = [:]
    /// Working memory that no value of the graph stands for.
    var scratch: [TensorType] = []
    /// Operands split into bf16 parts, and where they are.
    private var splitCopies: [SplitCopy: BufferSubject] = [:]
    /// The values that lie in memory as bf16.
    private var narrowed: Set<ValueID>
    /// Constants kept as data, in order, with the value each is.
    private(set) var constants: [HostTensor] = []
    private(set) var constantValues: [ValueID: Int] = [:]
    /// The operations that make constants.
    private var constantOps: [ValueID: GraphOp] = [:]
    /// What products of f32 may be computed with.
    let precision: Precision
    /// How contractions are computed, where that was found by measuring.
    let schedules: ScheduleTable
    /// What masks leave out of the function's values.
    private let triangles: Triangles
    /// By the right operand, how many products it is in.
    private let productsByRight: [ValueID: Int]
    /// An operand of so many products is copied into panels once, as what stays from call to call is.
    private static let manyProducts = 4
    /// The states that the function leaves as they are.
    let unchanged: Set<Int>
    /// The values of i32 that are numbers from -128 to 127.
    private let bytes: Set<ValueID>
    /// The values that those and constants determine.
    private let unchangedValues: Set<ValueID>
    /// The kernels so far, in order.
    var drafts: [KernelDraft] = []
    /// Values that only one operation reads, each a transpose of another: the transpose and its kernel's number.
    private var transposes: [ValueID: (op: GraphOp, draft: Int)] = [:]
    /// The same for values around which zeros are put.
    var pads: [ValueID: (op: GraphOp, draft: Int)] = [:]

    init(
        module: GraphModule, function: GraphFunction, plan: FusionPlan, target: Target, precision: Precision,
        schedules: ScheduleTable, narrowed: Set<ValueID>
    ) {
        self.narrowed = narrowed
        self.precision = precision
        self.schedules = schedules
        self.module = module
        self.function = function
        self.plan = plan
        self.target = target
        triangles = Triangles(of: function)
        let unchanged = Set(module.states.indices).subtracting(function.updates.map(\.state))
        self.unchanged = unchanged
        bytes = function.bytes
        unchangedValues = function.values(determinedBy: unchanged)
        productsByRight = function.ops.reduce(into: [:]) { if $1.name == "dot" { $0[$1.operands[1], default: 0] += 1 } }
        for op in function.ops where op.name == "constant" {
            guard let tensor = op.attributes.tensor("value") else { continue }
            constantValues[op.results[0]] = constants.count
            constantOps[op.results[0]] = op
            constants.append(tensor)
        }
        for group in plan.groups {
            guard case .view(let root) = group.kind else { continue }
            let op = function.ops[root]
            aliases[op.results[0]] = resolve(op.operands[0])
        }
    }

    /// The value whose memory a value is in.
    func resolve(_ value: ValueID) -> ValueID { aliases[value] ?? value }

    /// The kernels, in order. Where some kernel had better find a value in full, the function is lowered again with that.
    static func run(_ lowering: FunctionLowering) throws -> (FunctionLowering, [KernelDraft]) {
        var trial = lowering
        let drafts = try trial.run()
        let unfit = Set(drafts.flatMap(\.unfitNarrowed))
        guard !unfit.isEmpty else { return (trial, drafts) }
        var exact = lowering
        exact.narrowed.subtract(unfit)
        return try run(exact)
    }

    private mutating func run() throws -> [KernelDraft] {
        for group in plan.groups {
            do {
                try lower(GroupView(group: group, function: function))
            } catch let error as GraphError {
                throw error.at(group.members.last.flatMap { function.ops[$0].place?.description })
            }
        }
        // What is left of a transpose that nobody reads.
        drafts.removeAll { $0.condition?.range.isEmpty ?? false }
        return drafts
    }

    /// A kernel to be made for a group.
    func draft(_ view: GroupView) -> KernelDraft {
        var producers: [ValueID: GraphOp] = [:]
        for op in view.ops { for result in op.results { producers[result] = op } }
        let aliases = aliases
        var draft = KernelDraft(
            function: function, producers: producers, constants: constantOps, target: target, ranges: module.dimRanges,
            triangles: triangles, narrowed: narrowed, resolve: { aliases[$0] ?? $0 })
        draft.origin = view.origin
        return draft
    }

    private mutating func lower(_ view: GroupView) throws {
        var draft = draft(view)
        draft.ops = view.group.members
        func root(_ index: Int) -> GraphOp { function.ops[index] }
        switch view.group.kind {
        case .loops:
            try draft.lowerLoops(view)
            noteTranspose(view)
        case .rows(let outerRank): try lowerRows(view, outerRank: outerRank, &draft)
        case .reduction(let at): try lowerReduction(view, at, &draft)
        case .contraction(let at):
            let op = root(at)
            if try lowerTiledConvolution(view, op, &draft) { break }
            if try op.name != "conv" || !lowerConvolution(view, op, &draft) {
                try lowerContraction(view, op, &draft)
            }
        case .window(let at): try lowerWindow(view, root(at), &draft)
        case .assemble(let at):
            let op = root(at)
            if op.name == "pad" { try draft.lowerPad(view, root: op) } else { try draft.lowerConcat(view, root: op) }
            notePad(view)
        case .view: return
        case .single(let at):
            switch root(at).name {
            case "constant": return
            case "scatter": try draft.lowerScatter(view, root: root(at))
            case "cumulative": try draft.lowerCumulative(root: root(at))
            case "argsort": try draft.lowerArgsort(root: root(at))
            case "custom": try draft.lowerCustom(root: root(at))
            case "dynamicUpdateSlice": try draft.lowerDynamicUpdateSlice(root: root(at))
            default:
                throw GraphError("\(root(at).name) is not compiled yet", remedy: "run with the interpreted engine")
            }
        }
        drafts.append(draft)
    }

    /// A contraction by tiles of bf16 parts where that pays, else, or for smaller sizes, by fused multiply-adds.
    private mutating func lowerContraction(_ view: GroupView, _ root: GraphOp, _ draft: inout KernelDraft) throws {
        let schedule = schedules[ScheduleTable.key(root, in: function, target: target, precision: precision)]
        draft.schedule = schedule
        var trial = draft
        let transposed = root.operands[0] == root.operands[1] ? nil : transposes[root.operands[1]]
        let transpose = transposed?.op
        let rightIsKept = isUnchanged(transpose?.operands[0] ?? root.operands[1])
        var found: (precision: Precision, plan: MatrixPlan)?
        for precision in precisions(of: root, rightIsKept: rightIsKept)
        where found == nil && schedule?.form ?? .tiles == .tiles {
            found = trial.matrixPlan(
                ifWorthwhile: root, precision, through: transpose, rightIsKept: rightIsKept,
                wanted: schedule?.form == .tiles, isAlone: view.outputs == root.results
            ).map { (precision, $0) }
        }
        guard let (precision, plan) = found else { return try lowerFused(view, root, &draft, transposed) }
        var products = try plan.variants.map { variant in
            let left = try variant.left.map { copy in
                try split(copy, view) { try $0.lowerSplitLeft(root, precision, through: transpose, to: $1) }
            }
            let right = try variant.right.map { copy in
                try split(copy, view) {
                    try $0.lowerSplitRight(root, precision, through: transpose, isInPlace: plan.isInPlace, to: $1)
                }
            }
            var product = self.draft(view)
            product.ops = view.group.members
            product.condition = variant.condition
            try product.lowerMatrix(
                view, root: root, precision, through: transpose, in: variant.blocks,
                isInPlace: plan.isInPlace, operands: SplitOperands(left: left, right: right))
            return product
        }
        let few = CallCondition(plan.size, in: 0..<plan.atLeast)
        if let transposed { drafts[transposed.draft].condition = few }
        guard plan.atLeast > 0 else {
            draft = products.removeLast()
            drafts += products
            return
        }
        drafts += products
        try lowerFused(view, root, &draft, transposed, within: few)
    }

    /// What a product may be computed with, the best first: integers where a function trains nothing, for weights that it leaves as
    /// they are and for products of many pairs of matrices. Numbers of 8 bits are multiplied as they are.
    private func precisions(of root: GraphOp, rightIsKept: Bool) -> [Precision] {
        let isMany = root.attributes.intLists("batch").contains { !$0.isEmpty }
        if function.type(of: root.results[0]).dtype == .i32 {
            return (rightIsKept || isMany) && root.operands.allSatisfy(bytes.contains) ? [.int8] : []
        }
        guard precision == .int8 else { return [precision] }
        let trains = function.updates.contains { module.states[$0.state].role == .parameter }
        return trains || !(rightIsKept || isMany) ? [elsewhere] : [.int8, elsewhere]
    }

    /// What everything but such products is computed with.
    var elsewhere: Precision { precision == .int8 ? .bfloat16 : precision }

    /// Whether a value depends on nothing but states that the function leaves as they are, and constants: what is made from it is kept
    /// between calls.
    func isUnchanged(_ value: ValueID) -> Bool { unchangedValues.contains(value) }

    /// The split copy of an operand: that of an earlier contraction, or a new one that `lower` makes.
    private mutating func split(
        _ copy: SplitCopy, _ view: GroupView, lower: (inout KernelDraft, BufferSubject) throws -> Void
    ) throws -> BufferSubject {
        var key = copy
        key.value = resolve(copy.value)
        if let known = splitCopies[key] { return known }
        let subject = try first(view, copy.condition, lower: lower)
        splitCopies[key] = subject
        return subject
    }

    /// Working memory that a kernel before the one at hand writes.
    mutating func first(
        _ view: GroupView, _ condition: CallCondition? = nil, lower: (inout KernelDraft, BufferSubject) throws -> Void
    ) throws -> BufferSubject {
        let subject = BufferSubject.scratch(scratch.count)
        var kernel = draft(view)
        try lower(&kernel, subject)
        let number = kernel.subjects.firstIndex(of: subject) ?? 0
        scratch.append(TensorType(kernel.buffers[number].dtype, [kernel.buffers[number].count]))
        kernel.condition = condition
        drafts.append(kernel)
        return subject
    }

    /// Remembers a group that is nothing but a transpose for one reader: tiles read the operand as it was before.
    private mutating func noteTranspose(_ view: GroupView) {
        guard view.ops.count == 1, let op = view.ops.first, op.name == "transpose", isForOneReader(op.results[0])
        else { return }
        transposes[op.results[0]] = (op, drafts.count)
    }

    /// Remembers a group that only puts zeros around a value for one reader: tiles read what is inside.
    private mutating func notePad(_ view: GroupView) {
        let ops = view.ops.filter { $0.name != "constant" }
        guard ops.count == 1, let op = ops.first, op.name == "pad", isForOneReader(op.results[0]),
            op.attributes.ints("interior").allSatisfy({ $0 == 0 }),
            (op.attributes.ints("low") + op.attributes.ints("high")).allSatisfy({ $0 >= 0 }),
            isZero(op.operands[1])
        else { return }
        pads[op.results[0]] = (op, drafts.count)
    }

    private func isForOneReader(_ value: ValueID) -> Bool {
        !function.outputs.contains { $0.value == value } && !function.updates.contains { $0.value == value }
            && function.ops.count { $0.operands.contains(value) } == 1
    }

    private func isZero(_ value: ValueID) -> Bool {
        constantValues[value].map { constants[$0].splatValue == 0 } ?? false
    }

    /// A contraction by fused multiply-adds: from panels where the right operand is large or transposed and there are rows enough,
    /// else from where it is. `within` says for which sizes it is called.
    private mutating func lowerFused(
        _ view: GroupView, _ root: GraphOp, _ draft: inout KernelDraft, _ transposed: (op: GraphOp, draft: Int)?,
        within: CallCondition? = nil
    ) throws {
        var blank = self.draft(view)
        blank.schedule = draft.schedule
        var trial = blank
        var transpose = transposed?.op
        func form(through transpose: GraphOp?) -> PanelForm? {
            let right = transpose?.operands[0] ?? root.operands[1]
            return trial.panelForm(
                ifWorthwhile: root, storing: view.outputs, through: transpose,
                rightIsKept: isUnchanged(right) || (productsByRight[right] ?? 0) >= Self.manyProducts)
        }
        var found = transpose.flatMap { form(through: $0) }
        if found == nil {
            transpose = nil
            found = form(through: nil)
        }
        if let form = found, draft.schedule == nil, form.sumsInLanesAreFaster {
            if let transposed, transpose != nil { drafts[transposed.draft].condition = .never }
            draft.condition = within
            return try draft.lowerContraction(view, root: root, through: transpose)
        }
        guard let form = found else {
            let single = try lowerSingleRow(view, root, below: within?.range.upperBound ?? .max)
            if within == nil {
                try draft.lowerContraction(view, root: root)
            } else {
                try lowerFew(view, root, &draft)
            }
            draft.condition = single ?? within
            return
        }
        let panels =
            form.right == .prepared
            ? try split(form.copy(of: root, through: transpose), view) {
                try $0.lowerPanels(root, form, through: transpose, to: $1)
            } : nil
        var product = blank
        product.ops = view.group.members
        try product.lowerPanelProduct(view, root: root, form, through: transpose, panels: panels)
        let limit = within?.range.upperBound ?? .max
        let fewest = form.rows.extent.bounds(module.dimRanges).lowerBound
        guard form.rows.extent.constant == nil, fewest < form.leastRows else {
            if let transposed, transpose != nil { drafts[transposed.draft].condition = .never }
            draft = product
            draft.condition = within
            return
        }
        let few = CallCondition(form.rows.extent, in: 0..<min(form.leastRows, limit))
        if form.leastRows < limit {
            if let transposed, transpose != nil { drafts[transposed.draft].condition = few }
            product.condition = CallCondition(form.rows.extent, in: form.leastRows..<limit)
            drafts.append(product)
        }
        let single = try lowerSingleRow(view, root, below: few.range.upperBound)
        try lowerFew(view, root, &draft)
        draft.condition = single ?? few
    }

    /// A product of a single row where that is one of the sizes and there are many weights, which then pass by in pieces that are as long
    /// as registers allow. Gives the condition of the kernel for more rows, up to so many; nil where there is no such kernel.
    private mutating func lowerSingleRow(
        _ view: GroupView, _ root: GraphOp, below limit: Int
    ) throws -> CallCondition? {
        var single = draft(view)
        guard limit > 2, let (rows, schedule) = single.singleRowSchedule(of: root) else { return nil }
        single.ops = view.group.members
        single.schedule = schedule
        single.condition = CallCondition(rows, in: 0..<2)
        try single.lowerContraction(view, root: root)
        drafts.append(single)
        return CallCondition(rows, in: 2..<limit)
    }

    /// A contraction of few rows by fused multiply-adds: operands are read where they are, a large right one in strips.
    private func lowerFew(_ view: GroupView, _ root: GraphOp, _ draft: inout KernelDraft) throws {
        var trial = draft
        guard let form = trial.fewForm(of: root, storing: view.outputs) else {
            if draft.schedule == nil { draft.schedule = draft.fewSchedule(of: root) }
            return try draft.lowerContraction(view, root: root)
        }
        try draft.lowerPanelProduct(view, root: root, form, through: nil, panels: nil)
    }

    private mutating func lowerWindow(_ view: GroupView, _ root: GraphOp, _ draft: inout KernelDraft) throws {
        guard root.name != "argreduce" else { return try draft.lowerArgreduce(view, root: root) }
        let operand = root.operands[0]
        let type = function.type(of: operand)
        let padding = root.attributes.intLists("padding")
        let low = padding.map { $0.first ?? 0 }
        let isPadded = padding.contains { $0.contains { $0 != 0 } }
        if draft.readsPaddingInPlace(root) {
            let source = ValueSource(subject: .value(operand), type: type, padding: padding)
            return try draft.lowerReduceWindow(view, root: root, source: source)
        }
        var source = ValueSource(subject: .value(operand), type: type)
        if isPadded {
            let shape = zip(type.shape, padding).map { $0 + Dim($1.reduce(0, +)) }
            source = ValueSource(subject: .scratch(scratch.count), type: TensorType(type.dtype, shape))
            if let problem = source.type.sizeProblem(dims: module.dims) { throw problem }
            scratch.append(source.type)
            var padded = self.draft(view)
            let fill: Double =
                switch root.attributes.keyword("kind") {
                case "max": type.dtype.isFloat ? -.infinity : type.dtype.leastFinite
                case "min": type.dtype.isFloat ? .infinity : type.dtype.greatestFinite
                default: 0
                }
            try padded.lowerPadded(operand, low: low, goal: source.type, subject: source.subject, fill: fill)
            drafts.append(padded)
        }
        if root.name == "windowScatter", function.hasTilingWindows(root) {
            return try draft.lowerTilingScatter(view, root: root)
        }
        if root.name == "reduceWindow" { return try draft.lowerReduceWindow(view, root: root, source: source) }
        let result = root.results[0]
        guard isPadded else {
            return try draft.lowerWindowScatter(
                view, root: root, source: source, goal: .value(result), goalType: function.type(of: result))
        }
        let goal = BufferSubject.scratch(scratch.count)
        scratch.append(source.type)
        var scatter = self.draft(view)
        try scatter.lowerWindowScatter(view, root: root, source: source, goal: goal, goalType: source.type)
        (scatter.ops, draft.ops) = (draft.ops, [])
        drafts.append(scatter)
        try draft.lowerCropped(goal, source.type, low: low, to: result)
    }

    /// A kernel that copies one value's memory to another place.
    func copyDraft(of value: ValueID, to subject: BufferSubject) throws -> KernelDraft {
        let type = function.type(of: value)
        var draft = KernelDraft(
            function: function, target: target, ranges: module.dimRanges, resolve: { $0 })
        draft.hint = "copy"
        draft.origin = "copy"
        let flat = TensorType(type.dtype, [type.count])
        let from = draft.buffer(.value(resolve(value)), flat, .read)
        let to = draft.buffer(subject, flat, .write)
        let (axes, indices) = draft.axes([type.count], "i")
        let store = KernelStatement.store(to, indices[0], .load(from, indices[0]))
        for statement in draft.nest(axes, [store], parallel: true) { draft.append(statement) }
        return draft
    }
}

extension GraphFunction {
    /// The values that depend on nothing but some states, by number, and constants.
    fileprivate func values(determinedBy states: Set<Int>) -> Set<ValueID> {
        var determined: Set<ValueID> = []
        func isDetermined(_ value: ValueID) -> Bool {
            if case .state(let state) = values[value.index].origin { return states.contains(state) }
            return determined.contains(value)
        }
        for op in ops where op.operands.allSatisfy(isDetermined) { determined.formUnion(op.results) }
        return determined.union(values.indices.map { ValueID($0) }.filter(isDetermined))
    }
}
