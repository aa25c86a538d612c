import ArgumentParser
import ONNX

/// An argument of the form `NAME=SIZE`, `NAME=LOW...HIGH`, `NAME=OTHER` or `NAME=OTHER+ANOTHER`.
struct DimensionOption: ExpressibleByArgument {
    let name: String
    let choice: DimensionChoice

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        name = parts[0]
        let ends = parts[1].split(separator: "...", maxSplits: 1, omittingEmptySubsequences: false)
        if ends.count == 2 {
            guard let low = Int(ends[0]), let high = Int(ends[1]), 1 <= low, low <= high else { return nil }
            choice = .range(low...high)
        } else if let size = Int(parts[1]) {
            guard size >= 1 else { return nil }
            choice = .size(size)
        } else {
            choice = .same(parts[1])
        }
    }
}
