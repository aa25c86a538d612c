import GraphIR

// Functions of two or three tensors, element by element, with broadcasting.

/// The larger of two elements; NaN wins, elementwise.
public func maximum(_ x: Tensor, _ y: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.elementwise("max", x, y, place: PlaceScope.call(file, line))
}

/// The larger of two elements; NaN wins, elementwise with a number.
public func maximum(_ x: Tensor, _ y: Double, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.elementwise("max", x, Tensor.matching(y, x), place: PlaceScope.call(file, line))
}

/// The smaller of two elements; NaN wins, elementwise.
public func minimum(_ x: Tensor, _ y: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.elementwise("min", x, y, place: PlaceScope.call(file, line))
}

/// The smaller of two elements; NaN wins, elementwise with a number.
public func minimum(_ x: Tensor, _ y: Double, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.elementwise("min", x, Tensor.matching(y, x), place: PlaceScope.call(file, line))
}

/// x to the power y, elementwise.
public func pow(_ x: Tensor, _ y: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.elementwise("pow", x, y, place: PlaceScope.call(file, line))
}

/// x to the power y, elementwise with a number.
public func pow(_ x: Tensor, _ y: Double, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.elementwise("pow", x, Tensor.matching(y, x), place: PlaceScope.call(file, line))
}

/// The remainder of the division, with the sign of x, elementwise.
public func remainder(_ x: Tensor, _ y: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.elementwise("rem", x, y, place: PlaceScope.call(file, line))
}

/// The remainder of the division, with the sign of x, elementwise with a number.
public func remainder(_ x: Tensor, _ y: Double, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.elementwise("rem", x, Tensor.matching(y, x), place: PlaceScope.call(file, line))
}

/// `x` where the condition holds, else `y`, elementwise.
public func select(
    _ condition: Tensor, _ x: Tensor, _ y: Tensor, file: String = #fileID, line: Int = #line
) -> Tensor {
    let place = PlaceScope.call(file, line)
    return Tensor.catching([condition, x, y], place: place) {
        let dtype = x.dtype.promoted(with: y.dtype)
        let branches = TensorType(dtype, try Tensor.commonShape("select", x.type, y.type))
        let shape = try Tensor.commonShape("select", condition.type, branches)
        let (one, other) = (x.converted(to: dtype, place: place), y.converted(to: dtype, place: place))
        return Tensor.apply(
            "select", [condition, one, other].map { $0.broadcast(to: shape, place: place) }, place: place)
    }
}
