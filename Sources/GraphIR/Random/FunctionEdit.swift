import HostTensors
import OrderedCollections

/// A change to one function of a module, by building it anew; types are inferred again.
struct FunctionEdit {
    /// Operations to leave out; their results become inputs.
    var removedOps: Set<Int> = []
    /// Operands to replace by inputs of their type: (operation, position).
    var cutOperands: Set<[Int]> = []
    /// The outputs, with values of the function as it was.
    var outputs: [NamedValue]
    /// The updates, with values of the function as it was.
    var updates: [StateUpdate]
    /// Whether operations that only left-out ones read stay, although nothing reads them any more.
    var keepsDead = false
    /// A size and what it becomes, everywhere.
    var size: (from: Dim, to: Dim)?

    /// The edit that changes nothing.
    init(of function: GraphFunction) {
        outputs = function.outputs
        updates = function.updates
    }

    /// The module with this change to function `at`, without what is no longer read, unused inputs and unused states; nil if
    /// the result is not well formed.
    func applied(to module: GraphModule, function at: Int) -> GraphModule? {
        var changed = module
        changed.states = module.states.map { state in
            var state = state
            state.type = resized(state.type)
            return state
        }
        do {
            for other in changed.functions.indices where size != nil || other == at {
                let edit = other == at ? self : FunctionEdit(resizing: size, of: module.functions[other])
                changed.functions[other] = try edit.rebuilt(module.functions[other], states: changed.states)
            }
        } catch { return nil }
        changed = changed.withoutUnusedStatesAndDims()
        return changed.diagnostics().isEmpty ? changed : nil
    }

    private init(resizing size: (from: Dim, to: Dim)?, of function: GraphFunction) {
        self.init(of: function)
        self.size = size
    }

    private func resized(_ dim: Dim) -> Dim {
        guard let size else { return dim }
        if dim == size.from { return size.to }
        guard size.from.constant == nil, let symbol = size.from.symbols.first else { return dim }
        return dim.terms.reduce(Dim(0)) { sum, term in
            sum + term.symbols.reduce(Dim(term.coefficient)) { $0 * ($1 == symbol ? size.to : Dim(symbol: $1)) }
        }
    }

    private func resized(_ type: TensorType) -> TensorType { TensorType(type.dtype, type.shape.map(resized)) }

    private func resized(_ attribute: Attribute) throws -> Attribute {
        guard size != nil else { return attribute }
        switch attribute {
        case .dims(let dims): return .dims(dims.map(resized))
        case .tensor(let tensor):
            let shape = try resized(TensorType(tensor.dtype, tensor.shape.map { Dim($0) })).shape([:])
            return shape == tensor.shape ? attribute : .tensor(try cropped(tensor, shape))
        default: return attribute
        }
    }

    /// The first elements of a tensor, as many as the shape holds.
    private func cropped(_ tensor: HostTensor, _ shape: [Int]) throws -> HostTensor {
        let count = try HostTensor.elementCount(of: shape, dtype: tensor.dtype)
        let bytes = tensor.bytes.prefix(count * tensor.dtype.byteCount)
        return try HostTensor(bytes: Array(bytes), dtype: tensor.dtype, shape: shape)
    }

    private func rebuilt(_ old: GraphFunction, states: [StateDeclaration]) throws -> GraphFunction {
        let isNeeded = neededOps(old)
        var builder = FunctionBuilder(name: old.name, states: states)
        var renamed: [ValueID: ValueID] = [:]
        var names = Set(old.inputs.map(\.name))
        for input in old.inputs { renamed[input.value] = builder.input(input.name, resized(old.type(of: input.value))) }
        func newInput(_ type: TensorType) -> ValueID {
            var number = builder.function.inputs.count
            while !names.insert("cut\(number)").inserted { number += 1 }
            return builder.input("cut\(number)", type)
        }
        func value(_ old: GraphFunction, _ value: ValueID) -> ValueID {
            if let known = renamed[value] { return known }
            let new: ValueID
            if case .state(let state) = old.values[value.index].origin {
                new = builder.state(state)
            } else {
                new = newInput(resized(old.type(of: value)))
            }
            renamed[value] = new
            return new
        }
        for (at, op) in old.ops.enumerated() where isNeeded[at] {
            let operands = op.operands.enumerated().map { position, operand in
                let known = value(old, operand)
                return cutOperands.contains([at, position]) ? newInput(builder.type(known)) : known
            }
            builder.place = op.place
            var attributes: Attributes = [:]
            for (name, attribute) in op.attributes { attributes[name] = try resized(attribute) }
            for (result, new) in zip(op.results, try builder.emit(op.name, operands, attributes)) {
                renamed[result] = new
            }
        }
        for update in updates { builder.update(update.state, value(old, update.value)) }
        for output in outputs { builder.output(output.name, value(old, output.value)) }
        return builder.function.withoutUnusedInputs().canonicalized()
    }

    /// For each operation, whether an output or update depends on it and it is not left out.
    ///
    /// What nothing read before the change stays too, because the failure may be about dead operations.
    private func neededOps(_ function: GraphFunction) -> [Bool] {
        var isRead = [Bool](repeating: false, count: function.values.count)
        for value in outputs.map(\.value) + updates.map(\.value) { isRead[value.index] = true }
        var liveReaders = function.useCounts()
        if keepsDead {
            for at in removedOps where function.ops.indices.contains(at) {
                for operand in function.ops[at].operands { liveReaders[operand.index] -= 1 }
            }
        }
        var isNeeded = [Bool](repeating: false, count: function.ops.count)
        for (at, op) in function.ops.enumerated().reversed() where !removedOps.contains(at) {
            let isDeadRoot = op.results.allSatisfy { liveReaders[$0.index] == 0 }
            guard isDeadRoot || op.results.contains(where: { isRead[$0.index] }) else { continue }
            isNeeded[at] = true
            for (position, operand) in op.operands.enumerated() where !cutOperands.contains([at, position]) {
                isRead[operand.index] = true
            }
        }
        return isNeeded
    }
}

extension GraphFunction {
    /// The same function without inputs that nothing reads, of which one stays if there would be nothing else.
    fileprivate func withoutUnusedInputs() -> GraphFunction {
        let counts = useCounts()
        var function = self
        function.inputs = inputs.filter { counts[$0.value.index] > 0 }
        for (at, input) in function.inputs.enumerated() { function.values[input.value.index].origin = .input(at) }
        return function
    }
}
