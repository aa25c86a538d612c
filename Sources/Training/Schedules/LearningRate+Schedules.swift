import Glibc
import GraphIR
import GraphTracing
import HostTensors

/// Schedules; t is the number of updates before the one the rate is for.
extension LearningRateConvertible where Self == LearningRate {
    /// `rate · factor^⌊t / period⌋`.
    public static func step(_ rate: Double, every period: Int, factor: Double = 0.1) -> LearningRate {
        exponential(rate, factor: factor, every: period, inSteps: true).named("step")
            .requiring(rates: ["rate": rate, "factor": factor], steps: ["every": period])
    }

    /// `rate · factor^(t / period)`, in steps with the exponent rounded down.
    public static func exponential(
        _ rate: Double, factor: Double, every period: Int, inSteps: Bool = false
    ) -> LearningRate {
        LearningRate("exponential") { t in
            let turns = t / Double(period)
            return pow(Tensor.scalar(factor, dtype: .f64), inSteps ? floor(turns) : turns) * rate
        }.requiring(rates: ["rate": rate, "factor": factor], steps: ["every": period])
    }

    /// `rate / (1 + factor · t / period)`.
    public static func inverseTime(_ rate: Double, factor: Double, every period: Int) -> LearningRate {
        LearningRate("inverseTime") { t in rate / (t * (factor / Double(period)) + 1) }
            .requiring(rates: ["rate": rate, "factor": factor], steps: ["every": period])
    }

    /// `rate · √(warmUp / max(t + 1, warmUp))`: constant, then falling as the root of time (Vaswani et al., 2017).
    public static func inverseSquareRoot(_ rate: Double, warmUp: Int = 1) -> LearningRate {
        LearningRate("inverseSquareRoot") { t in
            sqrt(Double(warmUp) / maximum(t + 1, Double(warmUp))) * rate
        }.requiring(rates: ["rate": rate], steps: ["warmUp": warmUp])
    }

    /// `end + (rate - end) · (1 - min(t, steps) / steps)^power`; a straight line for power 1.
    public static func polynomial(
        _ rate: Double, to end: Double = 0, over steps: Int, power: Double = 1
    ) -> LearningRate {
        LearningRate("polynomial") { t in
            let left = 1 - minimum(t / Double(steps), 1)
            return (power == 1 ? left : pow(left, power)) * (rate - end) + end
        }.requiring(rates: ["rate": rate, "to": end], steps: ["over": steps])
    }

    /// `end + (rate - end) · (1 + cos(π min(t, steps) / steps)) / 2` (Loshchilov and Hutter, 2017).
    public static func cosine(_ rate: Double, to end: Double = 0, over steps: Int) -> LearningRate {
        LearningRate("cosine") { t in halfCosine(minimum(t / Double(steps), 1)) * (rate - end) + end }
            .requiring(rates: ["rate": rate, "to": end], steps: ["over": steps])
    }

    /// Cosines one after another: the first over `first` steps, each next one `stretch` times as long with `decay` times
    /// the height (Loshchilov and Hutter, 2017). `stretch` is at least 1.
    public static func cosineRestarts(
        _ rate: Double, to end: Double = 0, first: Int, stretch: Double = 2, decay: Double = 1
    ) -> LearningRate {
        LearningRate("cosineRestarts") { t in
            let done = t / Double(first)
            let (turn, fraction): (Tensor, Tensor)
            if stretch == 1 {
                turn = floor(done)
                fraction = done - turn
            } else {
                // Turn i begins at (stretchⁱ - 1) / (stretch - 1); the small term keeps whole numbers whole.
                let turns = log(done * (stretch - 1) + 1) / Double.log(stretch)
                turn = floor(turns + 1e-9)
                let length = pow(Tensor.scalar(stretch, dtype: .f64), turn)
                fraction = (done - (length - 1) / (stretch - 1)) / length
            }
            let height = pow(Tensor.scalar(decay, dtype: .f64), turn) * (rate - end)
            return halfCosine(fraction) * height + end
        }.requiring(rates: ["rate": rate, "to": end, "decay": decay], steps: ["first": first])
    }

    /// The first rate until its step, then the next until its, …, then the last: `[(1e-3, until: 1000)]`, `then: 1e-4`.
    ///
    /// A rate holds as long as t < until.
    public static func piecewise(_ parts: [(rate: Double, until: Int)], then last: Double) -> LearningRate {
        let schedule = LearningRate("piecewise") { t in
            parts.reversed().reduce(Tensor.scalar(last, dtype: .f64)) { later, part in
                select(t .< Double(part.until), Tensor.scalar(part.rate, dtype: .f64), later)
            }
        }
        return parts.reduce(schedule.requiring(rates: ["then": last])) { $0.requiring(rates: ["rate": $1.rate]) }
    }

    /// Up from `peak / initialDivisor` to `peak` in the first `rising` share of the steps, then down to
    /// `peak / finalDivisor` of where it began, both along half a cosine (Smith and Topin, 2018).
    public static func oneCycle(
        peak: Double, over steps: Int, rising: Double = 0.3, initialDivisor: Double = 25,
        finalDivisor: Double = 1e4
    ) -> LearningRate {
        LearningRate("oneCycle") { t in
            let start = peak / initialDivisor
            let end = start / finalDivisor
            let top = (Double(steps) * rising).rounded(.down)
            let up = halfCosine(minimum(t / Swift.max(top, 1), 1)) * (start - peak) + peak
            let down = halfCosine(((t - top) / Swift.max(Double(steps) - top, 1)).heldInUnit()) * (peak - end) + end
            return select(t .< top, up, down)
        }.requiring(rates: ["peak": peak], steps: ["over": steps])
    }

    /// `(1 + cos(π x)) / 2`.
    private static func halfCosine(_ x: Tensor) -> Tensor { (cos(x * Double.pi) + 1) * 0.5 }
}

extension LearningRate {
    /// This schedule behind a straight line: from `start` to this schedule's first rate in `steps` updates, then this
    /// schedule from its beginning.
    public func warmedUp(over steps: Int, from start: Double = 0) -> LearningRate {
        var warm = LearningRate("\(name) after warm-up") { t in
            let first = value(.scalar(0, dtype: .f64))
            let rising = (first - start) * (t / Double(steps)) + start
            return select(t .< Double(steps), rising, value(maximum(t - Double(steps), 0)))
        }
        warm.mistake = mistake
        // No steps at all are none of a warm-up.
        return warm.requiring(rates: ["from": start], steps: ["warmedUp(over:)": steps == 0 ? 1 : steps])
    }

    fileprivate func named(_ name: String) -> LearningRate { LearningRate(name) { value($0) } }
}

extension Tensor {
    fileprivate func heldInUnit() -> Tensor { minimum(maximum(self, 0), 1) }
}

extension Double {
    /// The natural logarithm.
    static func log(_ x: Double) -> Double { Glibc.log(x) }
}
