import Artifacts
import GraphIR
import HostTensors
import KernelIR

/// That a library is to have a self-test, and what states are like in it.
public struct SelfTest: Sendable {
    /// The module's `init`, where it has one that takes a seed at most.
    private let initializer: GraphModule?

    /// A self-test of libraries made of a module, or of some of its functions: its `init` says how large states are.
    public init(of module: GraphModule) {
        let function = module.functions.first { $0.name == "init" }
        let takesSeed = function.map { function in
            function.inputs.count <= 1
                && function.inputs.allSatisfy {
                    function.type(of: $0.value).rank == 0 && function.type(of: $0.value).dtype.isInteger
                }
        }
        initializer = takesSeed == true ? try? module.keeping(functions: ["init"]) : nil
    }

    /// A text that differs where the test may.
    var identity: String { initializer.map { $0.text() } ?? "" }

    /// What every state of a module is filled with, in its order.
    ///
    /// States that the library has values of keep those, but for what an optimizer keeps: beside that, a gradient of nothing but
    /// rounding error must not decide where a step goes. Other states are random numbers in the range that `init` gives, a little wider.
    func fillings(
        of module: GraphModule, embedded: [(name: String, tensor: HostTensor)]
    ) throws -> [TestFilling] {
        let known = Set(embedded.map(\.name))
        let initial = try initialStates()
        return module.states.map { state in
            let shape = state.type.constantShape ?? []
            let keeps = known.contains(state.path) && state.role != .slot
            let (low, high) = Self.range(of: state, shape, initial: initial[state.path])
            return TestFilling(dtype: state.type.dtype, shape: shape, low: low, high: high, keeps: keeps)
        }
    }

    /// What `init` makes, by path; nothing without one.
    private func initialStates() throws -> [String: HostTensor] {
        guard let initializer, let function = initializer.functions.first else { return [:] }
        var states = try initializer.states.map {
            HostTensor(zeros: try $0.type.shape([:]), dtype: $0.type.dtype)
        }
        var inputs: [String: HostTensor] = [:]
        for input in function.inputs {
            inputs[input.name] = HostTensor(scalar: Int64(1)).converted(to: function.type(of: input.value).dtype)
        }
        _ = try Interpreter(module: initializer).run(function.name, inputs: inputs, states: &states)
        return Dictionary(zip(initializer.states.map(\.path), states), uniquingKeysWith: { first, _ in first })
    }

    private static func range(
        of state: StateDeclaration, _ shape: [Int], initial: HostTensor?
    ) -> (low: Double, high: Double) {
        let values = initial?.doubles().filter(\.isFinite) ?? []
        let (least, largest) = (values.min(), values.max())
        guard state.type.dtype.isFloat else {
            // What reals hold exactly.
            return (max(least ?? 0, -0x1p53), min(largest ?? 0, 0x1p53))
        }
        switch state.role {
        case .counter: return (least ?? 0, largest ?? 0)
        // Positive, as second moments are, and away from 0, since steps are divided by their roots.
        case .slot: return ((least ?? 0) + 0.05, (largest ?? 0) + 0.15)
        // Running variances begin with 1, running means with 0.
        case .buffer: return (least ?? 0.5, (largest ?? 0.9) + 0.1)
        case .parameter:
            guard let least, let largest else {
                let inputs = shape.dropLast().reduce(1, *)
                let reach = shape.count < 2 ? 0.5 : (3 / Double(max(1, inputs))).squareRoot()
                return (-reach, reach)
            }
            return least < largest ? (least, largest) : (least - 0.05, largest + 0.05)
        }
    }
}
