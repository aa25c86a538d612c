import CArtifactRuntime
import Testing

/// What a table of steps does, word by word.
@Suite struct StepTests {
    /// Dimensions B = 3 and S = 5.
    private static let numbers: [Int64] = [
        0, 0,  // at 0: 0
        4, 1, 2, 2, 0, 1,  // at 2: 4 + 2·B·S = 34
        7, 0,  // at 8: 7
        100, 1, -1, 1, 1,  // at 10: 100 − S = 95
        95, 0,  // at 15: 95
        96, 0,  // at 17: 96
        2, 0,  // at 19: 2
        0, 1, 1, 1, 0,  // at 21: B = 3
    ]
    /// The caller's buffer, the same 34 bytes on, the constant, 7 bytes into a slot where each item has 95, the caller's buffer where
    /// each example has 7 bytes, and 7 bytes into a slot of one example.
    private static let places: [Int32] = [
        0, 0, -1, -1, 0, 2, -1, -1, -1, 0, -1, -1, 0, 8, 15, -1, 0, 0, -1, 8, 0, 8, 0, -1,
    ]

    /// The words of one step, and what its kernel is given: bytes from the beginning of the memory for two places, B, S, a
    /// number, and the chunks.
    private static let cases: [(name: String, words: [Int32], kept: Int64, renews: Int64, given: [[Int64]])] = [
        ("not divided", [9, 0, 2, -1, -1, -1, 1, 2, 2], 0, 0, [[34, 0, 3, 5, 34, 0, 1]]),
        ("divided by 7, on one thread", [9, 0, 2, 2, 8, -1, 0, 2, 8], 0, 0, [[0, 0, 3, 5, 7, 0, 5]]),
        ("where a condition holds", [11, 0, 2, -1, -1, 10, 15, 17, 0, 2, 8], 0, 0, [[0, 0, 3, 5, 7, 0, 1]]),
        ("where it does not", [11, 0, 2, -1, -1, 10, 0, 15, 0, 2, 8], 0, 0, []),
        ("kept, and to be renewed", [9, 0, 2, -1, -1, -1, 1, 2, 2], 1, 1, [[34, 0, 3, 5, 34, 0, 1]]),
        ("kept", [9, 0, 2, -1, -1, -1, 1, 2, 2], 1, 0, []),
        (
            // Slots begin 96 bytes on; an item is 7 iterations, in chunks of 7.
            "a chain of two kernels, for each of 2 items",
            [6, -1, 2, 19, -1, 1, 9, 0, 2, 8, 8, -1, 1, 3, 2, 9, 0, 2, 17, 8, -1, 3, 0, 8], 0, 0,
            [
                [34, 103, 3, 5, 34, 0, 1], [103, 0, 3, 5, 7, 0, 14],
                [34, 8, 3, 5, 34, 1, 2], [8, 0, 3, 5, 7, 14, 28],
            ]
        ),
        (
            "the same in order",
            [6, -1, 2, 19, -1, 2, 9, 0, 2, 8, 8, -1, 1, 3, 2, 9, 0, 2, 17, 8, -1, 3, 0, 8], 0, 0,
            [
                [34, 103, 3, 5, 34, 0, 1], [103, 0, 3, 5, 7, 0, 14],
                [34, 8, 3, 5, 34, 1, 2], [8, 0, 3, 5, 7, 14, 28],
            ]
        ),
        (
            // Kernels see one example: 4 + 2·S iterations in chunks of 7.
            "a chain of two kernels, for each of 3 examples",
            [6, -1, 2, 21, 0, 1, 9, 0, 2, 2, 8, -1, 4, 5, 2, 9, 0, 2, -1, -1, -1, 5, 1, 8], 0, 0,
            [
                [0, 103, 1, 5, 14, 0, 2], [103, 34, 1, 5, 7, 0, 1],
                [7, 103, 1, 5, 14, 0, 2], [103, 34, 1, 5, 7, 0, 1],
                [14, 103, 1, 5, 14, 0, 2], [103, 34, 1, 5, 7, 0, 1],
            ]
        ),
    ]

    @Test(arguments: cases)
    func runs(name: String, words: [Int32], kept: Int64, renews: Int64, given: [[Int64]]) {
        let memory = Memory()
        let base = memory.keep([Int64(0)])
        let log = memory.keep([[[Int64]]()])
        let block = memory.keep([Int64](repeating: 0, count: 6))
        // A third dimension tells the kernel where to write down what it was given.
        let kernel: strata_rt_task = { arguments, begin, end in
            let block = Array(UnsafeBufferPointer(start: arguments!.assumingMemoryBound(to: Int64.self), count: 6))
            let log = UnsafeMutablePointer<[[Int64]]>(bitPattern: Int(block[4]))!
            log.pointee.append(block.prefix(4) + [block[5], begin, end])
        }
        var steps = strata_rt_steps(
            count: words[1] < 0 ? 2 : 1, words: memory.keep(words), places: memory.keep(Self.places),
            numbers: memory.keep(Self.numbers), kernels: memory.keep([Optional(kernel)]),
            constants: memory.keep([Optional(UnsafeRawPointer(base))]), dim_count: 3, kept: kept, slots: 17,
            slot_bytes: 2)
        var call = strata_rt_call(
            buffers: memory.keep([Optional(UnsafeMutableRawPointer(base))]),
            dims: memory.keep([3, 5, Int64(Int(bitPattern: log))]),
            pool: nil,
            recorder: nil, renews: renews)
        strata_rt_run_steps(&call, &steps, block, nil)
        let origin = Int64(Int(bitPattern: base))
        #expect(log.pointee.map { [$0[0] - origin, $0[1] - origin] + $0.dropFirst(2) } == given)
    }
}

/// Arrays that C structures point to.
private final class Memory {
    private var releases: [() -> Void] = []

    func keep<Element>(_ elements: [Element]) -> UnsafeMutablePointer<Element> {
        let pointer = UnsafeMutablePointer<Element>.allocate(capacity: elements.count)
        pointer.initialize(from: elements, count: elements.count)
        releases.append {
            pointer.deinitialize(count: elements.count)
            pointer.deallocate()
        }
        return pointer
    }

    deinit { for release in releases { release() } }
}
