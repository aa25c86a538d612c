import GraphIR
import KernelIR

/// A convolution with channels innermost as products of tiles of bf16 parts: 32 results of a line or of neighbouring lines
/// by 32 output channels at a time, summed over taps and blocks of 32 input channels.
///
/// The input is split into words, each of two elements that are 16 channels apart: for every block of channels and every part
/// the words of all pixels lie one behind the other, so that a tile is contiguous and a tap only moves it. An input that lies in
/// memory as bf16 is copied in the same order, and words are of neighbours. Weights lie in panels of 32 output channels, in the order
/// in which they are multiplied.
struct ConvolutionForm {
    /// The number of images.
    private(set) var images: Dim
    /// Lines and pixels of a line.
    private(set) var height: ConvolutionWindow
    private(set) var width: ConvolutionWindow
    /// Elements of the input that a tap multiplies: the channels of a pixel or, where these are few, of the pixels in a line
    /// that a result meets; and how many from one pixel to the next, and from one line to the next.
    private(set) var depth: Int
    private(set) var pixelStep: Int
    private(set) var lineStep: Int
    /// The same in whole blocks of 32, and output channels.
    private(set) var channels: Int
    private(set) var outputs: Int
    private(set) var precision: Precision
    /// Whether the input lies in memory as bf16, so that nothing is left to be split.
    private(set) var isNarrowed: Bool
    /// What a product of two tiles takes, in cycles.
    private var productCycles: Double
    /// Lines of the result that are computed from one block of words.
    private(set) var lines: Int
    /// Rows of a tile of results: twice as many are in registers at a time.
    private(set) var tileRows = TileOperation.mostRows
    /// Whether a product of tiles takes as long with fewer rows.
    private var hasTileRegisters: Bool
    /// Whether the words are made before, once for all tasks, which then share the output channels; else each task makes those of its
    /// own lines.
    private(set) var isSplitBefore = false

    /// Blocks of this many results, and of as many output channels, are in tile registers at a time.
    static let block = 32
    /// The most bytes of a task's own words.
    private static let mostBytes = 1 << 19

    /// The form of a convolution, or nil where it has none or fused multiply-adds are faster; `padding` is that of a `pad` that it is
    /// read through.
    init?(
        _ root: GraphOp, input: [Dim], kernel: [Dim], result: [Dim], padding: [Int], precision: Precision,
        isNarrowed: Bool, target: Target
    ) {
        self.isNarrowed = isNarrowed
        (productCycles, hasTileRegisters) = (target.tileProductCycles, target.hasTileRegisters)
        let attributes = root.attributes
        let (strides, dilations) = (attributes.ints("strides"), attributes.ints("kernelDilation"))
        guard attributes.keyword("layout") == "NHWC,HWIO,NHWC", attributes.int("groups") == 1,
            attributes.ints("inputDilation") == [1, 1],
            attributes.intLists("padding").allSatisfy({ $0 == [0, 0] })
        else { return nil }
        let sizes = [input, kernel, result].map { $0.map { $0.constant ?? 0 } }
        func window(_ axis: Int) -> ConvolutionWindow {
            ConvolutionWindow(
                input: sizes[0][axis + 1], padding: padding[axis + 1], kernel: sizes[1][axis],
                dilation: dilations[axis], stride: strides[axis], result: sizes[2][axis + 1])
        }
        (height, width) = (window(0), window(1))
        (depth, pixelStep, lineStep) = (sizes[1][2], sizes[1][2], sizes[0][2] * sizes[1][2])
        if depth % 32 != 0, width.dilation == 1, width.staysInside {
            // All taps of a line as channels: a result's are neighbours in memory.
            (depth, pixelStep) = (depth * width.kernel, depth * width.stride)
            width = ConvolutionWindow(
                input: width.result, padding: 0, kernel: 1, dilation: 1, stride: 1, result: width.result)
        }
        channels = (depth + 31) / 32 * 32
        (images, outputs, self.precision) = (result[0], sizes[1][3], precision)
        guard (sizes[0].dropFirst() + sizes[1] + sizes[2].dropFirst()).allSatisfy({ $0 > 0 }),
            depth == channels || depth > sizes[1][2], !height.phases.isEmpty, !width.phases.isEmpty
        else { return nil }
        lines = height.result
        var best: Self?
        for lines in 1...height.result where height.result % lines == 0 {
            var trial = self
            trial.lines = lines
            trial = trial.withBestTiles
            if trial.ownBytes <= Self.mostBytes, trial.cycles < best?.cycles ?? .infinity { best = trial }
        }
        // Weights that no second cache holds are read by one task each.
        if 4 * weightWords > 1 << 20, outputs >= 4 * Self.block {
            isSplitBefore = true
            let trial = withBestTiles
            if trial.cycles < best?.cycles ?? .infinity { best = trial }
        }
        guard let best, best.cycles < 0.75 * fusedCycles else { return nil }
        self = best
    }

    /// The form with tiles of so many rows that the fewest are computed in vain.
    private var withBestTiles: Self {
        let forms = TileOperation.rowCounts(hasTileRegisters: hasTileRegisters).map { rows in
            var form = self
            form.tileRows = rows
            return form
        }
        return forms.min { ($0.costOfRows, $0.rows) < ($1.costOfRows, $1.rows) } ?? self
    }

    /// The rows whose time products take.
    private var costOfRows: Double {
        TileOperation.costOfRows(tiles: rows / tileRows, of: tileRows, hasTileRegisters: hasTileRegisters)
    }

    /// Blocks of lines of an image.
    var lineBlocks: Int { height.result / lines }
    /// Parts of an element, blocks of input channels.
    var parts: Int { precision.parts }
    var depthBlocks: Int { channels / 32 }

    // MARK: Words of the input

    /// Pixels of a line of words.
    var linePixels: Int { width.result + (width.phases.map(\.reach).max() ?? 0) }

    /// One phase of both axes, with the place of its first pixel among those of a block of lines.
    struct Plane {
        var vertical: ConvolutionWindow.Phase
        var horizontal: ConvolutionWindow.Phase
        var start: Int
        var lines: Int
    }

    var planes: [Plane] {
        var start = 0
        return height.phases.flatMap { vertical in
            width.phases.map { horizontal in
                let plane = Plane(
                    vertical: vertical, horizontal: horizontal, start: start, lines: lines + vertical.reach)
                start += plane.lines * linePixels
                return plane
            }
        }
    }

    /// Pixels of a block of lines.
    var blockPixels: Int { planes.reduce(0) { $0 + $1.lines * linePixels } }

    /// Pixels that the last tiles read past the end; no result is made of them.
    private var slack: Int { isInLines ? linePixels + 16 : Self.block }

    /// All pixels that have words: those of every image where words are made before, else of one block of lines.
    var pixels: Dim {
        (isSplitBefore ? images * Dim(blockPixels) : Dim(blockPixels)) + Dim(slack)
    }

    /// Bytes of a task's own words.
    private var ownBytes: Int { (blockPixels + slack) * channels * 2 * parts }

    /// The type of all words, or of the copy of a narrowed input.
    var words: TensorType {
        TensorType(isNarrowed ? .bf16 : .i32, [pixels * Dim(channels / 32 * pixelWords * parts)])
    }

    /// Words, or elements of a copy, that a pixel has in a part of a block of channels.
    var pixelWords: Int { isNarrowed ? 32 : 16 }

    /// Where a part of a pixel's block of channels begins.
    func word(_ pixel: IndexExpression, _ block: IndexExpression, part: Int) -> IndexExpression {
        ((block * Dim(parts) + Dim(part)) * pixels + pixel) * Dim(pixelWords)
    }

    // MARK: Rows of results

    /// Rows in registers at a time.
    var pairRows: Int { 2 * tileRows }

    /// Whether two tiles are pixels of a line and as many of the next one; else pixels one behind the other, with those
    /// between the lines' ends, which are no results, if fewer are computed in vain that way.
    var isInLines: Bool { (lines + 1) / 2 * 2 * wholeLine < (rowsInRun + pairRows - 1) / pairRows * pairRows }
    /// Pixels of a line in whole tiles.
    private var wholeLine: Int { (width.result + tileRows - 1) / tileRows * tileRows }
    private var rowsInRun: Int { lines * linePixels - (linePixels - width.result) }

    /// Rows of results from one line to the next.
    var lineRows: Int { isInLines ? wholeLine : linePixels }
    /// Rows of results of a block of lines, in whole tiles.
    var rows: Int {
        isInLines ? (lines + 1) / 2 * 2 * lineRows : (rowsInRun + pairRows - 1) / pairRows * pairRows
    }

    /// Output channels that an image's words are multiplied by before the next image's: as many as leave the words and the weights in
    /// a second cache, and several tasks.
    var outputGroup: Int {
        guard isSplitBefore else { return Self.block }
        let panels = paddedOutputs / Self.block
        let groups = [8, 4, 2].filter {
            panels % $0 == 0 && panels / $0 >= 4 && rows * $0 * Self.block * 4 <= 1 << 17
                && 4 * weightWords / panels * $0 + ownBytes <= 3 << 19
        }
        return (groups.first ?? 1) * Self.block
    }

    // MARK: Weights

    var tapCount: Int { height.kernel * width.kernel }
    var paddedOutputs: Int { (outputs + Self.block - 1) / Self.block * Self.block }
    /// Words of all weights.
    var weightWords: Int { tapCount * channels * paddedOutputs / 2 * parts }

    /// Where a part of a tap's 32 × 16 weights begins: blocks of input channels by number, outputs a multiple of 32, and a half.
    func weight(
        _ tap: IndexExpression, _ block: IndexExpression, _ output: IndexExpression, half: Int, part: Int
    ) -> IndexExpression {
        output * Dim(tapCount * channels / 2 * parts)
            + (tap * Dim(depthBlocks) + block) * Dim(512 * parts) + Dim((half * parts + part) * 256)
    }

    // MARK: Whether it pays

    private var multiplications: Double { Double(tapCount * channels) }

    /// Cycles of an image by a model whose factors were measured on one processor with AMX: four fifths of the rate of
    /// tile products are reached; a part of an element split a sixth; half as much to write and read it where it is split before.
    var cycles: Double {
        let tiles = costOfRows * Double(paddedOutputs) * multiplications / 8192 * Double(precision.products.count)
        let products = tiles * productCycles / 0.8
        let splitting = Double(blockPixels * channels * parts) * (isSplitBefore ? 0.25 : 0.17) * (isNarrowed ? 0.5 : 1)
        // Few blocks leave threads without work.
        let tasks = isSplitBefore ? paddedOutputs / Self.block : lineBlocks
        return Double(lineBlocks) * (products + splitting) * (tasks < 4 ? 1.08 : 1)
    }

    /// Cycles of the same by fused multiply-adds.
    private var fusedCycles: Double {
        Double(height.result * width.result * outputs) * Double(tapCount * depth) / 32 / 0.85
    }
}
