import GraphIR
import GraphTracing
import HostTensors
import KernelIR

/// How closures over tensors are run.
public struct FunctionOptions: Sendable {
    /// Whether the closure is compiled or interpreted.
    public var engine: EngineKind
    /// The number of threads, 0 for every processor.
    public var threads: Int
    /// The CPU level to compile for; nil for the best of this machine.
    public var level: CPULevel?
    /// Turns graphs into libraries.
    public var compiler: any ModuleCompiler

    /// Makes options; every choice has a sensible default.
    public init(
        engine: EngineKind = .compiled, threads: Int = 0, level: CPULevel? = nil,
        compiler: any ModuleCompiler = NativeCompiler()
    ) {
        self.engine = engine
        self.threads = threads
        self.level = level
        self.compiler = compiler
    }
}

/// A closure over tensors as a function of host tensors.
///
/// The closure is traced and compiled once for each combination of element types and shapes it is called with. The
/// variables it reads and assigns are states of the function: they start with their initial values at the first call,
/// and are shared by all shapes.
public final class CompiledFunction {
    private struct Specialization {
        let types: [TensorType]
        let model: Model
    }

    private let arity: Int
    private let options: FunctionOptions
    private let body: ([Tensor]) throws -> Tensor
    private var specializations: [Specialization] = []
    private var current: Model?

    /// Makes a function of `arity` tensors.
    init(arity: Int, options: FunctionOptions, body: @escaping ([Tensor]) throws -> Tensor) {
        self.arity = arity
        self.options = options
        self.body = body
    }

    /// The closure's result for these tensors.
    ///
    /// Throws a `TraceError` with every mistake in the closure for these shapes, and an `ExecutionError` when the number of
    /// tensors is wrong.
    public func callAsFunction(_ inputs: HostTensor...) throws -> HostTensor {
        guard inputs.count == arity else {
            throw ExecutionError(
                place: "compiled function", expected: "\(arity) tensor\(arity == 1 ? "" : "s")",
                actual: "\(inputs.count)",
                remedy: "give one tensor a parameter of the closure")
        }
        let model = try model(for: inputs.map { TensorType($0.dtype, $0.shape.map { Dim($0) }) })
        let named = NamedTensors(
            inputs.enumerated().map { (Self.inputName($0.offset), $0.element) }, uniquingKeysWith: { first, _ in first }
        )
        let outputs = try model.run(Self.functionName, named)
        guard let result = outputs.values.first else {
            throw ExecutionError(
                place: "compiled function", expected: "a result", actual: "none", remedy: "return a tensor")
        }
        return result
    }

    /// The variables' values by path, as the last call left them; none before the first call.
    public func states() throws -> NamedTensors { try current?.states() ?? [:] }

    private static let functionName = "main"
    private static func inputName(_ index: Int) -> String { "x\(index)" }

    private func model(for types: [TensorType]) throws -> Model {
        let known = specializations.first { $0.types == types }?.model
        let model = try known ?? specialize(types)
        if let current, current !== model, !model.signature.states.isEmpty {
            try model.setStates(try current.states())
        }
        current = model
        return model
    }

    private func specialize(_ types: [TensorType]) throws -> Model {
        let inputs = types.enumerated().map { (name: Self.inputName($0.offset), type: $0.element) }
        let module = try trace(inputs, name: Self.functionName) { [("result", try body($0))] }
        let model = try Model(
            module, engine: options.engine, threads: options.threads, level: options.level,
            compiler: options.compiler)
        if model.signature.hasFunction(named: "init") { try model.run("init") }
        specializations.append(Specialization(types: types, model: model))
        return model
    }
}

/// A compiled function of one tensor.
public func compile(
    _ options: FunctionOptions = FunctionOptions(), _ body: @escaping (Tensor) throws -> Tensor
) throws -> CompiledFunction {
    CompiledFunction(arity: 1, options: options) { try body($0[0]) }
}

/// A compiled function of two tensors.
public func compile(
    _ options: FunctionOptions = FunctionOptions(), _ body: @escaping (Tensor, Tensor) throws -> Tensor
) throws -> CompiledFunction {
    CompiledFunction(arity: 2, options: options) { try body($0[0], $0[1]) }
}

/// A compiled function of three tensors.
public func compile(
    _ options: FunctionOptions = FunctionOptions(), _ body: @escaping (Tensor, Tensor, Tensor) throws -> Tensor
) throws -> CompiledFunction {
    CompiledFunction(arity: 3, options: options) { try body($0[0], $0[1], $0[2]) }
}
