import Foundation

/// Plots as a picture that any browser shows.
extension Plot {
    private static let colors = ["#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf"]
    private static let size = (width: 640.0, height: 320.0, left: 70.0, right: 20.0, top: 40.0, bottom: 40.0)

    /// Plots below each other as one SVG document; the same plots give the same bytes.
    public static func svg(_ plots: [Plot]) -> String {
        let height = size.height * Double(plots.count)
        var text = """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(Int(size.width))" height="\(Int(height))" \
            font-family="sans-serif" font-size="12">
            <rect width="100%" height="100%" fill="white"/>

            """
        for (at, plot) in plots.enumerated() {
            text += "<g transform=\"translate(0,\(Int(size.height) * at))\">\n\(plot.svgContent())</g>\n"
        }
        return text + "</svg>\n"
    }

    private func svgContent() -> String {
        let size = Self.size
        let (steps, values) = bounds
        func x(_ step: Double) -> Double { size.left + share(step, of: steps) * (size.width - size.left - size.right) }
        func y(_ value: Double) -> Double {
            size.height - size.bottom - share(value, of: values) * (size.height - size.top - size.bottom)
        }
        var text = "<text x=\"\(size.left)\" y=\"20\" font-weight=\"bold\">\(Self.escaped(title))</text>\n"
        for tick in ticks(values) {
            let at = Self.coordinate(y(tick))
            text +=
                "<line x1=\"\(size.left)\" x2=\"\(size.width - size.right)\" y1=\"\(at)\" y2=\"\(at)\" stroke=\"#ddd\"/>"
            text += "<text x=\"\(size.left - 6)\" y=\"\(at)\" dy=\"4\" text-anchor=\"end\">\(Self.label(tick))</text>\n"
        }
        for tick in ticks(steps) {
            let at = Self.coordinate(x(tick))
            text +=
                "<text x=\"\(at)\" y=\"\(size.height - size.bottom + 18)\" text-anchor=\"middle\">\(Self.label(tick))</text>\n"
        }
        for (number, line) in series.enumerated() {
            let color = Self.colors[number % Self.colors.count]
            // A value that is not finite is a gap.
            let runs = zip(line.steps, line.values).split { !$0.1.isFinite }
            for run in runs {
                let points = run.map { "\(Self.coordinate(x(Double($0.0)))),\(Self.coordinate(y($0.1)))" }
                text +=
                    "<polyline fill=\"none\" stroke=\"\(color)\" stroke-width=\"1.5\" points=\"\(points.joined(separator: " "))\"/>\n"
                if points.count == 1, let point = run.first {
                    text +=
                        "<circle cx=\"\(Self.coordinate(x(Double(point.0))))\" cy=\"\(Self.coordinate(y(point.1)))\" r=\"2\" fill=\"\(color)\"/>\n"
                }
            }
            let left = size.left + Double(max(120, title.count * 9 + 12) + number * 110)
            text += "<text x=\"\(left)\" y=\"20\" fill=\"\(color)\">\(Self.escaped(line.run))</text>\n"
        }
        return text
    }

    private func ticks(_ range: ClosedRange<Double>) -> [Double] {
        scale == .linear ? Self.ticks(range) : Self.logarithmicTicks(range)
    }

    /// Where a number lies on an axis: 0 at the range's lower end, 1 at its upper.
    private func share(_ number: Double, of range: ClosedRange<Double>) -> Double {
        switch scale {
        case .linear: (number - range.lowerBound) / (range.upperBound - range.lowerBound)
        case .logarithmic: log(number / range.lowerBound) / log(range.upperBound / range.lowerBound)
        }
    }

    /// A coordinate with one decimal.
    private static func coordinate(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("\"", with: "&quot;")
    }
}
