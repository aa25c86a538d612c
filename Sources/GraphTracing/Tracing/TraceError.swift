import GraphIR

/// Everything that was found wrong while a function was traced or a tensor evaluated.
public struct TraceError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The mistakes in the order of the program, each with its place.
    public var errors: [GraphError]

    /// Collects mistakes.
    public init(_ errors: [GraphError]) { self.errors = errors }

    /// The mistakes, one a line; more than one after a headline.
    public var description: String {
        if errors.count == 1 { return errors[0].description }
        return "\(errors.count) errors:\n" + errors.map { "  \($0)" }.joined(separator: "\n")
    }

    /// Throws every mistake that `tensors` carry, if there are any.
    static func check(_ tensors: [Tensor]) throws {
        guard tensors.contains(where: \.isFailed) else { return }
        var errors: [GraphError] = []
        for expression in Expression.ordered(from: tensors) {
            if case .failure(let error) = expression.source, !errors.contains(error) { errors.append(error) }
        }
        throw TraceError(errors)
    }
}
