import GraphIR
import KernelIR

/// A convolution's weights in panels: as many output channels as a register tile has, for all terms of a pixel's sum one after
/// another. Where the weights are, the channels of one term lie a page or more from those of the next.
struct ConvolutionPanels {
    /// Output channels, and how many of them are in a panel.
    let channels: LoopAxis
    let width: Int
    /// The axes summed over, outermost first.
    let sums: [LoopAxis]

    /// The weights of a convolution that pays for the copy: more than stay in a first cache, in more than one panel.
    init?(_ axes: Contraction, _ tile: ConvolutionTile, weights: TensorType, lanes: Int) {
        let seen = axes.outputs.filter { axes.right.step($0.variable) != 0 }
        width = tile.vectors * lanes
        guard !tile.isWeightGradient, seen.count == 1, axes.left.step(tile.channels.variable) == 0,
            let count = weights.count.constant, count > 1 << 15,
            let outputs = tile.channels.extent.constant, outputs > width
        else { return nil }
        channels = tile.channels
        sums = axes.orderedReduction(by: axes.right)
    }

    private var terms: Dim { Dim.product(sums.map(\.extent)) }

    /// The elements of all panels.
    var count: Dim {
        let outputs = channels.extent.constant ?? 0
        return Dim((outputs + width - 1) / width * width) * terms
    }

    /// How many there are; nil where the last is not a whole one.
    var wholePanels: Int? { channels.extent.constant.flatMap { $0 % width == 0 ? $0 / width : nil } }

    /// Where the weights of a term begin in the panel of the channels at hand.
    var place: IndexExpression {
        let term = flatten(sums.map { Dim(symbol: $0.variable) }, sums.map(\.extent))
        return Dim(symbol: channels.variable) * terms + term * Dim(width)
    }

    /// The same in the next panel.
    var nextPlace: IndexExpression { place + terms * Dim(width) }
}

extension KernelDraft {
    /// The panels of a convolution's weights, if they pay.
    mutating func convolutionPanels(_ group: GroupView, root: GraphOp) throws -> ConvolutionPanels? {
        guard let (axes, tile, lanes) = try convolutionTile(group, root: root) else { return nil }
        return ConvolutionPanels(axes, tile, weights: type(root.operands[1]), lanes: lanes)
    }

    /// Copies a convolution's weights into panels.
    mutating func lowerConvolutionPanels(_ root: GraphOp, _ panels: ConvolutionPanels, to goal: BufferSubject) throws {
        hint = "panels"
        let axes = try convAxes(root)
        guard let channels = axes.outputs.first(where: { axes.right.step($0.variable) == 1 }) else { return }
        let source = buffer(.value(root.operands[1]), type(root.operands[1]), .read)
        let copy = buffer(goal, TensorType(type(root.operands[1]).dtype, [panels.count]), .write)
        let lane = fresh("v")
        let own = ConvolutionPanels(panels, channels: channels, sums: axes.orderedReduction(by: axes.right))
        let index = axes.right.substituting(
            channels.variable, by: Dim(symbol: channels.variable) + Dim(symbol: lane))
        let store = KernelStatement.store(copy, own.place + Dim(symbol: lane), .load(source, index))
        let vectors = KernelStatement.loop(
            KernelLoop(lane, .tile(channels.variable), .vector(unroll: 1), [store]))
        let body = KernelStatement.loop(
            KernelLoop(channels.variable, .count(channels.extent), .tile(step: own.width), [vectors]))
        for statement in inTasks(own.sums, [body], workInside: channels.extent) { append(statement) }
    }
}

extension ConvolutionPanels {
    /// The same panels over the variables of another kernel.
    fileprivate init(_ panels: ConvolutionPanels, channels: LoopAxis, sums: [LoopAxis]) {
        (width, self.channels, self.sums) = (panels.width, channels, sums)
    }
}
