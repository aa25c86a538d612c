import GraphIR
import GraphTracing
import HostTensors
import Testing

@Suite struct TensorTests {
    /// A loop whose every step is evaluated takes as long for the last step as for the first: computed from the beginning,
    /// this one would take an hour. Its gradient is whole.
    @Test(.timeLimit(.minutes(3))) func aLoopStartsFromTheValuesBefore() throws {
        let c = Tensor([4, -2])
        let first = Tensor([0, 0])
        var w = first
        for _ in 0..<10_000 {
            w = w - 0.1 * (w - c)
            _ = try w.evaluated()
        }
        #expect(try w.evaluated().isClose(to: HostTensor([4, -2] as [Float]), relative: 1e-5, absolute: 1e-5))
        let two = first - 0.5 * (first - c)
        _ = try two.evaluated()
        #expect(try (two * two).evaluated() == HostTensor([4, 1] as [Float]))
        #expect(try gradients(of: (two * 3).sum(), withRespectTo: [first])[0].evaluated().doubles() == [1.5, 1.5])
    }

    @Test func printingEvaluates() {
        #expect("\(Tensor([1, 2]) + 1)" == "\(HostTensor([2, 3] as [Float]))")
        #expect("\(Tensor([1, 2]) + 1)" == "[2.0, 3.0]")
    }

    @Test(arguments: Reference.shared.broadcasting) func broadcastsAsNumPy(_ row: Reference.Broadcast) throws {
        let (x, y) = (Tensor(try row.x.tensor(.f64)), Tensor(try row.y.tensor(.f64)))
        let result =
            switch row.op {
            case "add": x + y
            case "sub": x - y
            case "mul": x * y
            case "div": x / y
            default: maximum(x, y)
            }
        #expect(try result.evaluated().isClose(to: row.result.tensor(.f64), relative: 1e-14, absolute: 1e-14))
    }

    @Test func operatorsTakeNumbersOnEitherSide() throws {
        let x = Tensor([[1, 2], [3, 4]])
        #expect(try (2 * x - 1).evaluated() == HostTensor([1, 3, 5, 7] as [Float], shape: [2, 2]))
        #expect(try (12 / x).evaluated() == HostTensor([12, 6, 4, 3] as [Float], shape: [2, 2]))
        #expect(try (-x).evaluated() == HostTensor([-1, -2, -3, -4] as [Float], shape: [2, 2]))
        #expect(try (x .> 2).evaluated() == HostTensor([false, false, true, true], shape: [2, 2]))
        let integers = Tensor(HostTensor([5, 6] as [Int32]))
        #expect(try (integers + 1).evaluated() == HostTensor([6, 7] as [Int32]))
        #expect((integers + 0.5).isFailed)
    }

    @Test func reductions() throws {
        let x = Tensor([[1, 2, 3], [4, 5, 9]])
        #expect(try x.sum().evaluated() == HostTensor(scalar: Float(24)))
        #expect(try x.mean(axes: [-1]).evaluated() == HostTensor([2, 6] as [Float]))
        #expect(try x.max(axes: [0], keepDims: true).evaluated() == HostTensor([4, 5, 9] as [Float], shape: [1, 3]))
        #expect(try x.argmax().evaluated() == HostTensor([2, 2] as [Int32]))
        #expect(x.sum(axes: [1], keepDims: true).shape == [2, 1])
    }

    @Test func movement() throws {
        let x = Tensor([[1, 2, 3], [4, 5, 6]])
        #expect(x.reshaped(to: [3, -1]).shape == [3, 2])
        #expect(try x.transposed().evaluated() == HostTensor([1, 4, 2, 5, 3, 6] as [Float], shape: [3, 2]))
        #expect(try x[1].evaluated() == HostTensor([4, 5, 6] as [Float]))
        #expect(try x[0..., -1].evaluated() == HostTensor([3, 6] as [Float]))
        #expect(try x[AxisSelection.all, 1..<3].evaluated() == HostTensor([2, 3, 5, 6] as [Float], shape: [2, 2]))
        #expect(try concat([x, x], axis: 1).evaluated().shape == [2, 6])
        #expect(try stack([x, x]).evaluated().shape == [2, 2, 3])
        let labels = Tensor(HostTensor([2, 0] as [Int32]))
        #expect(try labels.oneHot(classes: 3).evaluated() == HostTensor([0, 0, 1, 1, 0, 0] as [Float], shape: [2, 3]))
    }

    @Test func functions() throws {
        let x = Tensor([-1, 0, 2])
        #expect(try relu(x).evaluated() == HostTensor([0, 0, 2] as [Float]))
        #expect(try select(x .< 0, x * x, x).evaluated() == HostTensor([1, 0, 2] as [Float]))
        let product = matmul(Tensor([[1, 2], [3, 4]]), Tensor([[5], [6]]))
        #expect(try product.evaluated() == HostTensor([17, 39] as [Float], shape: [2, 1]))
        #expect(try softmax(Tensor([0, 0])).evaluated() == HostTensor([0.5, 0.5] as [Float]))
        let image = Tensor(HostTensor(zeros: [1, 4, 4, 1], dtype: .f32)) + 1
        let ones = Tensor(HostTensor(zeros: [3, 3, 1, 2], dtype: .f32)) + 1
        let same = conv2d(image, ones, padding: .same)
        #expect(same.shape == [1, 4, 4, 2])
        #expect(try same[0, 0, 0, 0].evaluated() == HostTensor(scalar: Float(4)))
        #expect(try maxPool2D(same, window: [2, 2]).evaluated().shape == [1, 2, 2, 2])
        // Of 4, 6, 6 and 9.
        #expect(try averagePool2D(same, window: [2, 2])[0, 0, 0, 0].evaluated() == HostTensor(scalar: Float(6.25)))
    }

    @Test func variablesHoldTheirValueOutsideTraces() throws {
        let counter = Variable(HostTensor([1, 2] as [Float]))
        counter.assignAdd(Tensor([10, 10]))
        counter.assign(counter.value * 2)
        #expect(try counter.value.evaluated() == HostTensor([22, 24] as [Float]))
        counter.assign(Tensor([1, 2, 3]), line: 5)
        #expect(counter.value.isFailed)
    }

    @Test func longChainsNeedNoStack() throws {
        var x = Tensor([0])
        for _ in 0..<100_000 { x = x + 1 }
        let deep = x
        #expect(deep.shape == [1])
        x = Tensor([0])
        for _ in 0..<2_000 { x = x + 1 }
        #expect(try x.evaluated() == HostTensor([2000] as [Float]))
    }

    @Test func subscriptsCountFromBothEnds() throws {
        let x = Tensor([[0, 1, 2, 3], [4, 5, 6, 7]])
        let parts: [(part: Tensor, values: [Double])] = [
            (x[0..., 1...2], [1, 2, 5, 6]), (x[0, ...1], [0, 1]), (x[0, ...(-2)], [0, 1, 2]),
            (x[-1, ...(-1)], [4, 5, 6, 7]), (x[0, (-3)...(-1)], [1, 2, 3]), (x[0, (-3)...(-2)], [1, 2]),
            (x[0, (-3)..<(-1)], [1, 2]),
            (x[0, ..<(-1)], [0, 1, 2]), (x[0, (-1)...], [3]), (x[..<1, -1], [3]),
            (x[0, .range(start: 1, end: -1)], [1, 2]), (x[1, .range(stride: 2)], [4, 6]),
            (x[.all, 0], [0, 4]), (x[.all, .all], [0, 1, 2, 3, 4, 5, 6, 7]), (x[..<1, .range(start: 2)], [2, 3]),
        ]
        for (at, (part, values)) in parts.enumerated() {
            #expect(try part.evaluated().doubles() == values, "part \(at)")
        }
    }

    @Test func selectionsOfNothingAndOutsideAreErrors() {
        let x = Tensor([[0, 1, 2], [4, 5, 6]])
        let nothing = x[0..., 1..<1]
        let place = "TensorTests.swift:\(#line - 1)"
        #expect(
            "\(nothing)".contains(
                "\(place): slice: axis 1 of f32[2,3] is read from position 1 up to 1, which are none"))
        #expect("\(x[.all, .range(start: 2, end: -2)])".contains("up to 1, which are none"))
        #expect("\(x[2])".contains("axis 0 of f32[2,3] is read up to position 3, but has 2 elements"))
    }

    /// Windows whose numbers do not fit the axes, or that never get on.
    @Test func windowsThatMakeNoSenseAreErrors() {
        let (lines, images) = (Tensor.ones(TensorType(.f32, [1, 6, 2])), Tensor.ones(TensorType(.f32, [1, 6, 6, 2])))
        let kernel = Tensor.ones(TensorType(.f32, [2, 2, 2, 2]))
        for (result, message) in [
            (pool(.max, lines, window: [2], padding: .explicit([])), "padding [] of 1 spatial axis"),
            (pool(.average, lines, window: [2], padding: .explicit([[1]])), "padding [[1]] of 1 spatial axis"),
            (maxPool2D(images, window: [2, 2], padding: .explicit([[1, 1]])), "padding [[1, 1]] of 2 spatial axes"),
            (conv2d(images, kernel, padding: .explicit([[1, 1]])), "give two numbers, before and after, for each"),
            (
                transposedConvolution(images, kernel, padding: .explicit([[1, 1]])),
                "padding [[1, 1]] of 2 spatial axes"
            ),
            (conv2d(images, kernel, strides: [0, 1], padding: .same), "strides [0, 1] of a window"),
            (pool(.max, lines, window: [2], strides: [0], padding: .same), "strides [0] of a window"),
        ] {
            #expect(result.isFailed && "\(result)".contains(message), "\(result)")
        }
    }

    @Test func arraysBecomeTensorsOfTheirType() throws {
        let numbers: [Float] = [1, 2, 3, 4]
        #expect(Tensor(numbers).type == TensorType(.f32, [4]))
        #expect(Tensor(numbers, shape: [2, 2])[1].description == "[3.0, 4.0]")
        #expect(Tensor([1, 2] as [Int]).type == TensorType(.i64, [2]))
        #expect(Tensor([true, false]).dtype == .bool)
        // Numbers written out are what they were.
        #expect(Tensor([1, 2]).dtype == .f32 && Tensor([[1, 2.5]]).type == TensorType(.f32, [1, 2]))
        let misfit = Tensor(numbers, shape: [3])
        #expect("\(misfit)".hasPrefix("error: TensorTests.swift:\(#line - 1): "), "\(misfit)")
    }

    @Test func operatorsNameTheLineOfANumberBefore() {
        let (sum, line) = (Tensor([1, 2, 3]) + Tensor([1, 2]), #line)
        #expect("\(sum)".hasPrefix("error: after TensorTests.swift:\(line): add: f32[3] and f32[2]"), "\(sum)")
        let (half, itsLine) = (Tensor([1, 2] as [Int32]) * 0.5, #line)
        #expect("\(half)".hasPrefix("error: after TensorTests.swift:\(itsLine): 0.5 is not a value of i32"), "\(half)")
    }

    @Test func textSaysWhyThereIsNoValue() throws {
        #expect("\(Tensor.zeros(TensorType(.f32, [0, 3])))".hasPrefix("error: "))
        #expect(Tensor([0, 1] as [Float]).description == "[0.0, 1.0]")
        #expect((Tensor([0, 1]) / 0).description == "[nan, inf]")
        #expect((-Tensor([Float.nan])).description == "[nan]")
        #expect("\(Tensor([1, 2, 3]).reshaped(to: [2, -1]))".contains("which do not fill [2, -1] ("))
    }
}
