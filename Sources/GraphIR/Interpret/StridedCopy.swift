import HostTensors

/// The distance between neighbours along each axis of a row-major tensor, in elements.
func rowMajorStrides(_ shape: [Int]) -> [Int] {
    var strides = shape
    var stride = 1
    for axis in shape.indices.reversed() {
        strides[axis] = stride
        stride *= shape[axis]
    }
    return strides
}

/// Calls `body` with both offsets of every run along the last axis of a block, in row-major order.
@inline(__always)
func forEachRow(
    _ shape: [Int], _ first: (offset: Int, strides: [Int]), _ second: (offset: Int, strides: [Int]),
    _ body: (Int, Int) -> Void
) {
    if shape.contains(0) { return }
    let outerRank = max(shape.count - 1, 0)
    var position = [Int](repeating: 0, count: outerRank)
    var (one, two) = (first.offset, second.offset)
    while true {
        body(one, two)
        var axis = outerRank - 1
        while axis >= 0 {
            position[axis] += 1
            one += first.strides[axis]
            two += second.strides[axis]
            if position[axis] < shape[axis] { break }
            one -= first.strides[axis] * shape[axis]
            two -= second.strides[axis] * shape[axis]
            position[axis] = 0
            axis -= 1
        }
        if axis < 0 { return }
    }
}

/// Where the elements of a block lie in a tensor's memory.
struct StridedBlock {
    /// The first element's offset, in elements.
    var offset = 0
    /// The distance along each axis of the block, in elements; 0 repeats, negative runs backwards.
    var strides: [Int]
}

/// Copies a block of `shape` from one tensor's memory to another's, both of one element size.
func copyBlock(
    _ shape: [Int], from source: HostTensor, _ sourceBlock: StridedBlock, to target: inout HostTensor,
    _ targetBlock: StridedBlock
) {
    switch source.dtype.byteCount {
    case 1: copyBlock(shape, source, sourceBlock, &target, targetBlock, UInt8.self)
    case 2: copyBlock(shape, source, sourceBlock, &target, targetBlock, UInt16.self)
    case 4: copyBlock(shape, source, sourceBlock, &target, targetBlock, UInt32.self)
    default: copyBlock(shape, source, sourceBlock, &target, targetBlock, UInt64.self)
    }
}

private func copyBlock<Element: FixedWidthInteger>(
    _ shape: [Int], _ source: HostTensor, _ sourceBlock: StridedBlock, _ target: inout HostTensor,
    _ targetBlock: StridedBlock, _ type: Element.Type
) {
    let count = shape.last ?? 1
    let (readStride, writeStride) = (sourceBlock.strides.last ?? 1, targetBlock.strides.last ?? 1)
    source.withUnsafeBytes { source in
        let read = source.assumingMemoryBound(to: type)
        target.withUnsafeMutableBytes { target in
            let write = target.assumingMemoryBound(to: type)
            forEachRow(
                shape, (sourceBlock.offset, sourceBlock.strides), (targetBlock.offset, targetBlock.strides)
            ) { from, to in
                for index in 0..<count { write[to + index * writeStride] = read[from + index * readStride] }
            }
        }
    }
}
