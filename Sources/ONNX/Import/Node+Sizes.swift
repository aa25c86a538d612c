import GraphIR
import HostTensors

/// Arithmetic with sizes in which named dimensions occur.
extension Node {
    /// The result of an operator on sizes alone; nil if it is none, or the result depends on what the named dimensions are.
    func computedSizes() -> SizeTensor? {
        let sized = inputs.compactMap { $0?.sizes }
        guard sized.count == inputs.count, let first = sized.first, sized.contains(where: { $0.numbers == nil })
        else { return nil }
        switch operatorName {
        case "Cast":
            guard let dtype = (try? self.dtype("to")) ?? nil, dtype.isInteger else { return nil }
            return SizeTensor(dtype, first.shape, first.elements)
        case "ReduceProd": return reduced(first) { $0.product($1) }
        case "ReduceSum": return reduced(first) { ($0 + $1).isModest ? $0 + $1 : nil }
        case "Neg": return SizeTensor(first.dtype, first.shape, first.elements.map { $0 * -1 })
        default: return sized.count == 2 ? combined(first, sized[1]) : nil
        }
    }

    private func combined(_ x: SizeTensor, _ y: SizeTensor) -> SizeTensor? {
        let isComparison = ["Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual"].contains(operatorName)
        let dtype = isComparison ? .bool : x.dtype
        // One number goes with all; shapes of more are the same.
        let count = max(x.elements.count, y.elements.count)
        guard x.elements.count == count || x.elements.count == 1, y.elements.count == count || y.elements.count == 1,
            x.shape == y.shape || x.elements.count == 1 || y.elements.count == 1
        else { return nil }
        let shape = y.shape.count > x.shape.count || x.elements.count < count ? y.shape : x.shape
        var elements: [Dim] = []
        for at in 0..<count {
            let one = x.elements[x.elements.count == 1 ? 0 : at]
            let other = y.elements[y.elements.count == 1 ? 0 : at]
            guard let element = combined(one, other), element.isModest else { return nil }
            elements.append(element)
        }
        return SizeTensor(dtype, shape, elements)
    }

    private func combined(_ x: Dim, _ y: Dim) -> Dim? {
        switch operatorName {
        case "Add": return x + y
        case "Sub": return x - y
        case "Mul": return x.product(y)
        case "Div": return quotient(x, y)
        case "Mod": return quotient(x, y).flatMap { $0.product(y) }.map { x - $0 }
        case "Max": return isLess(x, y).map { $0 ? y : x }
        case "Min": return isLess(x, y).map { $0 ? x : y }
        case "Less": return isLess(x, y).map { $0 ? 1 : 0 }
        case "GreaterOrEqual": return isLess(x, y).map { $0 ? 0 : 1 }
        case "Greater": return isLess(y, x).map { $0 ? 1 : 0 }
        case "LessOrEqual": return isLess(y, x).map { $0 ? 0 : 1 }
        case "Equal":
            if x == y { return 1 }
            return (x - y).bounds(ranges).contains(0) ? nil : 0
        default: return nil
        }
    }

    /// The quotient rounded toward zero, if it is the same polynomial for all sizes.
    private func quotient(_ x: Dim, _ y: Dim) -> Dim? {
        if let dividend = x.constant, let divisor = y.constant, divisor != 0 { return Dim(dividend / divisor) }
        return y == 0 ? nil : x.dividedExactly(by: y)
    }

    /// Whether x is less than y, if that is so for all sizes or for none.
    func isLess(_ x: Dim, _ y: Dim) -> Bool? {
        let difference = (x - y).bounds(ranges)
        return difference.upperBound < 0 ? true : difference.lowerBound >= 0 ? false : nil
    }

    /// All elements of a vector combined.
    private func reduced(_ x: SizeTensor, by combine: (Dim, Dim) -> Dim?) -> SizeTensor? {
        guard x.shape.count <= 1, var result = x.elements.first else { return nil }
        for element in x.elements.dropFirst() {
            guard let next = combine(result, element) else { return nil }
            result = next
        }
        let keeps = bool("keepdims", true) && !x.shape.isEmpty
        return SizeTensor(x.dtype, keeps ? [1] : [], [result])
    }
}

extension Dim {
    /// Whether the numbers and terms are few enough for arithmetic that does not overflow.
    fileprivate var isModest: Bool {
        terms.count <= 64
            && terms.allSatisfy { $0.coefficient.magnitude <= SizeTensor.largest && $0.symbols.count <= 16 }
    }

    /// The product, unless it is too large.
    fileprivate func product(_ other: Dim) -> Dim? {
        func largest(_ dim: Dim) -> Double { dim.terms.map { Double($0.coefficient.magnitude) }.max() ?? 0 }
        let isSmall = largest(self) * largest(other) <= Double(SizeTensor.largest)
        guard isSmall, terms.count * other.terms.count <= 64 else { return nil }
        let product = self * other
        return product.isModest ? product : nil
    }
}
