import Foundation

extension Double {
    /// Three significant digits, as tables show numbers.
    var rounded3: String {
        if self == 0 || !isFinite { return isFinite ? "0" : "–" }
        if abs(self) >= 100 { return String(format: "%.0f", self) }
        return String(format: abs(self) >= 10 ? "%.1f" : abs(self) >= 1 ? "%.2f" : "%.3g", self)
    }

    /// A share as a percentage; a dash for a share of nothing.
    var percent: String { isFinite ? String(format: "%.0f %%", 100 * self) : "–" }
}
