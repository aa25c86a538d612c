import GraphIR

// Shifting and scaling to mean 0 and variance 1.

/// All axes from `axis` on together to mean 0 and variance 1, then scaled and shifted; `scale` and `offset` have these axes.
public func layerNorm(
    _ x: Tensor, scale: Tensor, offset: Tensor, axis: Int = -1, epsilon: Double = 1e-5, file: String = #fileID,
    line: Int = #line
) -> Tensor {
    Tensor.apply(
        "layerNorm", [x, scale, offset],
        ["axis": .int(axis < 0 ? axis + x.rank : axis), "epsilon": .float(epsilon)],
        place: PlaceScope.call(file, line))
}

/// All axes from `axis` on divided by their root mean square, then scaled; `scale` has these axes.
public func rmsNorm(
    _ x: Tensor, scale: Tensor, axis: Int = -1, epsilon: Double = 1e-5, file: String = #fileID, line: Int = #line
) -> Tensor {
    Tensor.apply(
        "rmsNorm", [x, scale], ["axis": .int(axis < 0 ? axis + x.rank : axis), "epsilon": .float(epsilon)],
        place: PlaceScope.call(file, line))
}

/// Each example's channels (of `axis`) in groups, every group to mean 0 and variance 1, then scaled and shifted channel by
/// channel; as many groups as channels give instance normalization.
public func groupNorm(
    _ x: Tensor, scale: Tensor, offset: Tensor, groups: Int, axis: Int = -1, epsilon: Double = 1e-5,
    file: String = #fileID, line: Int = #line
) -> Tensor {
    Tensor.apply(
        "groupNorm", [x, scale, offset],
        [
            "axis": .int(axis < 0 ? axis + x.rank : axis), "groups": .int(groups), "epsilon": .float(epsilon),
        ], place: PlaceScope.call(file, line))
}

/// Every channel (of `axis`) over all other axes to mean 0 and variance 1, then scaled and shifted: batch normalization in
/// training. The means and variances, of the whole batch, are for running averages.
public func batchNorm(
    _ x: Tensor, scale: Tensor, offset: Tensor, axis: Int = -1, epsilon: Double = 1e-3, file: String = #fileID,
    line: Int = #line
) -> (result: Tensor, mean: Tensor, variance: Tensor) {
    let all = Tensor.applyMany(
        "batchNorm", [x, scale, offset],
        ["axis": .int(axis < 0 ? axis + x.rank : axis), "epsilon": .float(epsilon)], resultCount: 3,
        place: PlaceScope.call(file, line))
    return (all[0], all[1], all[2])
}

/// Every channel (of `axis`) shifted and scaled by known means and variances: batch normalization in inference.
public func batchNorm(
    _ x: Tensor, scale: Tensor, offset: Tensor, mean: Tensor, variance: Tensor, axis: Int = -1, epsilon: Double = 1e-3,
    file: String = #fileID, line: Int = #line
) -> Tensor {
    Tensor.apply(
        "batchNormInference", [x, scale, offset, mean, variance],
        ["axis": .int(axis < 0 ? axis + x.rank : axis), "epsilon": .float(epsilon)],
        place: PlaceScope.call(file, line))
}
