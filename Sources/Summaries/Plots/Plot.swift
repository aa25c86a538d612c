import Foundation

/// Curves of a run: one picture a tag, one line a part of the run.
public struct Plot: Sendable {
    /// What the numbers are.
    public let title: String
    /// The lines.
    public let series: [ScalarSeries]
    /// How both axes run in a picture.
    public let scale: Scale

    /// How an axis runs.
    public enum Scale: Sendable {
        /// Equal differences are equally far apart.
        case linear
        /// Equal ratios are equally far apart; for numbers above 0.
        case logarithmic
    }

    /// Makes a plot of lines.
    public init(title: String, series: [ScalarSeries], scale: Scale = .linear) {
        self.title = title
        self.series = series
        self.scale = scale
    }

    /// One plot for each tag, in alphabetical order.
    public static func all(_ series: [ScalarSeries]) -> [Plot] {
        Set(series.map(\.tag)).sorted().map { tag in
            Plot(title: tag, series: series.filter { $0.tag == tag && !$0.steps.isEmpty })
        }
    }

    /// The least and largest step, and the least and largest finite value, a little apart when they are one.
    var bounds: (steps: ClosedRange<Double>, values: ClosedRange<Double>) {
        let steps = series.flatMap { $0.steps.map { Double($0) } }
        let values = series.flatMap(\.values).filter(\.isFinite)
        func range(_ numbers: [Double]) -> ClosedRange<Double> {
            let (low, high) = (numbers.min() ?? 0, numbers.max() ?? 1)
            return low < high ? low...high : low - 0.5...high + 0.5
        }
        return (range(steps), range(values))
    }

    /// Round numbers that span a range, about `count` of them.
    static func ticks(_ range: ClosedRange<Double>, count: Int = 5) -> [Double] {
        let rough = (range.upperBound - range.lowerBound) / Double(count)
        var unit = 1.0
        while unit > rough { unit /= 10 }
        while unit * 10 <= rough { unit *= 10 }
        let step = [1, 2, 5, 10].map { $0 * unit }.first { $0 >= rough } ?? unit
        let first = (range.lowerBound / step).rounded(.up)
        let last = (range.upperBound / step).rounded(.down)
        return first > last ? [range.lowerBound] : stride(from: first, through: last, by: 1).map { $0 * step }
    }

    /// 1, 2 and 5 times powers of ten that lie in a range; of more than seven only the powers.
    static func logarithmicTicks(_ range: ClosedRange<Double>) -> [Double] {
        var power = 1.0
        while power > range.lowerBound { power /= 10 }
        while power * 10 <= range.lowerBound { power *= 10 }
        var ticks: [Double] = []
        while power <= range.upperBound {
            ticks += [1, 2, 5].map { $0 * power }
            power *= 10
        }
        ticks = ticks.filter(range.contains)
        // From the third decade on there is no room for all.
        return ticks.count > 7 ? ticks.filter { log10($0) == log10($0).rounded() } : ticks
    }

    /// A number for an axis: up to six significant digits, no needless zeros.
    static func label(_ value: Double) -> String {
        if value == value.rounded(), abs(value) < 1e7 { return "\(Int(value))" }
        var scale = 1.0
        while abs(value) * scale < 1e3, scale < 1e6 { scale *= 10 }
        let text = "\((value * scale).rounded() / scale)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
