import HostTensors

/// The numbers of one state in a benchmark workload: which stream they come from, and how they are scaled.
struct RecipeParameter {
    /// The stream's name behind the workload's: `l0.qkv.w`.
    let name: String
    let scale: Double
    var offset = 0.0
    /// Which of several equal blocks of columns it is, for weights that lie side by side in the stream.
    var block: (at: Int, of: Int)?

    /// The state's value.
    func value(_ family: String, shape: [Int]) throws -> HostTensor {
        if scale == 0 {
            return try HostTensor([Float](repeating: Float(offset), count: shape.reduce(1, *)), shape: shape)
        }
        let stream = RecipeStream("\(family)/\(name)")
        guard let block, let width = shape.last else { return try stream.reals(shape, scale: scale, offset: offset) }
        let rows = shape.dropLast().reduce(1, *)
        let whole = try stream.reals([rows, width * block.of], scale: scale, offset: offset)
        let numbers = try whole.scalars(as: Float.self)
        let taken = (0..<rows).flatMap { row -> ArraySlice<Float> in
            let start = row * width * block.of + block.at * width
            return numbers[start..<start + width]
        }
        return try HostTensor(taken, shape: shape)
    }
}

extension RecipeParameter {
    /// Which streams the states of the transformers and of ResNet-50 take their numbers from; nil for states that no
    /// stream is for.
    init?(family: String, path: String, shape: [Int]) {
        let parts = path.split(separator: "/").map(String.init)
        switch family {
        case "T3", "I3":
            guard let named = Self.transformer(parts, isFused: family == "T3") else { return nil }
            self = named.scaled(shape, biases: family == "I3" ? 0.125 : 0)
        case "I2":
            guard let name = Self.residual(parts) else { return nil }
            self = RecipeParameter(name: name, scale: 0).scaledInImages(shape)
        default: return nil
        }
    }

    private static let parameterNames = [
        "weight": "w", "bias": "b", "scale": "g", "offset": "b", "runningMean": "m", "runningVariance": "v",
    ]

    private static func transformer(_ parts: [String], isFused: Bool) -> RecipeParameter? {
        let outside = [
            "tokens/table": "tok", "positions": "pos", "words/table": "word", "kinds": "type", "head/weight": "head.w",
        ]
        if let name = outside[parts.joined(separator: "/")] { return RecipeParameter(name: name, scale: 0) }
        guard let last = parts.last, let kind = parameterNames[last] else { return nil }
        if parts[0] == "norm" { return RecipeParameter(name: "\(isFused ? "lnf" : "ln0").\(kind)", scale: 0) }
        guard parts[0] == "blocks", parts.count >= 4 else { return nil }
        let layer = "l\(parts[1])"
        switch (parts[2], parts[3]) {
        case ("attentionNorm", _): return RecipeParameter(name: "\(layer).ln1.\(kind)", scale: 0)
        case ("feedForwardNorm", _): return RecipeParameter(name: "\(layer).ln2.\(kind)", scale: 0)
        case ("feedForward", "expand"): return RecipeParameter(name: "\(layer).fc.\(kind)", scale: 0)
        case ("feedForward", "contract"): return RecipeParameter(name: "\(layer).out.\(kind)", scale: 0)
        case ("attention", "output"):
            return RecipeParameter(name: "\(layer).\(isFused ? "proj" : "o").\(kind)", scale: 0)
        case ("attention", let part):
            guard let at = ["query", "key", "value"].firstIndex(of: part) else { return nil }
            return isFused
                ? RecipeParameter(name: "\(layer).qkv.\(kind)", scale: 0, block: (at, 3))
                : RecipeParameter(name: "\(layer).\(["q", "k", "v"][at]).\(kind)", scale: 0)
        default: return nil
        }
    }

    private static func residual(_ parts: [String]) -> String? {
        guard let last = parts.last, let kind = parameterNames[last] else { return nil }
        if parts[0] == "head" { return "fc.\(kind)" }
        if parts[0] == "stem" { return "stem.\(kind)" }
        guard parts.count == 6, parts[0] == "stages",
            let convolution = ["reduce": "c1", "spatial": "c2", "expand": "c3", "shortcut": "sc"][parts[3]]
        else { return nil }
        return "s\(parts[1])b\(parts[2])\(convolution).\(kind)"
    }

    /// Weights by their inputs, embeddings 1/16, gains near 1, biases as given.
    private func scaled(_ shape: [Int], biases: Double) -> RecipeParameter {
        if name.hasSuffix(".g") { return with(scale: biases, offset: 1) }
        if name.hasSuffix(".b") { return with(scale: biases, offset: 0) }
        if name.hasSuffix(".w") { return with(scale: (3 / Double(shape[0])).squareRoot(), offset: 0) }
        return with(scale: 0.0625, offset: 0)
    }

    private func scaledInImages(_ shape: [Int]) -> RecipeParameter {
        if name.hasSuffix("c3.g") { return with(scale: 0.0625, offset: 0.25) }
        if name.hasSuffix(".g") || name.hasSuffix(".v") { return with(scale: 0.125, offset: 1) }
        if name.hasSuffix(".b") || name.hasSuffix(".m") { return with(scale: 0.125, offset: 0) }
        if name == "fc.w" { return with(scale: (3 / Double(shape[0])).squareRoot(), offset: 0) }
        return with(scale: (6 / Double(shape.dropFirst().reduce(1, *))).squareRoot(), offset: 0)
    }

    private func with(scale: Double, offset: Double) -> RecipeParameter {
        RecipeParameter(name: name, scale: scale, offset: offset, block: block)
    }
}
