import GraphIR

extension KernelVerifier {
    /// Whether `0 <= index < count` holds for every iteration and every size the dimensions may have.
    ///
    /// Loop variables are replaced, innermost first, by the end of their range at which the index is largest or
    /// smallest. A variable over a tile is first merged with the tile's own variable, because their sum stays in the
    /// tile loop's range: `i + r < B` although `r` alone may reach the step.
    func isProved(_ index: IndexExpression, below count: Dim) -> Bool {
        var variables =
            enclosing.map { LoopRange(loop: $0) }
            + positions.map { LoopRange(variable: $0.name, extent: .count($0.extent)) }
        var merged = index
        for at in variables.indices.reversed() { merged = merge(at, in: merged, &variables) }
        guard let most = extreme(merged, variables, wantsLargest: true),
            let least = extreme(merged, variables, wantsLargest: false)
        else { return false }
        return isNeverNegative(count - Dim(1) - most) && isNeverNegative(least)
    }

    /// Whether a size is 0 or more for all numbers that the kernel may be given, and all sizes of the dimensions.
    private func isNeverNegative(_ size: Dim) -> Bool {
        var least = size
        for number in kernel.numbers {
            guard let (factor, rest) = least.split(by: number.name), !factor.terms.isEmpty else { continue }
            let sign = factor.bounds(ranges)
            if sign.lowerBound >= 0 {
                least = factor * Dim(number.range.lowerBound) + rest
            } else if sign.upperBound <= 0 {
                least = factor * Dim(number.range.upperBound) + rest
            }
        }
        return least.bounds(ranges).lowerBound >= 0
    }

    /// One loop variable, and the values it takes.
    struct LoopRange {
        let variable: String
        var extent: LoopExtent
        /// The distance between values.
        var step = 1

        init(variable: String, extent: LoopExtent) {
            self.variable = variable
            self.extent = extent
        }

        init(loop: KernelLoop) {
            variable = loop.variable
            extent = loop.extent
            if case .tile(let step) = loop.kind { self.step = max(1, step) }
        }
    }

    /// Replaces `c·i + c·r` of a variable r over tile i by `c·r`, where r then stands for `i + r`.
    private func merge(_ at: Int, in index: IndexExpression, _ variables: inout [LoopRange]) -> IndexExpression {
        let inner = variables[at]
        guard case .tile(let tile) = inner.extent, let (factor, _) = index.split(by: inner.variable),
            !factor.terms.isEmpty, let (tileFactor, rest) = index.split(by: tile), tileFactor == factor,
            let outer = variables[..<at].last(where: { $0.variable == tile })
        else { return index }
        variables[at].extent = outer.extent
        variables[at].step = outer.step % inner.step == 0 ? inner.step : 1
        return merge(at, in: rest, &variables)
    }

    private func extreme(_ index: IndexExpression, _ variables: [LoopRange], wantsLargest: Bool) -> Dim? {
        var value = index
        for range in variables.reversed() {
            guard let (factor, rest) = value.split(by: range.variable) else { return nil }
            if factor.terms.isEmpty { continue }
            let sign = factor.bounds(boundsOfAll(variables))
            guard sign.lowerBound >= 0 || sign.upperBound <= 0 else { return nil }
            let isAtEnd = (sign.lowerBound >= 0) == wantsLargest
            value = isAtEnd ? factor * largest(of: range) + rest : rest
        }
        return value
    }

    /// A bound of a variable: its count less 1, rounded down to a step where the count is known, or known to be a multiple of it; over a tile,
    /// the tile's step counts.
    private func largest(of range: LoopRange) -> Dim {
        switch range.extent {
        case .count(let count):
            if let constant = count.constant {
                Dim(max(0, constant - 1) / range.step * range.step)
            } else {
                count - Dim(count.isMultiple(of: range.step) ? range.step : 1)
            }
        case .tile(let tile): Dim(((tileStep(of: tile) ?? 1) - 1) / range.step * range.step)
        }
    }

    private func boundsOfAll(_ variables: [LoopRange]) -> [String: ClosedRange<Int>] {
        variables.reduce(into: ranges) { known, range in
            let last = largest(of: range).bounds(ranges).upperBound
            known[range.variable] = 0...max(0, last)
        }
    }
}
