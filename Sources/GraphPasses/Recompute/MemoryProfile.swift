import GraphIR

/// How much memory the values of a function take, and where most is kept from operations before for operations behind.
struct MemoryProfile {
    /// By value, its bytes, named dimensions at the sizes that are asked for, or else at a usual size.
    let bytes: [Int]
    /// The sizes of named dimensions.
    let sizes: [String: Int]
    /// The operation before which most is kept; nil for a function without operations.
    private(set) var border: Int?
    /// The same, wide values not counted, which are computed again anyway.
    private(set) var borderOfLasting: Int?
    /// The most bytes that are kept anywhere.
    private(set) var mostKept = 0
    /// By value, whether it is a product much larger than what it is made of, or made of such a one element by element: it is
    /// computed again even where it must be in memory then.
    let isWide: [Bool]
    /// By value, the one in whose memory it is: another for what only gives a value another shape.
    private let homes: [Int]
    /// By value, whether it is data of the artifact.
    let isConstant: [Bool]

    /// Measures a function.
    init(_ function: GraphFunction, _ context: PassContext) {
        let usual = Dictionary(
            context.dims.map { ($0.name, min(max(64, $0.range.lowerBound), $0.range.upperBound)) },
            uniquingKeysWith: { first, _ in first })
        let sizes = context.options.recomputation[function.name].map { usual.merging($0.sizes) { $1 } } ?? usual
        self.sizes = sizes
        bytes = function.values.map { (try? $0.type.byteCount.value(sizes)) ?? 0 }
        let producers = function.producers()
        let roles = FusionRole.roles(of: function)
        var homes = Array(function.values.indices)
        for (at, op) in function.ops.enumerated() where roles[at] == .view {
            homes[op.results[0].index] = homes[op.operands[0].index]
        }
        self.homes = homes
        var isConstant = [Bool](repeating: false, count: function.values.count)
        for op in function.ops where op.name == "constant" { isConstant[op.results[0].index] = true }
        self.isConstant = isConstant
        isWide = Self.wideValues(function, roles, bytes)
        var lastReads = [Int](repeating: -1, count: function.values.count)
        for (at, op) in function.ops.enumerated() {
            for operand in op.operands { lastReads[homes[operand.index]] = at }
        }
        // What begins to be kept before an operation, less what ends.
        var changes = [(all: Int, lasting: Int)](repeating: (0, 0), count: function.ops.count + 1)
        for (value, last) in lastReads.enumerated() {
            guard let made = producers[value], last > made + 1, roles[made] != .indexOnly else { continue }
            let lasting = isWide[value] ? 0 : bytes[value]
            changes[made + 1] = (changes[made + 1].all + bytes[value], changes[made + 1].lasting + lasting)
            changes[last] = (changes[last].all - bytes[value], changes[last].lasting - lasting)
        }
        var (kept, lasting, mostLasting) = (0, 0, 0)
        for (at, change) in changes.enumerated() {
            kept += change.all
            lasting += change.lasting
            if kept > mostKept { (mostKept, border) = (kept, at) }
            if lasting > mostLasting { (mostLasting, borderOfLasting) = (lasting, at) }
        }
    }

    /// A product is computed again if it takes so many times the bytes of its operands.
    private static let productGrowth = 4

    private static func wideValues(_ function: GraphFunction, _ roles: [FusionRole], _ bytes: [Int]) -> [Bool] {
        var isWide = [Bool](repeating: false, count: function.values.count)
        for (at, op) in function.ops.enumerated() {
            switch roles[at] {
            case .contraction where op.name == "dot":
                let read = op.operands.reduce(0) { $0 + bytes[$1.index] }
                isWide[op.results[0].index] = bytes[op.results[0].index] >= productGrowth * read
            case .elementwise: isWide[op.results[0].index] = op.operands.contains { isWide[$0.index] }
            default: continue
            }
        }
        return isWide
    }

    /// The value in whose memory a value is.
    func home(_ value: ValueID) -> ValueID { ValueID(homes[value.index]) }

    /// Whether a value that an operation makes has memory of its own: not what readers compute for themselves, a constant, or the
    /// same in another shape.
    func takesMemory(_ value: ValueID, made op: Int, _ roles: [FusionRole]) -> Bool {
        switch roles[op] {
        case .indexOnly, .view: false
        default: !isConstant[value.index]
        }
    }
}
