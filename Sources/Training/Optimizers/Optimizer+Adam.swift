import GraphTracing
import Layers

/// Adam and its relatives: m is the running mean of the gradient, v that of its square, t the number of the step.
///
/// `m = β₁m + (1-β₁)g; v = β₂v + (1-β₂)g²; m̂ = m / (1-β₁ᵗ); v̂ = v / (1-β₂ᵗ)`.
extension Optimizer {
    /// Adam (Kingma and Ba, 2015): `p -= rate · m̂ / (√v̂ + ε)`.
    public static func adam(
        learningRate: some LearningRateConvertible = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999,
        epsilon: Double = 1e-8
    ) -> Optimizer {
        builtIn("adam", learningRate, slots: ["adam_m", "adam_v"]) { step in
            Tensor.applyMany(
                "adam", [step.parameter, step.gradient] + step.slots + [step.number, step.rate],
                ["beta1": .float(beta1), "beta2": .float(beta2), "epsilon": .float(epsilon)], resultCount: 3)
        }
        .requiring(shares: ["beta1": beta1, "beta2": beta2], amounts: ["epsilon": epsilon])
    }

    /// Adam with decoupled weight decay (Loshchilov and Hutter, 2019): `p -= rate · decay · p` beside Adam's step, except
    /// of parameters whose paths match, such as `"*bias"`.
    public static func adamW(
        learningRate: some LearningRateConvertible = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999,
        epsilon: Double = 1e-8,
        weightDecay: Double = 0.01, excluding excluded: [NamePattern] = []
    ) -> Optimizer {
        adam(learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon)
            .decaying(weightDecay, excluding: excluded)
    }

    /// AMSGrad (Reddi et al., 2018): Adam with the largest v so far in place of v.
    public static func amsgrad(
        learningRate: some LearningRateConvertible = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999,
        epsilon: Double = 1e-8
    ) -> Optimizer {
        builtIn("amsgrad", learningRate, slots: ["amsgrad_m", "amsgrad_v", "amsgrad_largest"]) { step in
            let (m, v) = step.moments(beta1, beta2)
            let largest = maximum(step.slots[2], v)
            let spread = sqrt(largest / step.debiasing(beta2)) + epsilon
            return [step.descended(by: m / step.debiasing(beta1) / spread), m, v, largest]
        }
        .requiring(shares: ["beta1": beta1, "beta2": beta2], amounts: ["epsilon": epsilon])
    }

    /// Adam with Nesterov's momentum (Dozat, 2016): `p -= rate · (β₁ m / (1-β₁ᵗ⁺¹) + (1-β₁) g / (1-β₁ᵗ)) / (√v̂ + ε)`.
    public static func nadam(
        learningRate: some LearningRateConvertible = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999,
        epsilon: Double = 1e-8
    ) -> Optimizer {
        builtIn("nadam", learningRate, slots: ["nadam_m", "nadam_v"]) { step in
            let (m, v) = step.moments(beta1, beta2)
            let mean =
                m * beta1 / step.debiasing(beta1, ahead: 1) + step.gradient * (1 - beta1) / step.debiasing(beta1)
            return [step.descended(by: mean / (sqrt(v / step.debiasing(beta2)) + epsilon)), m, v]
        }
        .requiring(shares: ["beta1": beta1, "beta2": beta2], amounts: ["epsilon": epsilon])
    }

    /// Adamax (Kingma and Ba, 2015): `u = max(β₂u, |g|); p -= rate · m̂ / (u + ε)`.
    public static func adamax(
        learningRate: some LearningRateConvertible = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999,
        epsilon: Double = 1e-7
    ) -> Optimizer {
        builtIn("adamax", learningRate, slots: ["adamax_m", "adamax_u"]) { step in
            let m = step.slots[0] * beta1 + step.gradient * (1 - beta1)
            let u = maximum(step.slots[1] * beta2, abs(step.gradient))
            return [step.descended(by: m / step.debiasing(beta1) / (u + epsilon)), m, u]
        }
        .requiring(shares: ["beta1": beta1, "beta2": beta2], amounts: ["epsilon": epsilon])
    }

    /// LAMB (You et al., 2020): with `u = m̂ / (√v̂ + ε) + decay · p`, `p -= rate · ‖p‖ / ‖u‖ · u`, where a factor of 1
    /// takes the place of a quotient of zeros; `excluding` names parameters without decay.
    public static func lamb(
        learningRate: some LearningRateConvertible = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999,
        epsilon: Double = 1e-6,
        weightDecay: Double = 0, excluding excluded: [NamePattern] = []
    ) -> Optimizer {
        builtIn("lamb", learningRate, slots: ["lamb_m", "lamb_v"]) { step in
            let (m, v) = step.moments(beta1, beta2)
            var change = m / step.debiasing(beta1) / (sqrt(v / step.debiasing(beta2)) + epsilon)
            if weightDecay != 0, !excluded.matches(step.path) { change = change + step.parameter * weightDecay }
            let (size, length) = (norm(step.parameter), norm(change))
            let hasBoth = (size .> 0) .& (length .> 0)
            let one = Tensor.full(1, length.type)
            let trust = select(hasBoth, size / select(hasBoth, length, one), one)
            return [step.descended(by: change * trust), m, v]
        }
        .requiring(
            shares: ["beta1": beta1, "beta2": beta2], amounts: ["epsilon": epsilon, "weightDecay": weightDecay])
    }

    private static func norm(_ x: Tensor) -> Tensor { sqrt((x * x).sum()) }
}

extension Optimizer.Step {
    /// The new running means of gradient and square, kept in the first two slots.
    fileprivate func moments(_ beta1: Double, _ beta2: Double) -> (m: Tensor, v: Tensor) {
        let square = gradient * gradient
        return (slots[0] * beta1 + gradient * (1 - beta1), slots[1] * beta2 + square * (1 - beta2))
    }
}
