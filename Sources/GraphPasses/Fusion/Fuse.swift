import GraphIR

// before:                                          after, as `FusionPlan.text` prints it:
//   %0 = dot %x, %w contract [1],[0] : f32[B,128]    0: contraction over [B,128] reads (%x, %w, %b) writes (%2) {
//   %1 = broadcast %b axes [1] shape [B,128] …         %0 = dot …
//   %2 = add %0, %1 : f32[B,128]                       %1 = broadcast …
//   output %2 : f32[B,128] "y"                         %2 = add …
//                                                    }

/// Groups a function's operations into kernels; every decision is kept with its reason.
///
/// The function holds primitives only and no dead operations. Rules, in order: a contraction takes an elementwise
/// epilogue; reductions over the same rows and the work on their results join; an elementwise operation joins its only
/// reader; loops over one shape join; sums over rows join work on these rows; scalar arithmetic joins. O(operations × edges) at worst.
public func fuse(_ function: GraphFunction) -> FusionPlan {
    let graph = FusionGraph(function)
    var planner = FusionPlanner(graph)
    planner.run()
    let groups = planner.orderedGroups()
    return FusionPlan(groups: groups, decisions: planner.decisions())
}
