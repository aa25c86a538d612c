import GraphIR
import GraphTracing

/// What a recurrent layer does to its gates, element by element.
struct RecurrentActivations {
    /// The functions of each direction, in the order of the attribute `activations`.
    let functions: [[@Sendable (Tensor) -> Tensor]]
    /// Whether they are those that the standard has without attributes.
    let areUsual: Bool

    /// The attributes that say what they are.
    static let attributes = ["activation_alpha", "activation_beta", "activations", "clip"]

    /// Reads the attributes of a node with so many directions, `usual` being the names for one without any.
    init(_ node: Node, usual: [String], directions: Int) throws {
        let given = node.attributes["activations"]?.strings.map { String(decoding: $0, as: UTF8.self) } ?? []
        let names = given.isEmpty ? (0..<directions).flatMap { _ in usual } : given
        guard names.count == usual.count * directions else {
            throw node.failure(
                "attribute 'activations' is \(names), expected \(usual.count) for each of \(directions) directions")
        }
        var (alpha, beta) = (node.floats("activation_alpha"), node.floats("activation_beta"))
        let limit = node.attributes["clip"].map { _ in node.float("clip", 0) }
        var all: [@Sendable (Tensor) -> Tensor] = []
        for name in names {
            guard let function = Self.function(name, &alpha, &beta) else {
                throw node.failure("the activation '\(name)' is not known")
            }
            if let limit {
                all.append { function(clip($0, -limit, limit)) }
            } else {
                all.append(function)
            }
        }
        functions = (0..<directions).map { Array(all[($0 * usual.count)...].prefix(usual.count)) }
        areUsual =
            limit == nil
            && names.enumerated().allSatisfy { $1.lowercased() == usual[$0 % usual.count].lowercased() }
    }

    /// The function of that name, which takes its numbers from the front of the lists where they are given.
    private static func function(
        _ name: String, _ alpha: inout [Double], _ beta: inout [Double]
    ) -> (@Sendable (Tensor) -> Tensor)? {
        func next(_ list: inout [Double], _ usual: Double) -> Double { list.isEmpty ? usual : list.removeFirst() }
        switch name.lowercased() {
        case "sigmoid": return { sigmoid($0) }
        case "tanh": return { tanh($0) }
        case "relu": return { relu($0) }
        case "softsign": return { softsign($0) }
        case "softplus": return { softplus($0) }
        case "elu":
            let a = next(&alpha, 1)
            return { elu($0, alpha: a) }
        case "leakyrelu":
            let a = next(&alpha, 0.01)
            return { leakyRelu($0, slope: a) }
        case "thresholdedrelu":
            let a = next(&alpha, 1)
            return { select($0 .> a, $0, Tensor.scalar(0, dtype: $0.dtype)) }
        case "affine":
            let (a, b) = (next(&alpha, 1), next(&beta, 0))
            return { $0 * a + b }
        case "scaledtanh":
            let (a, b) = (next(&alpha, 1), next(&beta, 1))
            return { tanh($0 * b) * a }
        case "hardsigmoid":
            let (a, b) = (next(&alpha, 0.2), next(&beta, 0.5))
            return { clip($0 * a + b, 0, 1) }
        default: return nil
        }
    }
}
