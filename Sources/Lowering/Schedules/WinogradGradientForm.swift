import GraphIR
import KernelIR

/// The weight gradient of a convolution by a minimal filtering algorithm: with `W = Gᵀ (Σ (B x Bᵀ) ∘ (A y Aᵀ)) G`, where y are m × m elements of the
/// cotangent and x those of the input that they meet, n² products of a pair of channels take the place of m² r².
///
/// A task transforms both for a block of tiles, and adds the products of each plane to sums of a group of blocks. A second kernel adds these, and
/// transforms them back.
struct WinogradGradientForm {
    let transform: WinogradTransform
    /// The number of images.
    let images: Dim
    /// Lines and pixels of a line, of the input and of the cotangent.
    let input: (height: WinogradAxis, width: WinogradAxis)
    let cotangent: (height: WinogradAxis, width: WinogradAxis)
    /// Channels of the input and of the cotangent.
    let channels: Int
    let outputs: Int
    /// Channels of the input, and vectors of those of the cotangent, that are in registers at a time.
    let register: TileShape
    let lanes: Int
    /// Tiles of a block, and of a group, which is the same for any number of threads.
    let block: Int
    let group: Int

    /// Bytes of a block's transformed operands, which stay in a second cache beside a group's sums.
    private static let mostBytes = 9 << 16
    private static let mostTiles = 48
    /// Images in a group.
    private static let groupImages = 8

    /// The form of a weight gradient that saves time by it, else nil; none in `float32`, where small elements of a gradient have to be as near
    /// to the exact ones as others, since an optimizer that divides by their size makes them as large.
    init?(
        _ root: GraphOp, input: [Dim], cotangent: [Dim], result: [Dim], precision: Precision, target: Target, lanes: Int
    ) {
        let attributes = root.attributes
        let sizes = [input, cotangent, result].map { $0.map { $0.constant ?? 0 } }
        let plain = ["strides", "kernelDilation", "inputDilation"].allSatisfy { attributes.ints($0) == [1, 1] }
        guard precision != .float32, attributes.keyword("layout") == "CHWN,IHWO,HWNC", attributes.int("groups") == 1,
            plain,
            attributes.intLists("padding").allSatisfy({ $0 == [0, 0] }),
            sizes[2].allSatisfy({ $0 > 0 }), sizes[2][0] == sizes[2][1], sizes[2][2] >= 16, sizes[2][3] >= 16,
            sizes[1].dropFirst().allSatisfy({ $0 > 0 })
        else { return nil }
        let forms = WinogradTransform.all.compactMap { transform -> WinogradGradientForm? in
            guard transform.stride == 1, transform.taps == sizes[2][0] else { return nil }
            return WinogradGradientForm(transform, sizes, images: input[0], target: target, lanes: lanes)
        }
        guard let best = forms.min(by: { $0.cycles < $1.cycles }), best.cycles < 0.85 * best.directCycles
        else { return nil }
        self = best
    }

    private init(_ transform: WinogradTransform, _ sizes: [[Int]], images: Dim, target: Target, lanes: Int) {
        (self.transform, self.images, self.lanes) = (transform, images, lanes)
        (channels, outputs) = (sizes[2][2], sizes[2][3])
        func axis(_ operand: Int, _ at: Int) -> WinogradAxis {
            WinogradAxis(
                input: sizes[operand][at], padding: 0,
                tiles: (sizes[1][at] + transform.results - 1) / transform.results, transform: transform)
        }
        (input, cotangent) = ((axis(0, 1), axis(0, 2)), (axis(1, 1), axis(1, 2)))
        register = TileShape.fitting(target, lanes: lanes, rows: Dim(channels), columns: Dim(outputs))
        let bytes = 4 * transform.count * (Self.stride(channels) + Self.stride(outputs))
        let tiles = input.height.tiles * input.width.tiles
        block = max(4, min(Self.mostBytes / bytes, Self.mostTiles, tiles))
        group = (Self.groupImages * tiles + block - 1) / block * block
    }

    /// Tiles of an image.
    var imageTiles: Int { input.height.tiles * input.width.tiles }

    // MARK: Where things are

    /// Elements from a tile to the next: rows do not meet in the same lines of a cache.
    private static func stride(_ channels: Int) -> Int { (channels + 15) / 16 * 16 + 16 }

    /// Elements of a block's transformed operand with so many channels.
    func ownCount(_ channels: Int) -> Int { transform.count * block * Self.stride(channels) }

    /// An element of such an operand, by plane, tile of the block and channel.
    func own(
        _ channels: Int, _ plane: IndexExpression, _ tile: IndexExpression, _ channel: IndexExpression
    ) -> IndexExpression {
        (plane * Dim(block) + tile) * Dim(Self.stride(channels)) + channel
    }

    /// Elements of a group's sums.
    var sumCount: Int { transform.count * channels * outputs }
    /// From the sums of a group to the next one's, over the tiles of a group: their place is the first tile times this.
    private var pitch: Int { (sumCount + group - 1) / group }
    /// The sums of all groups.
    var sums: TensorType { TensorType(.f32, [(images * Dim(imageTiles) + Dim(group)) * Dim(pitch)]) }

    /// A sum of the group that begins with a tile, by plane and channels.
    func sum(
        _ first: IndexExpression, _ plane: IndexExpression, _ channel: IndexExpression, _ output: IndexExpression
    ) -> IndexExpression {
        first * Dim(pitch) + (plane * Dim(channels) + channel) * Dim(outputs) + output
    }

    // MARK: Whether it pays

    /// Cycles of an image by a model of a processor with two multiply-adds a cycle.
    private var cycles: Double {
        let (tiles, planes) = (Double(imageTiles), Double(transform.count))
        let products = tiles * planes * Double(channels * outputs) / Double(2 * lanes) / 0.85
        let transforms = tiles * planes * Double(channels + outputs) * 2.5 / Double(lanes)
        // Sums are read and written once a block, from beyond a second cache where they are many.
        let bytesPerCycle = sumCount * 4 > 1 << 19 ? 16.0 : 32
        let adding = tiles / Double(block) * Double(sumCount * 8) / bytesPerCycle
        return products + transforms + adding
    }

    /// Cycles of the same with a multiplication for each tap.
    private var directCycles: Double {
        Double(cotangent.height.input * cotangent.width.input * transform.taps * transform.taps * channels * outputs)
            / Double(2 * lanes)
            / 0.85
    }
}
