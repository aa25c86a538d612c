extension HostTensor: CustomStringConvertible, CustomDebugStringConvertible {
    /// The elements in nested brackets, columns aligned, one line a row; of more than 1,000 elements only the first and
    /// last three along each axis are shown.
    public var description: String {
        var printer = TensorPrinter(tensor: self)
        return printer.print()
    }

    /// The dtype and shape before the elements.
    public var debugDescription: String { "\(typeText) \(description)" }
}

/// Lays out the elements of one tensor as text.
private struct TensorPrinter {
    static let elisionThreshold = 1000
    static let edgeCount = 3

    let tensor: HostTensor
    let elides: Bool
    let strides: [Int]
    var cells: [String] = []
    var nextCell = 0

    init(tensor: HostTensor) {
        self.tensor = tensor
        elides = tensor.count > Self.elisionThreshold
        var strides = tensor.shape
        var stride = 1
        for axis in strides.indices.reversed() where tensor.count > 0 {
            strides[axis] = stride
            stride *= tensor.shape[axis]
        }
        self.strides = strides
    }

    mutating func print() -> String {
        if tensor.count == 0 { return "[]" }
        var offsets: [Int] = []
        collectOffsets(axis: 0, offset: 0, into: &offsets)
        cells = (try? tensor.dtype.accept(ElementTexts(tensor: tensor, offsets: offsets))) ?? []
        let width = cells.map(\.count).max() ?? 0
        cells = cells.map { String(repeating: " ", count: width - $0.count) + $0 }
        var text = ""
        layOut(axis: 0, into: &text)
        return text
    }

    /// The shown indices of an axis; nil stands for the gap.
    private func shownIndices(axis: Int) -> [Int?] {
        let extent = tensor.shape[axis]
        guard elides, extent > 2 * Self.edgeCount else { return (0..<extent).map { $0 } }
        let first: [Int?] = (0..<Self.edgeCount).map { $0 }
        let last: [Int?] = (extent - Self.edgeCount..<extent).map { $0 }
        return first + [nil] + last
    }

    private func collectOffsets(axis: Int, offset: Int, into offsets: inout [Int]) {
        guard axis < tensor.rank else {
            offsets.append(offset)
            return
        }
        for case let index? in shownIndices(axis: axis) {
            collectOffsets(axis: axis + 1, offset: offset + index * strides[axis], into: &offsets)
        }
    }

    private mutating func layOut(axis: Int, into text: inout String) {
        guard axis < tensor.rank else {
            text += cells[nextCell]
            nextCell += 1
            return
        }
        let isInnermost = axis == tensor.rank - 1
        let lineBreak = String(repeating: "\n", count: tensor.rank - 1 - axis) + String(repeating: " ", count: axis + 1)
        text += "["
        for (place, index) in shownIndices(axis: axis).enumerated() {
            if place > 0 { text += isInnermost ? ", " : "," + lineBreak }
            if index == nil { text += "..." } else { layOut(axis: axis + 1, into: &text) }
        }
        text += "]"
    }
}

/// The texts of the elements at some offsets.
private struct ElementTexts: DTypeVisitor {
    let tensor: HostTensor
    let offsets: [Int]

    func visit<Scalar: HostScalar>(_ type: Scalar.Type) throws -> [String] {
        try tensor.withScalars(as: type) { elements in
            offsets.map { offset in
                let text = String(describing: elements[offset])
                // The sign of a NaN says nothing, and differs between processors.
                return text == "-nan" ? "nan" : text
            }
        }
    }
}
