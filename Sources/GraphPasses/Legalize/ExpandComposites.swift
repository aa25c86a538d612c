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
        guard function.ops.contains(where: { OpTable.rows[$0.name]?.isComposite ?? false }) else { return false }
        function = try function.expandingComposites(states: context.states).compacted()
        return true
    }
}
