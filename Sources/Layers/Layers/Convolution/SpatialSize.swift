/// How many spatial axes a layer works over: `Line`, `Plane` or `Volume`.
public protocol SpatialRank: Sendable {
    /// Their number.
    static var axes: Int { get }
}

/// One spatial axis, such as time: batches are [batch, length, channels].
public enum Line: SpatialRank {
    /// One.
    public static let axes = 1
}

/// Two spatial axes: batches are [batch, height, width, channels].
public enum Plane: SpatialRank {
    /// Two.
    public static let axes = 2
}

/// Three spatial axes: batches are [batch, depth, height, width, channels].
public enum Volume: SpatialRank {
    /// Three.
    public static let axes = 3
}

extension SpatialRank {
    /// How layers over so many axes are called: `2D`.
    static var suffix: String { "\(axes)D" }
}

/// A size along spatial axes: one number for all, `3`, or one for each, `[3, 5]`.
public struct SpatialSize: Sendable, Hashable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral,
    CustomStringConvertible
{
    private let sizes: [Int]

    /// One number for all axes.
    public init(_ size: Int) { sizes = [size] }

    /// One number for each axis.
    public init(_ sizes: [Int]) { self.sizes = sizes }

    /// One number for all axes.
    public init(integerLiteral size: Int) { sizes = [size] }

    /// One number for each axis.
    public init(arrayLiteral sizes: Int...) { self.sizes = sizes }

    /// The numbers for so many axes; as many as were given if they do not fit.
    public func along(_ axes: Int) -> [Int] { sizes.count == 1 ? Array(repeating: sizes[0], count: axes) : sizes }

    /// The numbers.
    public var description: String { sizes.count == 1 ? "\(sizes[0])" : "\(sizes)" }
}
