import GraphIR
import HostTensors
import KernelIR
import Testing

@Suite struct KernelInterpreterTests {
    /// Small whole numbers, so that every order of summation gives the same result.
    static func numbers(_ count: Int, _ step: Int) -> [Float] { (0..<count).map { Float(($0 * step) % 11 - 5) } }

    @Test(arguments: [1, 3, 7])
    func computesElementByElement(batch: Int) throws {
        let x = Self.numbers(10 * batch, 3)
        let interpreter = try KernelInterpreter(Kernel(text: KernelTexts.elementwise), dims: ["B": batch])
        let after = try interpreter.run([HostTensor(x), HostTensor(zeros: [10 * batch], dtype: .f32)])
        #expect(try after[1].scalars(as: Float.self) == x.map { max($0 - 0.5, 0) })
        #expect(after[0] == HostTensor(x))
    }

    @Test func reducesRows() throws {
        let x = Self.numbers(40, 7)
        let interpreter = try KernelInterpreter(Kernel(text: KernelTexts.rowMean), dims: ["B": 2])
        let y = try interpreter.run([HostTensor(x), HostTensor(zeros: [2], dtype: .f32)])[1]
        #expect(try y.scalars(as: Float.self) == [x[..<20].reduce(0, +) * 0.05, x[20...].reduce(0, +) * 0.05])
    }

    @Test func readsWhereDataSaysAndNeverOutside() throws {
        let interpreter = try KernelInterpreter(Kernel(text: KernelTexts.rows), dims: ["B": 4])
        let table = HostTensor((0..<28).map(Float.init))
        let chosen = HostTensor([5, 0, -3, 99] as [Int32])
        let y = try interpreter.run([table, chosen, HostTensor(zeros: [16], dtype: .f32)])[2]
        #expect(try y.scalars(as: Float.self) == [20, 21, 22, 23, 0, 1, 2, 3, 0, 1, 2, 3, 24, 25, 26, 27])
    }

    @Test func runsLoopsWithinTheirWindows() throws {
        let x = Self.numbers(200, 7)
        let interpreter = try KernelInterpreter(Kernel(text: KernelTexts.windows), dims: ["B": 2])
        let zeros = HostTensor(zeros: [20], dtype: .f32)
        let after = try interpreter.run([HostTensor(x), zeros, zeros])
        let places = (0..<2).flatMap { n in (0..<10).map { (n * 100, $0) } }
        let rows = places.map { n, i in (0...i).reduce(Float(0)) { $0 + x[n + 10 * i + $1] } }
        let columns = places.map { n, j in
            // Blocks begin at 0 and 5: those that hold some number from j - 1 to j + 1.
            let blocks = [0, 5].filter { block in (j - 1...j + 1).contains { (block..<block + 5).contains($0) } }
            let sum = blocks.reduce(Float(0)) { $0 + x[n + 10 * j + $1] }
            return stride(from: j, to: 8, by: 1).reduce(sum) { $0 + x[n + 10 * $1 + j] }
        }
        #expect(try after[1].scalars(as: Float.self) == rows)
        #expect(try after[2].scalars(as: Float.self) == columns)
    }

    @Test(arguments: [1, 2, 3])
    func multipliesInTilesWithTails(batch: Int) throws {
        let (a, b) = (Self.numbers(63 * batch, 3), Self.numbers(189, 5))
        let interpreter = try KernelInterpreter(Kernel(text: KernelTexts.product), dims: ["B": batch])
        let c = try interpreter.run([HostTensor(a), HostTensor(b), HostTensor(zeros: [147 * batch], dtype: .f32)])[2]
        var expected = [Float](repeating: 0, count: 147 * batch)
        for row in 0..<7 * batch {
            for column in 0..<21 {
                for k in 0..<9 { expected[row * 21 + column] += a[row * 9 + k] * b[k * 21 + column] }
            }
        }
        #expect(try c.scalars(as: Float.self) == expected)
    }

    @Test func convolvesWithPadding() throws {
        let (x, w) = (Self.numbers(60, 7), Self.numbers(9, 2))
        let interpreter = try KernelInterpreter(Kernel(text: KernelTexts.convolution), dims: ["B": 2])
        let y = try interpreter.run([HostTensor(x), HostTensor(w), HostTensor(zeros: [60], dtype: .f32)])[2]
        var expected: [Float] = []
        for image in 0..<2 {
            for row in 0..<5 {
                for column in 0..<6 {
                    var sum: Float = 0
                    for p in -1...1 {
                        for q in -1...1 where (0..<5).contains(row + p) && (0..<6).contains(column + q) {
                            sum += x[image * 30 + (row + p) * 6 + column + q] * w[(p + 1) * 3 + q + 1]
                        }
                    }
                    expected.append(sum)
                }
            }
        }
        #expect(try y.scalars(as: Float.self) == expected)
    }

    @Test func drawsTheNumbersOfTheStream() throws {
        let seed: UInt64 = 0x8123_4567_89ab_cdef
        let interpreter = try KernelInterpreter(Kernel(text: KernelTexts.noise))
        let y = try interpreter.run([HostTensor([seed]), HostTensor(zeros: [100], dtype: .f32)])[1]
        #expect(try y.scalars(as: Float.self) == RandomStream.uniform(seed: seed, stream: 3, step: 7, count: 100))
    }

    @Test func roundsWhatIsStoredAsBF16() throws {
        let interpreter = try KernelInterpreter(Kernel(text: KernelTexts.narrowed), dims: ["B": 4])
        let x = HostTensor([1, 1.0078125, 1.015625, -3.984375] as [Float]).converted(to: .bf16)
        let y = try interpreter.run([x, HostTensor(zeros: [4], dtype: .bf16)])[1]
        // 1.51171875 and 1.5234375 lie between two numbers or on one; halves go to the even neighbour.
        #expect(y.doubles() == [1.5, 1.515625, 1.5234375, -5.96875])
    }

    @Test func takesNumbersWhereTheKernelLeavesThemOpen() throws {
        let kernel = try Kernel(text: KernelTexts.shared)
        let half = Int(Float(0.5).bitPattern)
        let interpreter = try KernelInterpreter(kernel, numbers: [20, 5, half])
        let y = try interpreter.run([HostTensor([UInt64(9)]), HostTensor(zeros: [20], dtype: .f32)])[1]
        let drawn = RandomStream.uniform(seed: 9, stream: 5, step: 7, count: 20)
        #expect(try y.scalars(as: Float.self) == drawn.map { $0 * 0.5 })
        for numbers in [[20, 5], [20, 6, half]] {
            let error = #expect(throws: GraphError.self) { try KernelInterpreter(kernel, numbers: numbers) }
            #expect(error?.description == "kernel @shared takes 3 numbers, got \(numbers)")
        }
    }

    @Test func aReadOutsideABufferIsAnError() throws {
        let kernel = try Kernel(
            text: "kernel @k { buffer %x : f32[4] readwrite serial i in 0..<4 { %x[i] = %x[i+1] } }")
        let error = #expect(throws: GraphError.self) {
            try KernelInterpreter(kernel).run([HostTensor(zeros: [4], dtype: .f32)])
        }
        #expect(error?.description == "kernel @k: index 4 is outside buffer '%x' of 4 elements")
    }

    @Test func aTensorThatDoesNotFitItsBufferIsAnError() throws {
        let interpreter = try KernelInterpreter(Kernel(text: KernelTexts.rowMean), dims: ["B": 2])
        let error = #expect(throws: GraphError.self) {
            try interpreter.run([HostTensor(zeros: [41], dtype: .f32), HostTensor(zeros: [2], dtype: .f32)])
        }
        #expect(
            error?.description == "buffer '%x' of kernel @row_mean holds 40 f32 elements, got 41 of f32")
    }
}
