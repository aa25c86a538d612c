/// How far a function goes in computing values again for its backward half, to spare memory at given sizes.
///
/// The forward half is divided into segments. What goes from one to the next is kept; the rest of a segment may be computed again from
/// there, where an operation costs no more than its result's bytes are worth.
public struct Recomputation: Sendable, Hashable, CustomStringConvertible {
    /// The sizes of named dimensions at which memory is to be spared.
    public var sizes: [String: Int]
    /// The number of segments, 0 for what is done without a limit, in an order that lets values go early.
    public var segments: Int
    /// The first so many segments go as far as `price`, the others as far as `lowerPrice`.
    public var pricedSegments: Int
    /// Floating-point operations that may be done again to spare a byte; 0 for only what costs next to nothing where it is read.
    public var price: Int
    /// The same for the other segments.
    public var lowerPrice: Int

    /// Makes a choice; as it is by default, it changes the order of operations only.
    public init(sizes: [String: Int], segments: Int = 0, pricedSegments: Int = 0, price: Int = 0, lowerPrice: Int = 0) {
        self.sizes = sizes
        self.segments = segments
        self.pricedSegments = pricedSegments
        self.price = price
        self.lowerPrice = lowerPrice
    }

    /// The price of a segment, counted from the first.
    func price(ofSegment segment: Int) -> Int { segment < pricedSegments ? price : lowerPrice }

    /// `B=8: 3 of 8 segments at 256, others at 64`.
    public var description: String {
        let named = sizes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
        return "\(named): \(pricedSegments) of \(segments) segments at \(price), others at \(lowerPrice)"
    }
}
