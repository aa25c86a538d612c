import Execution
import GraphIR
import HostTensors

/// A function cut where its last operations on single elements begin: in sums, products and the like, and what new states are made of them.
struct UpdateEnds {
    private let function: GraphFunction
    private let module: GraphModule
    /// The values at the cut, in order.
    private let cut: [ValueID]
    /// The function with those as outputs, and what they would be without signs where that is known.
    private let sums: Interpreter
    /// The function with those as inputs.
    private let rest: Interpreter

    init(of original: GraphFunction, in module: GraphModule) throws {
        let function = try original.expandingComposites(states: module.states)
        self.function = function
        self.module = module
        let producers = function.producers()
        var (kept, cut) = (Set<Int>(), Set<ValueID>())
        var pending = function.updates.map(\.value)
        while let value = pending.popLast() {
            guard let at = producers[value.index] else { continue }
            if try OpTable.definition(of: function.ops[at].name).fusion > .movement {
                cut.insert(value)
            } else if kept.insert(at).inserted {
                pending += function.ops[at].operands
            }
        }
        self.cut = cut.sorted()

        var builder = FunctionBuilder(continuing: function, states: module.states)
        builder.function.outputs = []
        builder.function.updates = []
        for value in self.cut {
            builder.output("\(value.index)", value)
            guard let at = producers[value.index] else { continue }
            if let magnitude = try Self.magnitude(of: function.ops[at], &builder) {
                builder.output("|\(value.index)|", magnitude)
            }
        }
        sums = try Interpreter(module: Self.module(builder.function, like: module))

        var end = function
        end.outputs = []
        end.ops = kept.sorted().map { function.ops[$0] }
        for value in self.cut {
            end.values[value.index].origin = .input(end.inputs.count)
            end.inputs.append(NamedValue("\(value.index)", value))
        }
        rest = try Interpreter(module: Self.module(end, like: module))
    }

    /// The values at the cut, and for sums and products what they are where nothing cancels.
    func sums(
        inputs: NamedTensors, sizes: [String: Int], states: [HostTensor]
    ) throws -> [(sum: HostTensor, magnitude: HostTensor?)] {
        var states = states
        let found = try sums.run(function.name, inputs: Self.byName(inputs), sizes: sizes, states: &states)
        return cut.compactMap { value in found["\(value.index)"].map { (sum: $0, magnitude: found["|\(value.index)|"]) }
        }
    }

    /// What the updated states become of values at the cut, by path.
    func states(
        inputs: NamedTensors, sizes: [String: Int], states: [HostTensor], sums: [HostTensor]
    ) throws -> [(path: String, state: HostTensor)] {
        var (all, states) = (Self.byName(inputs), states)
        for (value, sum) in zip(cut, sums) { all["\(value.index)"] = sum }
        _ = try rest.run(function.name, inputs: all, sizes: sizes, states: &states)
        return function.updates.map { (module.states[$0.state].path, states[$0.state]) }
    }

    /// A sum's or product's result of the operands' absolute values; nil for other operations and whole numbers.
    private static func magnitude(of op: GraphOp, _ builder: inout FunctionBuilder) throws -> ValueID? {
        let fusion = try OpTable.definition(of: op.name).fusion
        guard fusion == .reduce || fusion == .contraction || op.name == "scatter", let result = op.results.first,
            op.results.count == 1, builder.type(result).dtype.isFloat
        else { return nil }
        let operands = try op.operands.map { operand in
            builder.type(operand).dtype.isFloat ? try builder.emit1("abs", operand) : operand
        }
        return try builder.emit(op.name, operands, op.attributes).first
    }

    private static func byName(_ tensors: NamedTensors) -> [String: HostTensor] {
        Dictionary(tensors.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    private static func module(_ function: GraphFunction, like module: GraphModule) -> GraphModule {
        var module = module
        module.functions = [function]
        return module
    }
}
