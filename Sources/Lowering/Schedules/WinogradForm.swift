import GraphIR
import HostTensors
import KernelIR

/// A convolution by a minimal filtering algorithm, on fused multiply-adds or on products of words.
///
/// A *tile* is the m × m results of one application. A task transforms the input of a block of tiles, multiplies each of the n² planes
/// by its plane of transformed weights, some output channels at a time, and transforms the products back. *Words* are of two bf16
/// numbers, of input channels that are 16 apart; their products are those of tile registers, whose rows are tiles of results.
struct WinogradForm {
    let transform: WinogradTransform
    /// The number of images.
    let images: Dim
    /// Lines and pixels of a line: of the input, zeros before the first of them, and tiles.
    let height: WinogradAxis
    let width: WinogradAxis
    /// Input and output channels.
    let channels: Int
    let outputs: Int
    /// Whether words are multiplied.
    let isInWords: Bool
    /// Lines and pixels of the result.
    private let resultSizes: [Int]
    /// Whether transformed weights stay from call to call.
    private let weightsAreKept: Bool
    /// What a product of two tile registers takes, in cycles.
    private let productCycles: Double
    /// Tiles, and vectors of output channels, that are in registers at a time.
    private(set) var register: TileShape
    let lanes: Int
    /// Tiles of a block, and output channels that a task computes of one.
    private(set) var block = 0
    private(set) var outputGroup = 0
    /// Of a tile register, the rows; and whether two of them have rows of results.
    private(set) var tileRows = TileOperation.mostRows
    private(set) var rowBlocks = 1

    /// Bytes of a block's transformed input, which stay in a second cache beside the products.
    private static let mostBytes = 9 << 16
    /// Bytes a cycle that weights come with from beyond a second cache.
    private static let bytesPerCycle = 8.0

    /// The form of a convolution that saves time by it, else nil; `padding` is that of a `pad` that it is read through.
    /// `weightsAreKept` says whether transformed weights stay from call to call.
    init?(
        _ root: GraphOp, input: [Dim], kernel: [Dim], result: [Dim], padding: [Int], precision: Precision,
        weightsAreKept: Bool, target: Target, lanes: Int
    ) {
        let allowed = WinogradTransform.all.filter {
            precision != .float32 || kernel[2].constant ?? 0 >= $0.leastChannels
        }
        let inWords = precision == .bfloat16 && target.multipliesTiles(.bfloat16) && !target.hasTileRegisters
        let candidates = [false, true].prefix(inWords ? 2 : 1).flatMap { isInWords in
            allowed.compactMap {
                WinogradForm(
                    $0, root, input: input, kernel: kernel, result: result, padding: padding,
                    weightsAreKept: weightsAreKept, isInWords: isInWords, target: target, lanes: lanes)?.inBestBlocks
            }
        }
        guard let best = candidates.min(by: { $0.cycles < $1.cycles }), best.cycles < 0.85 * best.directCycles
        else { return nil }
        self = best
    }

    private init?(
        _ transform: WinogradTransform, _ root: GraphOp, input: [Dim], kernel: [Dim], result: [Dim], padding: [Int],
        weightsAreKept: Bool, isInWords: Bool, target: Target, lanes: Int
    ) {
        let attributes = root.attributes
        let sizes = [input, kernel, result].map { $0.map { $0.constant ?? 0 } }
        guard attributes.keyword("layout") == "NHWC,HWIO,NHWC", attributes.int("groups") == 1,
            attributes.ints("strides") == [transform.stride, transform.stride],
            ["inputDilation", "kernelDilation"].allSatisfy({ attributes.ints($0) == [1, 1] }),
            attributes.intLists("padding").allSatisfy({ $0 == [0, 0] }),
            sizes[1].prefix(2) == [transform.taps, transform.taps], sizes[1][2] >= 16, sizes[1][3] >= 16,
            sizes[2][1] > 0, sizes[2][2] > 0,
            !isInWords
                || (transform.isGentle && sizes[1][2] % 32 == 0 && sizes[1][3] % 32 == 0 && lanes == 16)
        else { return nil }
        (self.transform, self.lanes, self.weightsAreKept, images) = (transform, lanes, weightsAreKept, result[0])
        (channels, outputs, resultSizes) = (sizes[1][2], sizes[1][3], [sizes[2][1], sizes[2][2]])
        (self.isInWords, productCycles) = (isInWords, target.tileProductCycles)
        func axis(_ at: Int) -> WinogradAxis {
            WinogradAxis(
                input: sizes[0][at], padding: padding[at],
                tiles: (sizes[2][at] + transform.results - 1) / transform.results, transform: transform)
        }
        (height, width) = (axis(1), axis(2))
        register = TileShape.fitting(target, lanes: lanes, rows: Dim(1 << 20), columns: Dim(outputs))
        if isInWords { register.vectors = 2 }
    }

    /// The form with the blocks that take least.
    private var inBestBlocks: Self {
        var best: Self?
        for shape in registerShapes {
            let rows = shape.register.rows
            let most = max(rows, Self.mostBytes / 4 / transform.count / factorStride)
            // Tiles of several images are a block where their products stay in the cache, too.
            let several = Self.mostBytes / 4 / transform.count / (factorStride + panelWidth)
            let end = max(imageTiles + rows - 1, min(several, allTiles + rows - 1))
            for block in stride(from: rows, through: min(most, end), by: rows) {
                var trial = shape
                trial.block = block
                trial.outputGroup = trial.sharedOutputs
                if trial.cycles < best?.cycles ?? .infinity { best = trial }
            }
        }
        return best ?? self
    }

    /// Forms with as many tiles in registers at a time as there may be.
    private var registerShapes: [Self] {
        guard isInWords else {
            return stride(from: register.rows, through: max(2, register.rows / 2), by: -1).map { rows in
                var shape = self
                shape.register.rows = rows
                return shape
            }
        }
        return TileOperation.rowCounts(hasTileRegisters: false).flatMap { rows in
            [2, 1].map { blocks in
                var shape = self
                (shape.tileRows, shape.rowBlocks, shape.register.rows) = (rows, blocks, rows * blocks)
                return shape
            }
        }
    }

    /// Tiles of an image.
    var imageTiles: Int { height.tiles * width.tiles }
    /// The images that blocks are made for: one where weights stay, as in predictions, else all, or eight where that is no constant.
    private var expectedImages: Int { weightsAreKept ? 1 : images.constant ?? 8 }
    /// The tiles of these, and blocks of them.
    private var allTiles: Int { imageTiles * expectedImages }
    private var blocks: Int { (allTiles + block - 1) / block }

    /// Whether tiles end where the result does.
    var isWhole: Bool { resultSizes == [height.tiles, width.tiles].map { $0 * transform.results } }

    /// Output channels of a task: where there is one block, a part of them, so that threads can share it.
    private var sharedOutputs: Int {
        let panels = (outputs + panelWidth - 1) / panelWidth
        return (blocks > 1 ? panels : (panels + 3) / 4) * panelWidth
    }

    /// The results of whole tiles, where these go beyond the convolution's.
    var wholeResults: TensorType {
        let sizes = [height.tiles, width.tiles].map { Dim($0 * transform.results) }
        return TensorType(.f32, [images] + sizes + [Dim(outputs)])
    }

    // MARK: Where things are

    /// Elements or words of a tile in a plane, which are those of an output channel's weights.
    var depth: Int { isInWords ? channels / 2 : channels }
    /// What is multiplied.
    var factor: DType { isInWords ? .i32 : .f32 }
    /// From a tile to the next in a plane of the transformed input: rows do not meet in the same lines of a cache.
    var factorStride: Int { (depth + 15) / 16 * 16 + 16 }
    /// The sizes of a task's transformed input, and of products with a panel of weights.
    var ownCount: Int { transform.count * block * factorStride }
    var productCount: Int { transform.count * block * panelWidth }
    /// Output channels whose weights lie together.
    var panelWidth: Int { register.vectors * lanes }
    /// The size of all transformed weights.
    var weightCount: Int { (outputs + panelWidth - 1) / panelWidth * panelWidth * transform.count * weightDepth }
    /// The depth, and one place more where planes are so long that all would meet in the same lines of a cache.
    private var weightDepth: Int { depth * panelWidth % (1 << 13) == 0 ? depth + 1 : depth }

    /// An element or a word of the transformed input, by plane, tile of the block and place in the depth.
    func own(_ plane: IndexExpression, _ tile: IndexExpression, _ place: IndexExpression) -> IndexExpression {
        (plane * Dim(block) + tile) * Dim(factorStride) + place
    }

    /// A product, by plane, tile of the block, and place in the panel.
    func product(_ plane: IndexExpression, _ tile: IndexExpression, _ output: IndexExpression) -> IndexExpression {
        (plane * Dim(block) + tile) * Dim(panelWidth) + output
    }

    /// Where the transformed weights of a panel begin, by plane and place in the depth; `output` is the panel's first.
    func weight(_ output: IndexExpression, _ plane: IndexExpression, _ place: IndexExpression) -> IndexExpression {
        output * Dim(transform.count * weightDepth) + (plane * Dim(weightDepth) + place) * Dim(panelWidth)
    }

    /// From a plane's weights to the next plane's.
    var planeWeights: Int { weightDepth * panelWidth }

    // MARK: Whether it pays

    /// Cycles of an image by a model of a processor with two multiply-adds a cycle.
    var cycles: Double {
        let (tiles, planes) = (Double(allTiles), Double(transform.count))
        let groups = (outputs + outputGroup - 1) / outputGroup
        let products = productsOfPlane * planes
        let streaming = Double(blocks * 4 * weightCount) / Self.bytesPerCycle
        // An odd number of tasks leaves one of two threads without work.
        let tasks = blocks * groups
        let uneven = tasks % 2 == 0 || tasks > 8 ? 1 : 1 + 0.1 / Double(tasks)
        let elements = tiles * Double(channels * groups + outputs * (isWhole ? 1 : 2))
        let weights = weightsAreKept ? 0 : Double(channels * outputs) * planes * 4
        let all = max(products, streaming) * uneven + (elements * planes * 2.5 + weights) / Double(lanes)
        return all / Double(expectedImages)
    }

    /// Cycles of a plane's products.
    private var productsOfPlane: Double {
        let last = allTiles - (blocks - 1) * block
        let rows = (blocks - 1) * block + (last + register.rows - 1) / register.rows * register.rows
        if isInWords {
            let cost = TileOperation.costOfRows(tiles: rows / tileRows, of: tileRows, hasTileRegisters: false)
            // With one tile of rows at a time, its results pass by as often for half as many products.
            return cost * Double(outputs * channels) / 8192 * productCycles / (rowBlocks == 2 ? 0.8 : 0.75)
        }
        return Double(rows * channels * outputs) / Double(2 * lanes) / 0.85
            * (1 + 0.1 / Double(register.rows) + 0.3 / Double(block)
                + (transform.sumBlock.map { Double(register.rows) / Double(14 * $0) } ?? 0))
    }

    /// Cycles of the same with a multiplication for each tap.
    private var directCycles: Double {
        Double(resultSizes[0] * resultSizes[1] * transform.taps * transform.taps * channels * outputs)
            / Double(2 * lanes) / 0.9
    }
}

/// One spatial axis of a convolution by tiles.
struct WinogradAxis: Hashable {
    /// Positions of the input, and zeros before the first.
    var input: Int
    var padding: Int
    /// Tiles.
    var tiles: Int
    var transform: WinogradTransform

    /// The input's position that a tile has at `at`: in the padding it is less than 0, or past the input's end.
    func position(_ tile: IndexExpression, _ at: Int) -> IndexExpression {
        tile * Dim(transform.results * transform.stride) + Dim(at - padding)
    }

    /// What must hold for that position to be in the input.
    func conditions(_ tile: IndexExpression, _ at: Int) -> [IndexCondition] {
        let position = position(tile, at)
        var conditions: [IndexCondition] = []
        if at < padding { conditions.append(IndexCondition(Dim(0) - position, below: 1)) }
        if (tiles - 1) * transform.results * transform.stride + at - padding >= input {
            conditions.append(IndexCondition(position, below: Dim(input)))
        }
        return conditions
    }
}
