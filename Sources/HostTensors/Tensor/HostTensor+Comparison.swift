extension HostTensor {
    /// Whether shapes agree and `|a - b| <= absolute + relative * |b|` for each pair, b being `other`'s; NaN is close
    /// to NaN, an infinity to the same infinity. Dtypes may differ.
    public func isClose(to other: HostTensor, relative: Double = 1e-5, absolute: Double = 1e-8) -> Bool {
        guard shape == other.shape else { return false }
        let left = doubles()
        let right = other.doubles()
        for index in left.indices {
            let (a, b) = (left[index], right[index])
            if a == b || (a.isNaN && b.isNaN) { continue }
            guard b.isFinite, (a - b).magnitude <= absolute + relative * b.magnitude else { return false }
        }
        return true
    }

    /// The largest `|a - b|` over all pairs: infinite if shapes differ or just one of a pair is NaN, 0 for equal
    /// infinities, two NaNs and empty tensors. Dtypes may differ.
    public func maxAbsoluteDifference(to other: HostTensor) -> Double {
        guard shape == other.shape else { return .infinity }
        let left = doubles()
        let right = other.doubles()
        var largest = 0.0
        for index in left.indices {
            let (a, b) = (left[index], right[index])
            if a == b || (a.isNaN && b.isNaN) { continue }
            let difference = (a - b).magnitude
            largest = difference.isNaN ? .infinity : max(largest, difference)
            if largest == .infinity { return largest }
        }
        return largest
    }
}
