import GraphIR

extension RewriteRule {
    private static let x = Pattern.any("x")

    /// Laws of repetition.
    static let broadcasts: [RewriteRule] = [
        RewriteRule("broadcast-same", "a broadcast that adds no axis is none", .op("broadcast", [x])) {
            $0.builder.type($1["x"]) == $1.type ? $1["x"] : nil
        },
        RewriteRule(
            "broadcast-broadcast", "axes compose: i → inner[i] → outer[inner[i]]",
            .op("broadcast", [.op("broadcast", [x], as: "inner")])
        ) { rewriter, match in
            let outer = match.root.attributes.ints("axes")
            let axes = match.op("inner").attributes.ints("axes").map { outer[$0] }
            return try rewriter.builder.broadcast(match["x"], axes: axes, shape: match.type.shape)
        },
        RewriteRule(
            "broadcast-reshape", "axes of size 1 that a reshape inserts are new axes of the broadcast",
            .op("broadcast", [.op("reshape", [x], as: "inner")])
        ) { rewriter, match in
            let from = rewriter.builder.type(match["x"]).shape
            let to = rewriter.builder.type(match.op("inner").results[0]).shape
            guard let places = placesOfOldAxes(from, to) else { return nil }
            let outer = match.root.attributes.ints("axes")
            return try rewriter.builder.broadcast(
                match["x"], axes: places.map { outer[$0] }, shape: match.type.shape)
        },
        RewriteRule(
            "hoist-broadcast", "f(repeat x, repeat y) = repeat f(x, y): each number is computed once",
            .anyElementwise, hoisted),
        RewriteRule(
            "sink-reshape", "f(reshape x, reshape y) = reshape f(x, y): elements keep their order, and loops can join",
            .anyElementwise, sunk),
    ]

    /// Laws of places.
    static let movement: [RewriteRule] =
        ofSplat(["reshape", "transpose", "slice", "reverse"]) + [
            RewriteRule("reshape-same", "a reshape to the same shape is none", .op("reshape", [x])) {
                $0.builder.type($1["x"]) == $1.type ? $1["x"] : nil
            },
            RewriteRule("reshape-reshape", "only the last shape counts", .op("reshape", [.op("reshape", [x])])) {
                try $0.builder.reshape($1["x"], $1.type.shape)
            },
            RewriteRule("transpose-same", "the identity permutation moves nothing", .op("transpose", [x])) {
                let permutation = $1.root.attributes.ints("permutation")
                return permutation == Array(permutation.indices) ? $1["x"] : nil
            },
            RewriteRule(
                "transpose-transpose", "permutations compose: result axis i is axis inner[outer[i]]",
                .op("transpose", [.op("transpose", [x], as: "inner")])
            ) { rewriter, match in
                let inner = match.op("inner").attributes.ints("permutation")
                return try rewriter.builder.transpose(
                    match["x"], match.root.attributes.ints("permutation").map { inner[$0] })
            },
            RewriteRule("transpose-unit", "moving axes of size 1 only is a reshape", .op("transpose", [x])) {
                rewriter, match in
                let shape = rewriter.builder.type(match["x"]).shape
                let long = match.root.attributes.ints("permutation").filter { shape[$0] != Dim(1) }
                return long == long.sorted() ? try rewriter.builder.reshape(match["x"], match.type.shape) : nil
            },
            RewriteRule("slice-same", "the whole block from 0 is everything", .op("slice", [x])) {
                $0.builder.type($1["x"]) == $1.type && $1.root.attributes.ints("starts").allSatisfy { $0 == 0 }
                    ? $1["x"] : nil
            },
            RewriteRule(
                "slice-slice",
                "position j of the result is start + stride · (start' + stride' · j); strides that no element takes are 1",
                .op("slice", [.op("slice", [x], as: "inner")])
            ) { rewriter, match in
                let (outer, inner) = (match.root.attributes, match.op("inner").attributes)
                let (starts, strides) = (inner.ints("starts"), inner.ints("strides"))
                return try rewriter.builder.slice(
                    match["x"],
                    starts: starts.indices.map { starts[$0] + strides[$0] * outer.ints("starts")[$0] },
                    sizes: match.type.shape,
                    strides: strides.indices.map {
                        match.type.shape[$0] == Dim(1) ? 1 : strides[$0] * outer.ints("strides")[$0]
                    })
            },
            RewriteRule("slice-concat", "what lies in one part is read from that part", .op("slice", [x])) {
                try sliceOfPart(&$0, $1)
            },
            RewriteRule("reverse-none", "reversing axes of size 1, or none, moves nothing", .op("reverse", [x])) {
                let shape = $1.type.shape
                return $1.root.attributes.ints("axes").allSatisfy { shape[$0] == Dim(1) } ? $1["x"] : nil
            },
            RewriteRule(
                "reverse-reverse", "the same axes twice is none",
                .op("reverse", [.op("reverse", [x], as: "inner")])
            ) { _, match in
                let (outer, inner) = (match.root.attributes.ints("axes"), match.op("inner").attributes.ints("axes"))
                return outer.sorted() == inner.sorted() ? match["x"] : nil
            },
            RewriteRule("pad-none", "nothing around and between is no padding", .op("pad", [x, .any("value")])) {
                let attributes = $1.root.attributes
                let counts = attributes.ints("low") + attributes.ints("high") + attributes.ints("interior")
                return counts.allSatisfy { $0 == 0 } ? $1["x"] : nil
            },
            RewriteRule(
                "pad-pad", "paddings of one value add up",
                .op("pad", [.op("pad", [x, .any("value")], as: "inner"), .any("value")])
            ) { rewriter, match in
                let (outer, inner) = (match.root.attributes, match.op("inner").attributes)
                guard (outer.ints("interior") + inner.ints("interior")).allSatisfy({ $0 == 0 }) else { return nil }
                return try rewriter.builder.pad(
                    match["x"], value: match["value"],
                    low: zip(outer.ints("low"), inner.ints("low")).map(+),
                    high: zip(outer.ints("high"), inner.ints("high")).map(+), interior: outer.ints("interior"))
            },
            RewriteRule("concat-one", "one part alone is the whole", .op("concat", [x])) { $1["x"] },
        ]

    /// Moving the elements of a repeated number changes nothing but the shape.
    private static func ofSplat(_ names: [String]) -> [RewriteRule] {
        names.map { name in
            RewriteRule("\(name)-repeated", "moved copies of one number are copies of it", .op(name, [x])) {
                rewriter, match in
                guard match.type.rank > 0, rewriter.builder.type(match["x"]).rank > 0,
                    let scalar = rewriter.repeatedScalar(match["x"])
                else { return nil }
                return try rewriter.builder.broadcast(scalar, axes: [], shape: match.type.shape)
            }
        }
    }

    /// The slice of the only part of a `concat` that it reads, if there is one.
    private static func sliceOfPart(_ rewriter: inout GraphRewriter, _ match: Match) throws -> ValueID? {
        guard let whole = rewriter.maker(match["x"], named: "concat") else { return nil }
        let axis = whole.attributes.int("axis")
        var starts = match.root.attributes.ints("starts")
        let strides = match.root.attributes.ints("strides")
        guard let size = match.type.shape[axis].constant, size > 0 else { return nil }
        let last = starts[axis] + (size - 1) * strides[axis]
        var begin = 0
        for part in whole.operands {
            guard let count = rewriter.builder.type(part).shape[axis].constant else { return nil }
            if (begin..<begin + count).contains(starts[axis]) {
                guard last < begin + count else { return nil }
                starts[axis] -= begin
                return try rewriter.builder.slice(part, starts: starts, sizes: match.type.shape, strides: strides)
            }
            begin += count
        }
        return nil
    }

    /// The axis of `to` that each axis of `from` became, if `to` is `from` with axes of size 1 inserted.
    private static func placesOfOldAxes(_ from: [Dim], _ to: [Dim]) -> [Int]? {
        var places: [Int] = []
        for (at, size) in to.enumerated() {
            if places.count < from.count && from[places.count] == size {
                places.append(at)
            } else if size != Dim(1) {
                return nil
            }
        }
        return places.count == from.count ? places : nil
    }

    @Sendable
    private static func hoisted(_ rewriter: inout GraphRewriter, _ match: Match) throws -> ValueID? {
        guard match.type.rank > 0, !match.root.operands.isEmpty else { return nil }
        var axes: [Int] = []
        for operand in match.root.operands {
            guard let op = rewriter.maker(operand, named: "broadcast") else { return nil }
            let own = op.attributes.ints("axes")
            if own.isEmpty { continue }
            guard axes.isEmpty || axes == own else { return nil }
            axes = own
        }
        let small = axes.map { match.type.shape[$0] }
        var operands: [ValueID] = []
        for operand in match.root.operands {
            guard let op = rewriter.maker(operand, named: "broadcast") else { return nil }
            let isScalar = op.attributes.ints("axes").isEmpty && !axes.isEmpty
            operands.append(
                isScalar ? try rewriter.builder.broadcast(op.operands[0], axes: [], shape: small) : op.operands[0])
        }
        let value = try rewriter.builder.emit(match.root.name, operands, match.root.attributes)[0]
        return try rewriter.builder.broadcast(value, axes: axes, shape: match.type.shape)
    }

    @Sendable
    private static func sunk(_ rewriter: inout GraphRewriter, _ match: Match) throws -> ValueID? {
        var source: [Dim]?
        for operand in match.root.operands {
            if let op = rewriter.maker(operand, named: "reshape") {
                let shape = rewriter.builder.type(op.operands[0]).shape
                guard source == nil || source == shape else { return nil }
                source = shape
            } else if rewriter.repeatedScalar(operand) == nil {
                return nil
            }
        }
        guard let source else { return nil }
        var operands: [ValueID] = []
        for operand in match.root.operands {
            if let op = rewriter.maker(operand, named: "reshape") {
                operands.append(op.operands[0])
            } else if let scalar = rewriter.repeatedScalar(operand) {
                operands.append(
                    source.isEmpty ? scalar : try rewriter.builder.broadcast(scalar, axes: [], shape: source))
            }
        }
        let value = try rewriter.builder.emit(match.root.name, operands, match.root.attributes)[0]
        return try rewriter.builder.reshape(value, match.type.shape)
    }
}
