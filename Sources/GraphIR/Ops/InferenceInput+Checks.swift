import HostTensors

/// Checks that shape rules share; each error names the op, what was expected and what was found.
extension InferenceInput {
    /// The type of operand `at`.
    func type(_ at: Int) -> TensorType { operands[at] }

    /// Throws unless `dtype` belongs to `dtypes`.
    func require(_ dtypes: DTypeClass, of operand: Int, named name: String) throws {
        guard dtypes.contains(operands[operand].dtype) else {
            throw failure(
                "\(name) must have \(dtypes.summary) elements, got \(operands[operand])", remedy: "cast it first")
        }
    }

    /// Throws unless both operands have one dtype.
    func requireSameDType(_ left: (Int, String), _ right: (Int, String)) throws {
        let (one, other) = (operands[left.0], operands[right.0])
        guard one.dtype == other.dtype else {
            throw failure(
                "\(left.1) and \(right.1) must have one element type, got \(one) and \(other)",
                remedy: "cast one of them first")
        }
    }

    /// Throws unless both operands have one type.
    func requireSameType(_ left: (Int, String), _ right: (Int, String)) throws {
        let (one, other) = (operands[left.0], operands[right.0])
        guard one == other else {
            throw failure(
                "\(left.1) and \(right.1) must have one type, got \(one) and \(other)",
                remedy: "broadcast or cast one of them first")
        }
    }

    /// Throws unless operand `at` is exactly this type.
    func require(_ type: TensorType, of operand: Int, named name: String) throws {
        guard operands[operand] == type else {
            throw failure("\(name) must be \(type), got \(operands[operand])")
        }
    }

    /// Throws unless operand `at` has this many axes.
    func requireRank(_ rank: Int, of operand: Int, named name: String) throws {
        guard operands[operand].rank == rank else {
            throw failure("\(name) must have \(rank) axes, got \(operands[operand])")
        }
    }

    /// Throws unless `axes` are distinct, in `0..<rank`, and (where `ascending`) in order.
    func requireAxes(_ axes: [Int], rank: Int, attribute: String, ascending: Bool = true) throws {
        for axis in axes where !(0..<rank).contains(axis) {
            throw failure(
                "'\(attribute)' names axis \(axis), expected 0 to \(rank - 1)",
                remedy: "operands are \(operands.map(\.description).joined(separator: " and "))")
        }
        guard Set(axes).count == axes.count else { throw failure("'\(attribute)' \(axes) names an axis twice") }
        guard !ascending || axes == axes.sorted() else {
            throw failure("'\(attribute)' \(axes) must be in ascending order", remedy: "write \(axes.sorted())")
        }
    }

    /// Throws unless a list attribute has one entry for each of `count` things.
    func requireCount(_ count: Int, of attribute: String, got: Int, per thing: String) throws {
        guard count == got else {
            throw failure("'\(attribute)' must have \(count) entries, one for each \(thing), got \(got)")
        }
    }

    /// Throws unless every entry is at least `least`.
    func requireAtLeast(_ least: Int, _ values: [Int], attribute: String) throws {
        for value in values where value < least {
            throw failure("'\(attribute)' entries must be at least \(least), got \(value)")
        }
    }

    /// Throws unless `padding` holds `[low, high]`, both at least 0, for each of `count` axes.
    func requirePadding(_ padding: [[Int]], count: Int, per thing: String) throws {
        try requireCount(count, of: "padding", got: padding.count, per: thing)
        for pair in padding {
            guard pair.count == 2 else { throw failure("'padding' entries must be [low, high], got \(pair)") }
            try requireAtLeast(0, pair, attribute: "padding")
        }
    }
}

extension Dim {
    /// Whether the value is at least 0 for all positive values of the symbols, as far as intervals can tell.
    var isProvablyNonNegative: Bool {
        let ranges = Dictionary(uniqueKeysWithValues: symbols.map { ($0, 1...Int(Int32.max)) })
        return bounds(ranges).lowerBound >= 0
    }
}
