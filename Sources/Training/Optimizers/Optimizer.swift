import GraphTracing
import HostTensors

/// How parameters follow their gradients: a step as graph operations over the parameter and its slots.
public struct Optimizer: Sendable {
    /// What one step of one parameter is computed from.
    public struct Step: Sendable {
        /// The parameter's value.
        public var parameter: Tensor
        /// The derivative of the loss by it.
        public var gradient: Tensor
        /// The slots' values, in the order of `Optimizer.slots`.
        public var slots: [Tensor]
        /// The number of this step, from 1, `i64[]`.
        public var number: Tensor
        /// The learning rate, `f32[]`.
        public var rate: Tensor

        /// Describes a step.
        public init(parameter: Tensor, gradient: Tensor, slots: [Tensor], number: Tensor, rate: Tensor) {
            self.parameter = parameter
            self.gradient = gradient
            self.slots = slots
            self.number = number
            self.rate = rate
        }
    }

    /// Its name: `adam`.
    public let name: String
    /// The learning rate.
    public let learningRate: Double
    /// The tensors kept beside each parameter, of its type, zero at first: `adam_m`.
    public let slots: [String]
    private let update: @Sendable (Step) -> [Tensor]

    /// Makes an optimizer from what a step gives: the new parameter, then the new slots.
    public init(
        _ name: String, learningRate: Double, slots: [String] = [], update: @escaping @Sendable (Step) -> [Tensor]
    ) {
        self.name = name
        self.learningRate = learningRate
        self.slots = slots
        self.update = update
    }

    /// The new parameter and the new slots.
    public func callAsFunction(_ step: Step) -> (parameter: Tensor, slots: [Tensor]) {
        let results = update(step)
        return (results[0], Array(results.dropFirst()))
    }
}

extension Optimizer {
    /// Gradient descent: `p -= rate · g`.
    public static func sgd(learningRate: Double = 0.01) -> Optimizer {
        Optimizer("sgd", learningRate: learningRate) { step in
            [Tensor.apply("sgd", [step.parameter, step.gradient, step.rate])]
        }
    }

    /// Gradient descent with momentum: `v = momentum · v + g; p -= rate · v`, or Nesterov's `rate · (g + momentum · v)`.
    public static func momentum(
        learningRate: Double = 0.01, momentum: Double = 0.9, nesterov: Bool = false
    ) -> Optimizer {
        Optimizer("momentum", learningRate: learningRate, slots: ["momentum_v"]) { step in
            Tensor.applyMany(
                "momentum", [step.parameter, step.gradient, step.slots[0], step.rate],
                ["momentum": .float(momentum), "nesterov": .bool(nesterov)], resultCount: 2)
        }
    }

    /// Adam (Kingma and Ba, 2015) with bias correction; ε is added to the corrected root.
    public static func adam(
        learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8
    ) -> Optimizer {
        Optimizer("adam", learningRate: learningRate, slots: ["adam_m", "adam_v"]) { step in
            Tensor.applyMany(
                "adam", [step.parameter, step.gradient] + step.slots + [step.number, step.rate],
                ["beta1": .float(beta1), "beta2": .float(beta2), "epsilon": .float(epsilon)], resultCount: 3)
        }
    }
}
