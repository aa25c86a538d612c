import GraphIR

// Activation functions, element by element.

/// x where it is positive, else a small part of it, elementwise.
public func leakyRelu(_ x: Tensor, slope: Double = 0.01, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.apply("leakyRelu", [x], ["slope": .float(slope)], place: PlaceScope.call(file, line))
}

/// The positive part, at most 6, elementwise.
public func relu6(_ x: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.apply("relu6", [x], place: PlaceScope.call(file, line))
}

/// x where it is positive, else `alpha (e^x - 1)`, elementwise.
public func elu(_ x: Tensor, alpha: Double = 1, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.apply("elu", [x], ["alpha": .float(alpha)], place: PlaceScope.call(file, line))
}

/// The self-normalizing exponential unit, elementwise.
public func selu(_ x: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.apply("selu", [x], place: PlaceScope.call(file, line))
}

/// A smooth positive part, ln(1 + e^x), elementwise.
public func softplus(_ x: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.apply("softplus", [x], place: PlaceScope.call(file, line))
}

/// The logarithm of the logistic function, elementwise.
public func logSigmoid(_ x: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.apply("logSigmoid", [x], place: PlaceScope.call(file, line))
}

/// x / (1 + |x|), elementwise.
public func softsign(_ x: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.apply("softsign", [x], place: PlaceScope.call(file, line))
}

/// x tanh(softplus(x)), elementwise.
public func mish(_ x: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.apply("mish", [x], place: PlaceScope.call(file, line))
}

/// The logistic function in three straight lines, min(max(x + 3, 0), 6) / 6, elementwise.
public func hardSigmoid(_ x: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.apply("hardSigmoid", [x], place: PlaceScope.call(file, line))
}

/// x times its hard sigmoid, elementwise.
public func hardSwish(_ x: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.apply("hardSwish", [x], place: PlaceScope.call(file, line))
}

/// x kept between -1 and 1, elementwise.
public func hardTanh(_ x: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.apply("hardTanh", [x], place: PlaceScope.call(file, line))
}

/// x where it is positive, else a learned part of it; `slope` has the last axes of x (or is one number).
public func prelu(_ x: Tensor, _ slope: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.apply("prelu", [x, slope], place: PlaceScope.call(file, line))
}
