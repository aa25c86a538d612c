import HostTensors

/// The number types reductions and contractions compute in: f64 for all floats, 64-bit wrapping integers for the rest.
protocol Accumulator: HostScalar, Comparable {
    static var zero: Self { get }
    static var one: Self { get }
    /// The neutral element of max, and of min, when results of `dtype` are wanted.
    static func least(of dtype: DType) -> Self
    static func greatest(of dtype: DType) -> Self
    /// Whether it is NaN.
    var isNotANumber: Bool { get }
    static func sum(_ x: Self, _ y: Self) -> Self
    static func product(_ x: Self, _ y: Self) -> Self
}

extension Accumulator {
    /// The larger; NaN wins.
    @inline(__always)
    static func larger(_ x: Self, _ y: Self) -> Self { x > y || x.isNotANumber ? x : y }
    /// The smaller; NaN wins.
    @inline(__always)
    static func smaller(_ x: Self, _ y: Self) -> Self { x < y || x.isNotANumber ? x : y }
}

extension Double: Accumulator {
    static var one: Double { 1 }
    static func least(of dtype: DType) -> Double { -.infinity }
    static func greatest(of dtype: DType) -> Double { .infinity }
    @inline(__always) var isNotANumber: Bool { isNaN }
    @inline(__always) static func sum(_ x: Double, _ y: Double) -> Double { x + y }
    @inline(__always) static func product(_ x: Double, _ y: Double) -> Double { x * y }
}

extension FixedWidthInteger where Self: HostScalar {
    @inline(__always) var isNotANumber: Bool { false }
    @inline(__always) static func sum(_ x: Self, _ y: Self) -> Self { x &+ y }
    @inline(__always) static func product(_ x: Self, _ y: Self) -> Self { x &* y }
}

extension Int64: Accumulator {
    static var one: Int64 { 1 }
    static func least(of dtype: DType) -> Int64 { .min >> Int64(64 - 8 * dtype.byteCount) }
    static func greatest(of dtype: DType) -> Int64 { .max >> Int64(64 - 8 * dtype.byteCount) }
}

extension UInt64: Accumulator {
    static var one: UInt64 { 1 }
    static func least(of dtype: DType) -> UInt64 { 0 }
    static func greatest(of dtype: DType) -> UInt64 { dtype == .bool ? 1 : .max >> UInt64(64 - 8 * dtype.byteCount) }
}

/// A computation that is written once for every accumulator.
protocol AccumulatorVisitor {
    associatedtype Output
    func visit<Number: Accumulator>(_ type: Number.Type) throws -> Output
}

extension DType {
    /// Runs `visitor` with the type that elements of this dtype are accumulated in.
    func accumulate<Visitor: AccumulatorVisitor>(_ visitor: Visitor) throws -> Visitor.Output {
        if isFloat { return try visitor.visit(Double.self) }
        return isSigned ? try visitor.visit(Int64.self) : try visitor.visit(UInt64.self)
    }
}
