import GraphIR

// Functions of one tensor, element by element.

/// The exponential, e^x, elementwise.
public func exp(_ x: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.apply("exp", [x], place: PlaceScope.call(file, line))
}

/// The natural logarithm, elementwise.
public func log(_ x: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.apply("log", [x], place: PlaceScope.call(file, line))
}

/// ln(1 + x), exact near 0, elementwise.
public func log1p(_ x: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.apply("log1p", [x], place: PlaceScope.call(file, line))
}

/// e^x - 1, exact near 0, elementwise.
public func expm1(_ x: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.apply("expm1", [x], place: PlaceScope.call(file, line))
}

/// The square root, elementwise.
public func sqrt(_ x: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.apply("sqrt", [x], place: PlaceScope.call(file, line))
}

/// The reciprocal of the square root, elementwise.
public func rsqrt(_ x: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.apply("rsqrt", [x], place: PlaceScope.call(file, line))
}

/// The hyperbolic tangent, elementwise.
public func tanh(_ x: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.apply("tanh", [x], place: PlaceScope.call(file, line))
}

/// The logistic function, 1 / (1 + e^-x), elementwise.
public func sigmoid(_ x: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.apply("logistic", [x], place: PlaceScope.call(file, line))
}

/// The error function, elementwise.
public func erf(_ x: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.apply("erf", [x], place: PlaceScope.call(file, line))
}

/// The sine, elementwise.
public func sin(_ x: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.apply("sin", [x], place: PlaceScope.call(file, line))
}

/// The cosine, elementwise.
public func cos(_ x: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.apply("cos", [x], place: PlaceScope.call(file, line))
}

/// The largest whole number not above x, elementwise.
public func floor(_ x: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.apply("floor", [x], place: PlaceScope.call(file, line))
}

/// The smallest whole number not below x, elementwise.
public func ceil(_ x: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.apply("ceil", [x], place: PlaceScope.call(file, line))
}

/// The nearest whole number, ties to even, elementwise.
public func round(_ x: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.apply("round", [x], place: PlaceScope.call(file, line))
}

/// The magnitude, elementwise.
public func abs(_ x: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.apply("abs", [x], place: PlaceScope.call(file, line))
}

/// -1, 0 or 1 as x is negative, zero or positive, elementwise.
public func sign(_ x: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.apply("sign", [x], place: PlaceScope.call(file, line))
}

/// Whether x is neither infinite nor NaN, elementwise.
public func isFinite(_ x: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.apply("isFinite", [x], place: PlaceScope.call(file, line))
}

/// The positive part, max(x, 0), elementwise.
public func relu(_ x: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.apply("relu", [x], place: PlaceScope.call(file, line))
}

/// x times its logistic function, elementwise.
public func silu(_ x: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.apply("silu", [x], place: PlaceScope.call(file, line))
}

/// x Φ(x) with Φ the normal distribution function, exact or approximated by tanh, elementwise.
public func gelu(
    _ x: Tensor, approximate: Bool = false, file: String = #fileID, line: Int = #line
) -> Tensor {
    Tensor.apply(
        "gelu", [x], ["approximate": .keyword(approximate ? "tanh" : "exact")], place: PlaceScope.call(file, line))
}
