import GraphIR

/// Arithmetic with NumPy's broadcasting; operands are converted to their common dtype, plain numbers take the tensor's.
extension Tensor {
    /// The elementwise sum.
    public static func + (x: Tensor, y: Tensor) -> Tensor { elementwise("add", x, y) }
    /// The sum of every element and a number.
    public static func + (x: Tensor, y: Double) -> Tensor { x + matching(y, x) }
    /// The sum of a number and every element.
    public static func + (x: Double, y: Tensor) -> Tensor { matching(x, y) + y }
    /// Replaces the tensor by the elementwise sum.
    public static func += (x: inout Tensor, y: Tensor) { x = x + y }
    /// Replaces the tensor by the sum with a number.
    public static func += (x: inout Tensor, y: Double) { x = x + y }

    /// The elementwise difference.
    public static func - (x: Tensor, y: Tensor) -> Tensor { elementwise("sub", x, y) }
    /// The difference of every element and a number.
    public static func - (x: Tensor, y: Double) -> Tensor { x - matching(y, x) }
    /// The difference of a number and every element.
    public static func - (x: Double, y: Tensor) -> Tensor { matching(x, y) - y }
    /// Replaces the tensor by the elementwise difference.
    public static func -= (x: inout Tensor, y: Tensor) { x = x - y }
    /// Replaces the tensor by the difference with a number.
    public static func -= (x: inout Tensor, y: Double) { x = x - y }

    /// The elementwise product.
    public static func * (x: Tensor, y: Tensor) -> Tensor { elementwise("mul", x, y) }
    /// The product of every element and a number.
    public static func * (x: Tensor, y: Double) -> Tensor { x * matching(y, x) }
    /// The product of a number and every element.
    public static func * (x: Double, y: Tensor) -> Tensor { matching(x, y) * y }
    /// Replaces the tensor by the elementwise product.
    public static func *= (x: inout Tensor, y: Tensor) { x = x * y }
    /// Replaces the tensor by the product with a number.
    public static func *= (x: inout Tensor, y: Double) { x = x * y }

    /// The elementwise quotient.
    public static func / (x: Tensor, y: Tensor) -> Tensor { elementwise("div", x, y) }
    /// The quotient of every element and a number.
    public static func / (x: Tensor, y: Double) -> Tensor { x / matching(y, x) }
    /// The quotient of a number and every element.
    public static func / (x: Double, y: Tensor) -> Tensor { matching(x, y) / y }
    /// Replaces the tensor by the elementwise quotient.
    public static func /= (x: inout Tensor, y: Tensor) { x = x / y }
    /// Replaces the tensor by the quotient with a number.
    public static func /= (x: inout Tensor, y: Double) { x = x / y }

    /// The elementwise negation.
    public static prefix func - (x: Tensor) -> Tensor { apply("neg", [x]) }
}

/// Elementwise comparisons, with broadcasting; results are `bool` tensors.
extension Tensor {
    /// Where elements are equal.
    public static func .== (x: Tensor, y: Tensor) -> Tensor {
        elementwise("compare", x, y, ["direction": .keyword("equal")])
    }
    /// Where elements are equal to a number.
    public static func .== (x: Tensor, y: Double) -> Tensor { x .== matching(y, x) }

    /// Where elements differ.
    public static func .!= (x: Tensor, y: Tensor) -> Tensor {
        elementwise("compare", x, y, ["direction": .keyword("notEqual")])
    }
    /// Where elements differ from a number.
    public static func .!= (x: Tensor, y: Double) -> Tensor { x .!= matching(y, x) }

    /// Where elements are less than the other's.
    public static func .< (x: Tensor, y: Tensor) -> Tensor {
        elementwise("compare", x, y, ["direction": .keyword("less")])
    }
    /// Where elements are less than a number.
    public static func .< (x: Tensor, y: Double) -> Tensor { x .< matching(y, x) }

    /// Where elements are at most the other's.
    public static func .<= (x: Tensor, y: Tensor) -> Tensor {
        elementwise("compare", x, y, ["direction": .keyword("lessEqual")])
    }
    /// Where elements are at most a number.
    public static func .<= (x: Tensor, y: Double) -> Tensor { x .<= matching(y, x) }

    /// Where elements are greater than the other's.
    public static func .> (x: Tensor, y: Tensor) -> Tensor {
        elementwise("compare", x, y, ["direction": .keyword("greater")])
    }
    /// Where elements are greater than a number.
    public static func .> (x: Tensor, y: Double) -> Tensor { x .> matching(y, x) }

    /// Where elements are at least the other's.
    public static func .>= (x: Tensor, y: Tensor) -> Tensor {
        elementwise("compare", x, y, ["direction": .keyword("greaterEqual")])
    }
    /// Where elements are at least a number.
    public static func .>= (x: Tensor, y: Double) -> Tensor { x .>= matching(y, x) }

    /// Where both hold.
    public static func .& (x: Tensor, y: Tensor) -> Tensor { elementwise("and", x, y) }
    /// Where one or both hold.
    public static func .| (x: Tensor, y: Tensor) -> Tensor { elementwise("or", x, y) }
    /// Where a condition does not hold.
    public static prefix func .! (x: Tensor) -> Tensor { apply("not", [x]) }
}
