import GraphIR

// before:                                   after:
//   %0 = relu %x : f32[B]                     %0 = constant value f32[]{0} : f32[]
//                                             %1 = broadcast %0 axes [] shape [B] : f32[B]
//                                             %2 = max %x, %1 : f32[B]

extension GraphPass {
    /// Replaces every composite by its body until only primitives are left; the body keeps the composite's place.
    public static let expandComposites = GraphPass(
        name: "expandComposites", summary: "Replaces composites by their bodies."
    ) { function, context in
        var changed = false
        for _ in 0..<deepestNesting {
            let expanded = try GraphRewriter.rebuild(&function, context) { op, rewriter in
                guard case .composite(let body)? = OpTable.rows[op.name]?.meaning else { return nil }
                return try body(&rewriter.builder, op)
            }
            if !expanded { return changed }
            changed = true
        }
        throw GraphError("composites are nested deeper than \(deepestNesting): one contains itself")
    }

    private static let deepestNesting = 32
}
