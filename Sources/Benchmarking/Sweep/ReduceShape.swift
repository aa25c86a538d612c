/// The sum or the maximum of a matrix over one axis.
struct ReduceShape: SweepShape {
    let rows: Int
    let columns: Int
    let axis: Int
    let isSum: Bool

    init(_ draw: inout SweepDraw) {
        rows = draw.logUniform(8...4096)
        columns = draw.logUniform(8...4096)
        axis = draw.pick([0, 1])
        isSum = draw.pick([true, false])
    }

    var name: String { "\(isSum ? "sum" : "max") of \(rows)×\(columns) over axis \(axis)" }

    var graph: String {
        """
        module v1 @sweep {
          func @main(%x: f32[\(rows),\(columns)] "x") {
            %0 = reduce %x kind \(isSum ? "sum" : "max") axes [\(axis)] : f32[\(count)]
            output %0 : f32[\(count)] "y"
          }
        }

        """
    }

    var flops: Double { Double(rows) * Double(columns) }
    var bytesRead: Double { 4 * flops }
    var bytesWritten: Double { 4 * Double(count) }
    var count: Int { axis == 0 ? columns : rows }

    func expected(_ index: Int, _ inputs: [UnsafeBufferPointer<Float>]) -> (value: Double, margin: Double) {
        let terms = axis == 0 ? rows : columns
        let elements = (0..<terms).map { Double(inputs[0][axis == 0 ? $0 * columns + index : index * columns + $0]) }
        guard isSum else { return (elements.max() ?? 0, 0) }
        return (elements.reduce(0, +), summationMargin(terms, elements.reduce(0) { $0 + abs($1) }))
    }
}
