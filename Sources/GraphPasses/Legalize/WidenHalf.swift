import GraphIR
import HostTensors

// before:
//   %0 = add %x, %y : f16[B]
//   %1 = dot %0, %w contract [0],[0] : f16[]
// after:
//   %0 = cast %x to f32 : f32[B]
//   %1 = cast %y to f32 : f32[B]
//   %2 = add %0, %1 : f32[B]
//   %3 = cast %2 to f16 : f16[B]
//   %4 = cast %3 to f32 : f32[B]
//   …

extension GraphPass {
    /// Computes on `f16` and `bf16` elements in `f32`, and rounds each operation's result: what their arithmetic means.
    ///
    /// Operations that only move elements keep them as they are, so memory traffic stays at two bytes an element.
    public static let widenHalf = GraphPass(
        name: "widenHalf", summary: "Computes f16 and bf16 in f32, with a rounding after each operation."
    ) { function, context in
        try GraphRewriter.rebuild(&function, context) { op, rewriter in
            if op.name == "iota", let dtype = op.attributes.dtype("dtype"), dtype.isHalf {
                var attributes = op.attributes
                attributes["dtype"] = .dtype(.i32)
                let positions = try rewriter.builder.emit("iota", [], attributes)[0]
                return [try rewriter.builder.cast(positions, to: dtype)]
            }
            guard !op.movesElements else { return nil }
            guard let half = op.operands.map({ rewriter.builder.type($0).dtype }).first(where: \.isHalf) else {
                return nil
            }
            let wide = try op.operands.map { operand in
                rewriter.builder.type(operand).dtype.isHalf ? try rewriter.builder.cast(operand, to: .f32) : operand
            }
            return try rewriter.builder.emit(op.name, wide, op.attributes).map { result in
                rewriter.builder.type(result).dtype == .f32 ? try rewriter.builder.cast(result, to: half) : result
            }
        }
    }
}

extension DType {
    /// Whether arithmetic on it is done in f32.
    var isHalf: Bool { self == .f16 || self == .bf16 }
}

extension GraphOp {
    /// Whether it passes elements on, or converts them, without computing on them; what the user's code does with them is its own affair.
    var movesElements: Bool {
        [
            "constant", "broadcast", "reshape", "transpose", "slice", "pad", "concat", "reverse", "select", "gather",
            "dynamicSlice", "dynamicUpdateSlice", "cast", "custom",
        ].contains(name)
    }
}
