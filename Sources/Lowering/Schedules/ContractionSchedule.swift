import GraphIR
import HostTensors
import KernelIR

/// A sum of products as index polynomials: what dot and conv have in common.
struct Contraction {
    /// The axes of the result, outermost first.
    var outputs: [LoopAxis]
    /// The axes summed over.
    var reduced: [LoopAxis]
    /// The result's indices over the output axes' variables.
    var indices: [IndexExpression]
    /// The element of each operand that is multiplied.
    var left: IndexExpression
    var right: IndexExpression
    /// What a product is left out for: one of these is negative. A factor is zero then, or the result is not read.
    var margins: [IndexExpression] = []
}

extension Contraction {
    /// The part of a sum along `variable` that counts for a tile of results, whose axes begin at variables and are so long; nil where it is all.
    func window(of variable: String, _ extent: Dim, tiles: [(variable: String, size: Int)]) -> LoopWindow? {
        var window = LoopWindow()
        for margin in margins {
            var most = margin
            for (variable, size) in tiles {
                guard let step = margin.step(variable).constant else { return nil }
                most = most + Dim(max(0, step) * (size - 1))
            }
            guard let (factor, rest) = most.split(by: variable) else { continue }
            switch factor.constant {
            case 1: window.from = 0 - rest
            case -1: window.below = rest + 1
            // The whole sum, or nothing of it.
            case 0 where window.below == nil: window.below = (rest + 1) * extent
            default: continue
            }
        }
        return window == LoopWindow() ? nil : window
    }

    /// Counts an axis as blocks, which come last among those of the result, and places in a block; gives the axis of the latter. If it is summed
    /// over, the result is that of one block.
    mutating func divide(_ axis: LoopAxis, into block: Int, names: (blocks: String, places: String)) -> LoopAxis {
        let inside = LoopAxis(variable: names.places, extent: Dim(block))
        let blocks = (axis.extent.constant ?? block) / block
        let place = Dim(symbol: names.blocks) * Dim(block) + Dim(symbol: names.places)
        outputs = outputs.map { $0.variable == axis.variable ? inside : $0 }
        reduced = reduced.map { $0.variable == axis.variable ? inside : $0 }
        outputs.append(LoopAxis(variable: names.blocks, extent: Dim(blocks)))
        indices = indices.map { $0.substituting(axis.variable, by: place) }
        left = left.substituting(axis.variable, by: place)
        right = right.substituting(axis.variable, by: place)
        margins = margins.map { $0.substituting(axis.variable, by: place) }
        return inside
    }
}

extension IndexExpression {
    /// The factor of a variable (0 where it does not occur).
    func step(_ variable: String) -> Dim { split(by: variable)?.factor ?? 0 }
}

extension KernelDraft {
    /// `contraction`: register tiles over the result; `lowerBroadcastTile` and `lowerLaneTile` are the two forms.
    mutating func lowerContraction(_ group: GroupView, root: GraphOp, through transpose: GraphOp? = nil) throws {
        hint = root.name
        let contraction = root.name == "dot" ? dotAxes(root, through: transpose) : try convAxes(root)
        let leftNumber = buffer(.value(root.operands[0]), type(root.operands[0]), .read)
        let right = transpose?.operands[0] ?? root.operands[1]
        let rightNumber = buffer(.value(right), type(right), .read)
        let dtype = type(root.results[0]).dtype
        let lanes = target.lanes(storing: group.outputs.map { type($0).dtype })
        let job = ContractionJob(
            group: group, root: root, contraction: contraction, left: leftNumber, right: rightNumber, dtype: dtype,
            lanes: lanes)
        let shape = type(root.results[0]).shape
        let across = contraction.vectorAxis(ofResult: shape, contiguous: true)
        let along = contraction.reducedVectorAxis()
        // A lane tile loads half as much again for each product as a broadcast tile does.
        let laneTileWins = (along?.lanesInUse(lanes) ?? 0) * 0.7 > (across?.lanesInUse(lanes) ?? 0)
        if let across, !laneTileWins {
            if try lowerSumsByBlocks(job, vector: across) { return }
            try lowerBroadcastTile(job, vector: across)
        } else if let along {
            try lowerLaneTile(job, vector: along)
        } else if let axis = contraction.vectorAxis(ofResult: shape, contiguous: false) {
            try lowerBroadcastTile(job, vector: axis)
        } else {
            try lowerLaneTile(job, vector: nil)
        }
    }

    // MARK: Index polynomials

    /// The axes of a `dot`; with `transpose`, the right operand is what that transposes.
    mutating func dotAxes(_ root: GraphOp, through transpose: GraphOp? = nil) -> Contraction {
        let contract = root.attributes.intLists("contract")
        let batch = root.attributes.intLists("batch")
        let (x, y) = (type(root.operands[0]).shape, type(root.operands[1]).shape)
        var left = [IndexExpression?](repeating: nil, count: x.count)
        var right = [IndexExpression?](repeating: nil, count: y.count)
        var outputs: [LoopAxis] = []
        var reduced: [LoopAxis] = []
        var indices: [IndexExpression] = []
        for (a, b) in zip(batch[0], batch[1]) {
            let (axes, index) = axes([x[a]], "n")
            outputs += axes
            indices += index
            left[a] = index[0]
            right[b] = index[0]
        }
        for (a, b) in zip(contract[0], contract[1]) {
            let (axes, index) = axes([x[a]], "k")
            reduced += axes
            left[a] = index[0]
            right[b] = index[0]
        }
        for a in x.indices where left[a] == nil {
            let (axes, index) = axes([x[a]], "i")
            outputs += axes
            indices += index
            left[a] = index[0]
        }
        for b in y.indices where right[b] == nil {
            let (axes, index) = axes([y[b]], "j")
            outputs += axes
            indices += index
            right[b] = index[0]
        }
        let leftIndex = flatten(left.map { $0 ?? 0 }, x)
        var rightIndices = right.map { $0 ?? 0 }
        var rightShape = y
        if let transpose {
            rightShape = type(transpose.operands[0]).shape
            for (at, axis) in transpose.attributes.ints("permutation").enumerated() {
                rightIndices[axis] = right[at] ?? 0
            }
        }
        var contraction = Contraction(
            outputs: outputs, reduced: reduced, indices: indices, left: leftIndex,
            right: flatten(rightIndices, rightShape))
        for (triangle, places) in [
            (triangles.zeros[root.operands[0]], left.map { $0 ?? 0 }),
            (triangles.zeros[root.operands[1]], right.map { $0 ?? 0 }), (triangles.unread[root.results[0]], indices),
        ] {
            if let triangle { contraction.margins.append(triangle.margin(places)) }
        }
        let draft = self
        return contraction.merged(resultShape: type(root.results[0]).shape, fresh: { fresh($0) }) {
            draft.treatsAsOne($0, ofResultOf: root)
        }
    }
}

extension LoopAxis {
    /// The share of lanes that vectors along the axis put to use.
    func lanesInUse(_ lanes: Int) -> Double {
        guard let count = extent.constant, count > 0 else { return 1 }
        return Double(count) / Double((count + lanes - 1) / lanes * lanes)
    }
}

/// One contraction with what its kernel needs.
struct ContractionJob {
    var group: GroupView
    var root: GraphOp
    var contraction: Contraction
    var left: Int
    var right: Int
    var dtype: DType
    var lanes: Int
}

extension Contraction {
    /// The output axis whose neighbours are neighbours in the result and in one operand, and that the other does not see.
    func vectorAxis(ofResult shape: [Dim], contiguous: Bool) -> LoopAxis? {
        let position = flatten(indices, shape)
        let fitting = outputs.filter { axis in
            let steps = [left.step(axis.variable), right.step(axis.variable)]
            guard steps.contains(0), let other = steps.first(where: { $0 != 0 }) else { return false }
            return contiguous ? other == 1 && position.step(axis.variable) == 1 : other.constant != nil
        }
        return fitting.last
    }

    /// The summed axis along which both operands are contiguous.
    func reducedVectorAxis() -> LoopAxis? {
        reduced.last { left.step($0.variable) == 1 && right.step($0.variable) == 1 }
    }

    /// The summed axes, those with the largest steps through an operand outermost.
    func orderedReduction(by operand: IndexExpression) -> [LoopAxis] {
        func size(_ axis: LoopAxis) -> Int { operand.step(axis.variable).bounds([:]).upperBound }
        return reduced.enumerated().sorted {
            let (a, b) = (size($0.element), size($1.element))
            return a != b ? a > b : $0.offset < $1.offset
        }.map(\.element)
    }
}
