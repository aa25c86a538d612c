import GraphIR
import HostTensors
import KernelIR

/// Where a tile of a convolution is: statements that give the image, the line of tiles and the column of tiles, and these.
struct WinogradPlace {
    let statements: [KernelStatement]
    let image: IndexExpression
    let line: IndexExpression
    let column: IndexExpression
}

/// What all kernels on transformed tiles have in common.
extension KernelDraft {
    /// The place of a tile by its number among those of all images.
    mutating func tilePlace(
        of number: IndexExpression, images: Dim, _ height: WinogradAxis, _ width: WinogradAxis
    ) -> WinogradPlace {
        let (image, line, column) = (fresh("n"), fresh("y"), fresh("x"))
        func constant(_ number: Int) -> KernelExpression { .constant(Double(number), .i64) }
        let (number, perImage) = (KernelExpression.index(number, .i64), constant(height.tiles * width.tiles))
        let inImage = KernelExpression.apply(.rem, [number, perImage], .i64)
        return WinogradPlace(
            statements: [
                .position(image, extent: images, .apply(.div, [number, perImage], .i64)),
                .position(line, extent: Dim(height.tiles), .apply(.div, [inImage, constant(width.tiles)], .i64)),
                .position(column, extent: Dim(width.tiles), .apply(.rem, [inImage, constant(width.tiles)], .i64)),
            ], image: Dim(symbol: image), line: Dim(symbol: line), column: Dim(symbol: column))
    }

    /// A channel of the size × size elements of images that a tile is made of; what lies outside an image is 0.
    func tileElements(
        of buffer: Int, _ height: WinogradAxis, _ width: WinogradAxis, size: Int, channels: Int, _ place: WinogradPlace,
        _ channel: IndexExpression
    ) -> [[KernelExpression]] {
        (0..<size).map { down in
            (0..<size).map { across in
                let (y, x) = (height.position(place.line, down), width.position(place.column, across))
                let pixel = (place.image * Dim(height.input) + y) * Dim(width.input) + x
                let index = pixel * Dim(channels) + channel
                let conditions = height.conditions(place.line, down) + width.conditions(place.column, across)
                return conditions.isEmpty ? .load(buffer, index) : .loadWhere(buffer, index, conditions)
            }
        }
    }

    /// `M x Mᵀ` in the innermost body.
    mutating func transformed(_ x: [[KernelExpression]], by matrix: [[Double]]) -> [[KernelExpression]] {
        let named = x.map { line in line.map { self.named($0) } }
        let columns = named[0].indices.map { column in
            product(matrix, named.map { $0[column] }).map { self.named($0) }
        }
        return matrix.indices.map { line in product(matrix, columns.map { $0[line] }) }
    }

    private mutating func named(_ value: KernelExpression) -> KernelExpression { named(value, level: scopes.count - 1) }

    /// The product of a matrix and a vector. Of two rows that differ in signs only, as two points of opposite sign give, sum and difference are
    /// taken of what they share.
    private mutating func product(_ matrix: [[Double]], _ x: [KernelExpression]) -> [KernelExpression] {
        var results: [KernelExpression] = []
        for row in matrix.indices where results.count <= row {
            let isPair =
                row + 1 < matrix.count && matrix[row] != matrix[row + 1]
                && zip(matrix[row], matrix[row + 1]).allSatisfy { $0.magnitude == $1.magnitude }
            guard isPair else {
                results.append(Self.combination(x, matrix[row]))
                continue
            }
            let pairs = zip(matrix[row], matrix[row + 1])
            let same = named(Self.combination(x, pairs.map { $0 == $1 ? $0 : 0 }))
            let opposite = named(Self.combination(x, pairs.map { $0 == $1 ? 0 : $0 }))
            results += [.apply(.add, [same, opposite], .f32), .apply(.sub, [same, opposite], .f32)]
        }
        return results
    }

    /// The sum of values times factors, without the products that a factor of 0, 1 or -1 makes needless.
    private static func combination(_ values: [KernelExpression], _ factors: [Double]) -> KernelExpression {
        let terms = zip(factors, values).filter { $0.0 != 0 }.sorted { $0.0 == 1 && $1.0 != 1 }
        let sum = terms.reduce(KernelExpression?.none) { sum, term in
            let (factor, value) = term
            guard let sum else {
                return factor == 1 ? value : .apply(.mul, [.constant(factor, .f32), value], .f32)
            }
            return switch factor {
            case 1: .apply(.add, [sum, value], .f32)
            case -1: .apply(.sub, [sum, value], .f32)
            default: .apply(.multiplyAdd, [.constant(factor, .f32), value, sum], .f32)
            }
        }
        return sum ?? .constant(0, .f32)
    }
}
