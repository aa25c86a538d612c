import GraphTracing

/// Optimizers that follow the gradient with one rate for all elements, or its sign.
extension Optimizer {
    /// Gradient descent: `p -= rate · g`; with momentum as `momentum(learningRate:momentum:nesterov:)`.
    public static func sgd(
        learningRate: some LearningRateConvertible = 0.01, momentum: Double = 0, nesterov: Bool = false
    ) -> Optimizer {
        if momentum != 0 {
            return .momentum(learningRate: learningRate, momentum: momentum, nesterov: nesterov)
        }
        return builtIn("sgd", learningRate) { step in
            [Tensor.apply("sgd", [step.parameter, step.gradient, step.rate])]
        }
    }

    /// Gradient descent with momentum: `v = momentum · v + g; p -= rate · v`, or Nesterov's `rate · (g + momentum · v)`.
    public static func momentum(
        learningRate: some LearningRateConvertible = 0.01, momentum: Double = 0.9, nesterov: Bool = false
    ) -> Optimizer {
        builtIn("momentum", learningRate, slots: ["momentum_v"]) { step in
            Tensor.applyMany(
                "momentum", [step.parameter, step.gradient, step.slots[0], step.rate],
                ["momentum": .float(momentum), "nesterov": .bool(nesterov)], resultCount: 2)
        }
        .requiring(shares: ["momentum": momentum])
    }

    /// Lion (Chen et al., 2023): `p -= rate · sign(β₁m + (1-β₁)g); m = β₂m + (1-β₂)g`; `weightDecay` is decoupled.
    public static func lion(
        learningRate: some LearningRateConvertible = 1e-4, beta1: Double = 0.9, beta2: Double = 0.99,
        weightDecay: Double = 0
    ) -> Optimizer {
        let lion = builtIn("lion", learningRate, slots: ["lion_m"]) { step in
            let (g, m) = (step.gradient, step.slots[0])
            return [step.descended(by: sign(m * beta1 + g * (1 - beta1))), m * beta2 + g * (1 - beta2)]
        }
        .requiring(shares: ["beta1": beta1, "beta2": beta2])
        return weightDecay == 0 ? lion : lion.decaying(weightDecay)
    }

    /// FTRL-proximal with shrinkage (McMahan et al., 2013), for sparse linear models:
    ///
    /// `n' = n + g²; z += g + 2 s p - (n'^k - n^k) / rate · p;`
    /// `p = (clamp(z, -l1, l1) - z) / (n'^k / rate + 2 l2 + β / rate)`, with k = `power`.
    public static func ftrl(
        learningRate: some LearningRateConvertible = 0.001, power k: Double = 0.5, initialAccumulator: Double = 0.1,
        l1: Double = 0,
        l2: Double = 0, shrinkage: Double = 0, beta: Double = 0
    ) -> Optimizer {
        let slots = [Slot("ftrl_n", initialValue: initialAccumulator), "ftrl_z"]
        return builtIn("ftrl", learningRate, slots: slots) { step in
            let (p, g, n, z) = (step.parameter, step.gradient, step.slots[0], step.slots[1])
            let rate = step.rates
            let sum = n + g * g
            let (new, old) = k == 0.5 ? (sqrt(sum), sqrt(n)) : (pow(sum, k), pow(n, k))
            let shrunk = shrinkage == 0 ? g : g + p * (2 * shrinkage)
            let linear = z + shrunk - (new - old) / rate * p
            let quadratic = (new + beta) / rate + 2 * l2
            let held = minimum(maximum(linear, -l1), l1)
            return [(held - linear) / quadratic, sum, linear]
        }
        .requiring(amounts: [
            "power": k, "initialAccumulator": initialAccumulator, "l1": l1, "l2": l2, "shrinkage": shrinkage,
            "beta": beta,
        ])
    }
}

extension Optimizer.Step {
    /// The rate in the parameter's dtype.
    var rates: Tensor { rate.cast(to: parameter.dtype) }

    /// `p - rate · direction`.
    func descended(by direction: Tensor) -> Tensor { parameter - rates * direction }

    /// `1 - βᵗ` for step t, in the parameter's dtype: `-expm1(t ln β)` keeps its digits for β near 1.
    func debiasing(_ beta: Double, ahead: Int = 0) -> Tensor {
        if beta == 0 { return .scalar(1, dtype: parameter.dtype) }
        let t = number.cast(to: parameter.dtype) + Double(ahead)
        return -expm1(t * Double.log(beta))
    }
}
