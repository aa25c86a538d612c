import GraphIR
import HostTensors
import Synchronization

/// One step of a recorded computation: what makes one or more tensors, and out of what.
///
/// Expressions form a graph without cycles; two tensors are the same value exactly when they share the expression.
final class Expression: @unchecked Sendable {
    /// What an expression is.
    enum Source: Sendable {
        /// A row of the op table with complete attributes.
        case operation(String, Attributes)
        /// A named input of the function that is being traced.
        case input(String)
        /// The value a variable had when the traced call began.
        case variable(Variable)
        /// A mistake, reported when the value is needed.
        case failure(GraphError)
    }

    let source: Source
    let types: [TensorType]
    let place: Place?
    /// Whether a mistake lies here or anywhere below.
    let isFailed: Bool
    /// How deep in bodies of other operations it is made.
    let depth = BodyDepth.current
    /// Its value, where it was computed on the spot and is still kept.
    let evaluated = Mutex<EvaluatedValue?>(nil)
    /// Immutable except that `deinit` of a reader takes it apart; see there.
    private(set) var operands: [Tensor]

    init(_ source: Source, operands: [Tensor] = [], types: [TensorType], place: Place?) {
        self.source = source
        self.operands = operands
        self.types = types
        self.place = place
        if case .failure = source {
            isFailed = true
        } else {
            isFailed = operands.contains { $0.expression.isFailed }
        }
    }

    /// Releases what lies below in a loop: a chain of a million operations must not recurse a million times.
    deinit {
        if operands.isEmpty { return }
        var pending = operands.map(\.expression)
        operands = []
        while var next = pending.popLast() {
            // Nobody else holds it, so nobody else can read its operands while they are taken away.
            guard isKnownUniquelyReferenced(&next) else { continue }
            pending += next.operands.map(\.expression)
            next.operands = []
        }
    }
}

extension Expression {
    /// All expressions that `roots` depend on, each after its operands and once; those that are not wanted are left out, with
    /// what only they depend on.
    static func ordered(from roots: [Tensor], where isWanted: (Expression) -> Bool = { _ in true }) -> [Expression] {
        var order: [Expression] = []
        var seen: Set<ObjectIdentifier> = []
        for root in roots { visit(root.expression, &seen, &order, isWanted) }
        return order
    }

    private static func visit(
        _ root: Expression, _ seen: inout Set<ObjectIdentifier>, _ order: inout [Expression],
        _ isWanted: (Expression) -> Bool
    ) {
        guard seen.insert(ObjectIdentifier(root)).inserted, isWanted(root) else { return }
        var stack: [(expression: Expression, next: Int)] = [(root, 0)]
        while let (expression, next) = stack.last {
            if next == expression.operands.count {
                order.append(expression)
                stack.removeLast()
                continue
            }
            stack[stack.count - 1].next += 1
            let operand = expression.operands[next].expression
            if seen.insert(ObjectIdentifier(operand)).inserted, isWanted(operand) { stack.append((operand, 0)) }
        }
    }
}
