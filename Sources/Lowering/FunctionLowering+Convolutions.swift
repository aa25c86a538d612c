import GraphIR
import KernelIR

/// Which kernels a convolution becomes.
extension FunctionLowering {
    /// A convolution by tiles of bf16 parts where that pays; says whether it does.
    mutating func lowerTiledConvolution(
        _ view: GroupView, _ root: GraphOp, _ draft: inout KernelDraft
    ) throws -> Bool {
        var trial = draft
        let precision = elsewhere
        if try trial.gradientForm(ifWorthwhile: view, root, precision) != nil {
            let sums = try first(view) { try $0.lowerGradientTiles(root, precision, to: $1) }
            try draft.lowerGradientSum(view, root: root, precision, from: sums)
            return true
        }
        if let form = draft.pointwiseForm(view, root) {
            let weights = try first(view) { $0.lowerPointwiseWeights(root, form, to: $1) }
            try draft.lowerPointwise(view, root: root, form, weights: weights)
            return true
        }
        let found = throughPadding(of: root) { draft.convolutionForm(ifWorthwhile: root, through: $0, precision) }
        guard let (form, padded) = found else { return false }
        // Fewer products in f32 may be done sooner than more of bf16 parts. With tile registers, ResNet-50 takes as long with any margin
        // above this one, and 3 % longer with 0.
        let margin = target.hasTileRegisters ? 0.8 : 1
        if let other = winogradForm(view, root, draft), other.form.cycles < margin * form.cycles {
            return try lowerWinograd(view, root, &draft)
        }
        let pad = padded?.op
        if let padded { drafts[padded.draft].condition = .never }
        let weights = try first(view) { $0.lowerSplitWeights(root, form, to: $1) }
        let words =
            form.isSplitBefore ? try first(view) { $0.lowerSplitInput(root, through: pad, form, to: $1) } : nil
        try draft.lowerConvolutionTiles(view, root: root, through: pad, form, weights: weights, words: words)
        return true
    }

    /// A convolution by fused multiply-adds, its weights in panels where that pays; says whether it has that form.
    mutating func lowerConvolution(
        _ view: GroupView, _ root: GraphOp, _ draft: inout KernelDraft
    ) throws -> Bool {
        if try lowerWinograd(view, root, &draft) { return true }
        if let form = draft.winogradGradientForm(view, root, elsewhere) {
            let sums = try first(view, doing: &draft) { $0.lowerWinogradSums(root, form, to: $1) }
            try draft.lowerWinogradGradient(view, root: root, form, from: sums)
            return true
        }
        var trial = draft
        let panels = try trial.convolutionPanels(view, root: root).map { form in
            try first(view) { try $0.lowerConvolutionPanels(root, form, to: $1) }
        }
        return try draft.lowerConvolution(view, root: root, panels: panels)
    }

    /// A convolution by transformed tiles where that pays; says whether it does.
    private mutating func lowerWinograd(
        _ view: GroupView, _ root: GraphOp, _ draft: inout KernelDraft
    ) throws -> Bool {
        guard let (form, padded) = winogradForm(view, root, draft) else { return false }
        if let padded { drafts[padded.draft].condition = .never }
        let weights = try first(view) { $0.lowerWinogradWeights(root, form, to: $1) }
        if form.isWhole {
            try draft.lowerWinograd(view, root: root, through: padded?.op, form, weights: weights)
        } else {
            let tiles = try first(view, doing: &draft) {
                try $0.lowerWinogradTiles(root, through: padded?.op, form, weights: weights, to: $1)
            }
            try draft.lowerWinogradResults(view, root: root, form, from: tiles)
        }
        return true
    }

    /// The form of a convolution by transformed tiles, and the padding that it is read through.
    private func winogradForm(
        _ view: GroupView, _ root: GraphOp, _ draft: KernelDraft
    ) -> (form: WinogradForm, padded: (op: GraphOp, draft: Int)?)? {
        throughPadding(of: root) {
            draft.winogradForm(view, root, through: $0, elsewhere, weightsAreKept: isUnchanged(root.operands[1]))
        }
    }

    /// The form that reads what is inside the padding around a convolution's input, and that padding; or where there is none such, the form
    /// that reads the input.
    private func throughPadding<Form>(
        of root: GraphOp, _ form: (_ pad: GraphOp?) -> Form?
    ) -> (form: Form, padded: (op: GraphOp, draft: Int)?)? {
        if let padded = pads[root.operands[0]], let found = form(padded.op) { return (found, padded) }
        return form(nil).map { ($0, nil) }
    }

    /// Working memory that a kernel before the one at hand writes, which does that one's operations.
    private mutating func first(
        _ view: GroupView, doing draft: inout KernelDraft, lower: (inout KernelDraft, BufferSubject) throws -> Void
    ) throws -> BufferSubject {
        let ops = draft.ops
        draft.ops = []
        return try first(view) {
            try lower(&$0, $1)
            $0.ops = ops
        }
    }
}
