import GraphIR
import HostTensors

/// Numbers written out, or lists of them: `[[1, 2], [3, 4]]`.
public enum TensorLiteral: Sendable, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
    /// One number.
    case number(Float)
    /// What an axis runs over.
    case list([TensorLiteral])

    /// One number.
    public init(floatLiteral value: Float) { self = .number(value) }

    /// One number.
    public init(integerLiteral value: Int64) { self = .number(Float(value)) }

    /// A list, which makes a tensor where its elements have one shape.
    public init(arrayLiteral elements: TensorLiteral...) { self = .list(elements) }
}

extension Tensor {
    /// A tensor of `f32` numbers written out: `Tensor([[1, 2], [3, 4]])`; fails where rows differ in shape.
    public init(_ literal: TensorLiteral, file: String = #fileID, line: Int = #line) {
        let place = PlaceScope.call(file, line)
        do {
            self.init(try literal.value(), place: place)
        } catch {
            var error = error as? GraphError ?? GraphError("\(error)")
            error.place = place.description
            self.init(failure: error)
        }
    }
}

extension TensorLiteral {
    /// The tensor; throws where rows differ in shape.
    fileprivate func value() throws -> HostTensor {
        switch self {
        case .number(let number): return HostTensor(scalar: number)
        case .list(let elements):
            let rows = try elements.map { try $0.value() }
            guard let first = rows.first else { return HostTensor([Float]()) }
            guard let at = rows.firstIndex(where: { $0.shape != first.shape }) else {
                return try HostTensor(stacking: rows)
            }
            throw GraphError(
                "row 0 of a tensor literal is \(first.typeText), row \(at) is \(rows[at].typeText)",
                remedy: "give all rows as many numbers")
        }
    }
}
