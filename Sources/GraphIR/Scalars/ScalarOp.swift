/// What is computed for one element: the vocabulary shared by interpreter, constant folder, kernel bodies and emission.
///
/// Operands and result have the same dtype, except: comparisons and `isFinite` give `bool`, `select` takes a `bool`
/// first, `cast` converts to the dtype its context names.
public enum ScalarOp: String, CaseIterable, Sendable, Hashable {
    case neg, abs, sign, exp, log, log1p, expm1, sqrt, rsqrt, tanh, logistic, erf, sin, cos, floor, ceil, round, not
    case isFinite
    case cast
    case add, sub, mul, div, pow, max, min, rem, and, or, xor, shiftLeft, shiftRight
    case equal, notEqual, less, lessEqual, greater, greaterEqual
    case select
    /// `a·b + c` with one rounding where the target has it; made by lowering, never written in a graph.
    case multiplyAdd

    /// How many operands it takes.
    public var arity: Int {
        switch self {
        case .neg, .abs, .sign, .exp, .log, .log1p, .expm1, .sqrt, .rsqrt, .tanh, .logistic, .erf, .sin, .cos, .floor,
            .ceil, .round, .not, .isFinite, .cast:
            1
        case .select, .multiplyAdd: 3
        default: 2
        }
    }

    /// Whether the result is `bool` whatever the operands are.
    public var givesBool: Bool {
        switch self {
        case .isFinite, .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual: true
        default: false
        }
    }
}
