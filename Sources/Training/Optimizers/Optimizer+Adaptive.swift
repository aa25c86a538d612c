import GraphTracing

/// Optimizers that scale each element by the history of its gradient's size.
extension Optimizer {
    /// Adagrad (Duchi et al., 2011): `n += g²; p -= rate · g / √(n + ε)`.
    public static func adagrad(
        learningRate: some LearningRateConvertible = 0.01, initialAccumulator: Double = 0.1, epsilon: Double = 1e-7
    ) -> Optimizer {
        builtIn(
            "adagrad", learningRate, slots: [Slot("adagrad_n", initialValue: initialAccumulator)]
        ) { step in
            let sum = step.slots[0] + step.gradient * step.gradient
            return [step.descended(by: step.gradient / sqrt(sum + epsilon)), sum]
        }
        .requiring(amounts: ["initialAccumulator": initialAccumulator, "epsilon": epsilon])
    }

    /// Adadelta (Zeiler, 2012): `n = ρn + (1-ρ)g²; u = g · √(d + ε) / √(n + ε); d = ρd + (1-ρ)u²; p -= rate · u`.
    public static func adadelta(
        learningRate: some LearningRateConvertible = 1, rho: Double = 0.95, epsilon: Double = 1e-6
    ) -> Optimizer {
        builtIn("adadelta", learningRate, slots: ["adadelta_n", "adadelta_d"]) { step in
            let (g, d) = (step.gradient, step.slots[1])
            let n = step.slots[0] * rho + g * g * (1 - rho)
            let change = g * sqrt(d + epsilon) / sqrt(n + epsilon)
            return [step.descended(by: change), n, d * rho + change * change * (1 - rho)]
        }
        .requiring(shares: ["rho": rho], amounts: ["epsilon": epsilon])
    }

    /// RMSprop (Tieleman and Hinton, 2012): `n = ρn + (1-ρ)g²; u = g / √(n - a² + ε)`, where centered ones keep
    /// `a = ρa + (1-ρ)g` and others have a = 0; `v = momentum · v + rate · u; p -= v`.
    public static func rmsprop(
        learningRate: some LearningRateConvertible = 0.001, rho: Double = 0.9, momentum: Double = 0,
        epsilon: Double = 1e-7,
        centered: Bool = false
    ) -> Optimizer {
        var slots: [Slot] = ["rmsprop_n"]
        if momentum != 0 { slots.append("rmsprop_v") }
        if centered { slots.append("rmsprop_a") }
        return builtIn("rmsprop", learningRate, slots: slots) { step in
            let g = step.gradient
            let n = step.slots[0] * rho + g * g * (1 - rho)
            var kept = [n]
            var variance = n
            var mean: Tensor?
            if centered {
                let a = step.slots[momentum == 0 ? 1 : 2] * rho + g * (1 - rho)
                // Of steady gradients rounding may leave less than nothing.
                variance = maximum(n - a * a, 0)
                mean = a
            }
            let change = g / sqrt(variance + epsilon)
            let parameter: Tensor
            if momentum == 0 {
                parameter = step.descended(by: change)
            } else {
                let v = step.slots[1] * momentum + step.rates * change
                parameter = step.parameter - v
                kept.append(v)
            }
            if let mean { kept.append(mean) }
            return [parameter] + kept
        }
        .requiring(shares: ["rho": rho, "momentum": momentum], amounts: ["epsilon": epsilon])
    }

    /// Adafactor (Shazeer and Stern, 2018), which keeps sums of rows and columns instead of one number an element.
    ///
    /// `β = 1 - t^-0.8; r, c = means of β-averaged g² + ε₁ along the last two axes; v = r c / mean r;`
    /// `u = g / √v; u /= max(1, rms(u) / clipThreshold); p -= max(ε₂, rms(p)) · ρ · u` with `ρ = min(rate, 1/√t)`.
    /// Parameters of rank 0 and 1 keep all of v.
    public static func adafactor(
        learningRate: some LearningRateConvertible = 0.001, decayPower: Double = -0.8, epsilon1: Double = 1e-30,
        epsilon2: Double = 1e-3, clipThreshold: Double = 1
    ) -> Optimizer {
        let slots = [
            Slot("adafactor_r") { $0.count < 2 ? nil : Array($0.dropLast()) },
            Slot("adafactor_c") { $0.count < 2 ? nil : Array($0.dropLast(2)) + [$0[$0.count - 1]] },
            Slot("adafactor_v") { $0.count < 2 ? $0 : nil },
        ]
        return builtIn("adafactor", learningRate, slots: slots) { step in
            let (p, g) = (step.parameter, step.gradient)
            let t = step.number.cast(to: p.dtype)
            let beta = 1 - pow(t, decayPower)
            let square = g * g + epsilon1
            func averaged(_ old: Tensor, _ new: Tensor) -> Tensor { old * beta + new * (1 - beta) }
            let (variance, slots): (Tensor, [Tensor])
            if step.slots.count == 2 {
                let rows = averaged(step.slots[0], square.mean(axes: [-1]))
                let columns = averaged(step.slots[1], square.mean(axes: [-2]))
                let relative = rows / rows.mean(axes: [-1], keepDims: true)
                variance = relative.expanded(at: -1) * columns.expanded(at: -2)
                slots = [rows, columns]
            } else {
                variance = averaged(step.slots[0], square)
                slots = [variance]
            }
            let change = g / sqrt(variance)
            let clipped = change / maximum(rootMeanSquare(change) / clipThreshold, 1)
            let pace = maximum(rootMeanSquare(p), epsilon2) * minimum(step.rates, rsqrt(t))
            return [p - pace * clipped] + slots
        }
        .requiring(amounts: ["epsilon1": epsilon1, "epsilon2": epsilon2, "clipThreshold": clipThreshold])
    }

    private static func rootMeanSquare(_ x: Tensor) -> Tensor { sqrt((x * x).mean()) }
}
