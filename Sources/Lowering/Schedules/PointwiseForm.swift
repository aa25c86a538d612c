import GraphIR
import KernelIR

/// A convolution with one tap, on an input that lies in memory as bf16, as a product of matrices: pixels of all images by channels,
/// times channels by output channels. Tiles are loaded from the input where it is.
struct PointwiseForm {
    /// Pixels of all images.
    let rows: Dim
    /// Input channels, a multiple of 32.
    let depth: Int
    /// Output channels.
    let outputs: Int
    /// Pixels that a task multiplies by all weights; nil where weights are too many for a second cache, or pixels too few for several
    /// threads, and tasks share the weights instead.
    let rowBlock: Int?

    /// Rows of a tile of results: twice as many are in registers at a time.
    private(set) var tileRows = TileOperation.mostRows

    /// Output channels in tile registers at a time.
    static let block = 32
    /// The most bytes of weights that a second cache keeps beside all else.
    private static let mostWeightBytes = 1 << 20

    /// The form of a convolution of one tap; nil where it has none.
    init?(_ root: GraphOp, input: [Dim], kernel: [Dim], target: Target, ranges: [String: ClosedRange<Int>]) {
        let attributes = root.attributes
        guard attributes.keyword("layout") == "NHWC,HWIO,NHWC", attributes.int("groups") == 1,
            attributes.ints("strides") == [1, 1], attributes.ints("inputDilation") == [1, 1],
            attributes.intLists("padding").allSatisfy({ $0 == [0, 0] }), kernel[0] == 1, kernel[1] == 1,
            let depth = kernel[2].constant, let outputs = kernel[3].constant, depth % 32 == 0, outputs >= Self.block
        else { return nil }
        (rows, self.depth, self.outputs) = (Dim.product(input.dropLast()), depth, outputs)
        let fewest = rows.bounds(ranges).lowerBound
        guard fewest >= Self.block else { return nil }
        tileRows = Self.bestTileRows(fewest, target)
        // Seven pairs of tiles, as 14 × 14 pixels are, leave one of two threads waiting for an eighth of the time.
        let areFew = !target.hasTileRegisters && fewest < 8 * 2 * tileRows
        if depth * outputs * 2 > Self.mostWeightBytes || areFew {
            rowBlock = nil
        } else {
            // Four tasks at least; the block's input and results stay in the second cache.
            let step = 2 * tileRows
            let most = max(step, min(512, (1 << 18) / (2 * depth)))
            let wanted = min(most, (fewest / 4 + step - 1) / step * step)
            rowBlock = max(step, wanted / step * step)
        }
    }

    /// Rows in registers at a time.
    var pairRows: Int { 2 * tileRows }

    /// Rows of tiles of which the fewest are computed in vain.
    private static func bestTileRows(_ rows: Int, _ target: Target) -> Int {
        func cost(_ tileRows: Int) -> (Double, Int) {
            let tiles = 2 * ((rows + 2 * tileRows - 1) / (2 * tileRows))
            let cost = TileOperation.costOfRows(
                tiles: tiles, of: tileRows, hasTileRegisters: target.hasTileRegisters)
            return (cost, tiles * tileRows)
        }
        return TileOperation.rowCounts(hasTileRegisters: target.hasTileRegisters).min { cost($0) < cost($1) }
            ?? TileOperation.mostRows
    }

    /// Whether weights are so few that all of them are multiplied by 32 pixels before the next, whose results then lie in lines that
    /// follow each other; more weights come from afar, and meet all pixels of a task while the next are on their way.
    var finishesRows: Bool { rowBlock != nil && depth * outputs * 2 <= 1 << 19 }

    /// How many times the input passes by: for each block of output channels, where tasks share those.
    var passes: Int { rowBlock == nil ? paddedOutputs / Self.block : 1 }

    var paddedOutputs: Int { (outputs + Self.block - 1) / Self.block * Self.block }
    /// Words of all weights.
    var weightWords: Int { depth * paddedOutputs / 2 }

    /// Where the weights of 32 channels × 16 output channels begin: channels a multiple of 32, output channels of 32, and a half.
    func weight(_ channel: IndexExpression, _ output: IndexExpression, half: Int) -> IndexExpression {
        output * Dim(depth / 2) + channel * 16 + Dim(half * 256)
    }
}
