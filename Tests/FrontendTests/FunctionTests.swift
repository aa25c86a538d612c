import GraphIR
import GraphTracing
import HostTensors
import Testing

/// Functions of tensors made of several operations, against values worked out by hand or by NumPy.
@Suite struct FunctionTests {
    private func ints(_ values: [Int32]) -> Tensor { Tensor(HostTensor(values)) }
    private func doubles(_ tensor: Tensor) throws -> [Double] { try tensor.evaluated().doubles() }

    @Test func indexing() throws {
        let table = Tensor([[1, 2], [3, 4], [5, 6]])
        #expect(try doubles(gather(table, ints([2, 0, 9, -1]))) == [5, 6, 1, 2, 0, 0, 0, 0])
        #expect(try doubles(embedding(table, ints([1]))) == [3, 4])
        #expect(
            try doubles(takeAlong(table, table.argsorted(axis: 0, descending: true), axis: 0)) == [5, 6, 3, 4, 1, 2])
        let sums = scatterAdd(Tensor.zeros(TensorType(.f32, [3])), ints([1, 1, 2, 7]), Tensor([1, 2, 3, 4]))
        #expect(try doubles(sums) == [0, 3, 3])
        #expect(try doubles(dynamicSlice(table, starts: ints([5, 1]), sizes: [2, 1])) == [4, 6])
        let update = dynamicUpdateSlice(table, Tensor([[9, 8]]), starts: ints([1, 0]))
        #expect(try doubles(update) == [1, 2, 9, 8, 5, 6])
    }

    @Test func order() throws {
        let x = Tensor([[3, 1, 2], [0, 5, 4]])
        #expect(try doubles(x.sorted()) == [1, 2, 3, 0, 4, 5])
        #expect(try doubles(x.sorted(axis: 0, descending: true)) == [3, 5, 4, 0, 1, 2])
        #expect(try doubles(x.argsorted()) == [1, 2, 0, 0, 2, 1])
        let best = x.topK(2)
        #expect(try doubles(best.values) == [3, 2, 5, 4])
        #expect(try doubles(best.positions) == [0, 2, 1, 2])
        #expect(try doubles(x.cumulativeSum()) == [3, 4, 6, 0, 5, 9])
        #expect(try doubles(x.cumulativeSum(axis: 0, exclusive: true)) == [0, 0, 0, 3, 1, 2])
        #expect(try doubles(x.cumulativeMax(reverse: true)) == [3, 2, 2, 5, 5, 4])
        #expect(try doubles(x.cumulativeMin()) == [3, 1, 1, 0, 0, 0])
        #expect(try doubles(x.cumulativeProduct()) == [3, 3, 6, 0, 0, 0])
    }

    @Test func rearranging() throws {
        let x = Tensor([[1, 2, 3], [4, 5, 6]])
        #expect(try x.split(sizes: [1, 2], axis: 1).map { try doubles($0) } == [[1, 4], [2, 3, 5, 6]])
        #expect(try x.split(count: 2).map { try doubles($0) } == [[1, 2, 3], [4, 5, 6]])
        #expect(x.split(count: 2, axis: 1)[0].isFailed)
        #expect(try doubles(Tensor([1, 2]).tiled([2, 2])) == [1, 2, 1, 2, 1, 2, 1, 2])
        #expect(Tensor([1, 2]).tiled([2, 2]).shape == [2, 4])
        #expect(try doubles(x.repeated(2, axis: 1)) == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6])
        #expect(try doubles(x.rolled(by: 1, axis: 1)) == [3, 1, 2, 6, 4, 5])
        #expect(try doubles(x.rolled(by: -1)) == [4, 5, 6, 1, 2, 3])
        #expect(try doubles(x.lowerTriangle()) == [1, 0, 0, 4, 5, 0])
        #expect(try doubles(x.upperTriangle(diagonal: 1)) == [0, 2, 3, 0, 0, 6])
        #expect(x.expanded(at: 1).squeezed(at: 1).shape == [2, 3])
        #expect(x.squeezed(at: 0).isFailed)
    }

    @Test func statistics() throws {
        let x = Tensor([[1, 2, 3, 6]])
        #expect(try doubles(x.variance()) == [3.5])
        #expect(try doubles(x.variance(axes: [1], correction: 1)).map { ($0 * 1e4).rounded() } == [46667])
        #expect(try doubles(Tensor([3, -4]).norm()) == [5])
        #expect(try doubles(Tensor([3, -4]).norm(1)) == [7])
        #expect(try doubles(Tensor([3, -4]).norm(.infinity)) == [4])
        #expect(try doubles(Tensor([1000, 1000]).logSumExp()).map { ($0 * 1e3).rounded() } == [1_000_693])
        #expect(try doubles(clip(Tensor([-2, 0.5, 2]), -1, 1)) == [-1, 0.5, 1])
        #expect(try doubles(modulo(Tensor([5, -5, 5, -5]), Tensor([3, 3, -3, -3]))) == [2, 1, -1, -2])
    }

    @Test(arguments: [
        ("ij,jk->ik", [19, 22, 43, 50]), ("ij,jk", [19, 22, 43, 50]), ("ij,ij->", [70]), ("ij,ij->j", [26, 44]),
        ("ij,kl->ijkl", [5, 6, 7, 8, 10, 12, 14, 16, 15, 18, 21, 24, 20, 24, 28, 32]), ("ij,kj->ki", [17, 39, 23, 53]),
        ("ij,kl->j", [104, 156]),
    ])
    func einsums(_ formula: String, _ expected: [Double]) throws {
        let (x, y) = (Tensor([[1, 2], [3, 4]]), Tensor([[5, 6], [7, 8]]))
        #expect(try doubles(einsum(formula, x, y)) == expected)
    }

    @Test func einsumOfThreeAndOfOne() throws {
        let x = Tensor([[1, 2], [3, 4]])
        #expect(try doubles(einsum("ij->ji", x)) == [1, 3, 2, 4])
        #expect(try doubles(einsum("ij,jk,k->i", x, x, Tensor([1, 10]))) == [107, 235])
        #expect(einsum("ii->i", x).isFailed)
        #expect(einsum("ij,k->ik", x).isFailed)
    }

    @Test func elementTypesArePromoted() throws {
        let (whole, real) = (ints([1, 2]), Tensor([0.5, 1.5]))
        #expect((whole + real).dtype == .f32)
        #expect(try doubles(whole * real) == [0.5, 3])
        #expect(select(whole .> 1, whole, real).dtype == .f32)
        let promotions: [(DType, DType, DType)] = [
            (.bool, .i8, .i8), (.u8, .i8, .i16), (.u32, .i16, .i64), (.u64, .i64, .f64), (.i64, .f16, .f16),
            (.f16, .bf16, .f32), (.f64, .f32, .f64), (.u8, .i32, .i32), (.i8, .i64, .i64),
        ]
        for (one, other, both) in promotions {
            #expect(one.promoted(with: other) == both)
            #expect(other.promoted(with: one) == both)
        }
    }

    @Test func scans() throws {
        let x = Tensor([[1, 10], [2, 20], [3, 30]])
        let factor = Tensor([2, 1])
        func run(reverse: Bool) -> (carries: [Tensor], outputs: [Tensor]) {
            scan([Tensor([0, 0])], over: [x], reverse: reverse) { carries, elements in
                let sum = carries[0] + elements[0] * factor
                return ([sum], [sum * 1])
            }
        }
        #expect(try doubles(run(reverse: false).carries[0]) == [12, 60])
        #expect(try doubles(run(reverse: false).outputs[0]) == [2, 10, 6, 30, 12, 60])
        #expect(try doubles(run(reverse: true).outputs[0]) == [12, 60, 10, 50, 6, 30])
        let wrong = scan([Tensor([0, 0])], over: [x]) { carries, elements in ([Tensor([1])], []) }
        #expect(wrong.carries[0].isFailed)
    }

    @Test func conditionsAndLoops() throws {
        let x = Tensor([3])
        for (flag, expected) in [(true, 6.0), (false, 9.0)] {
            let result = conditional(Tensor(HostTensor(scalar: flag)), then: { [x + x] }, otherwise: { [x * x] })
            #expect(try doubles(result[0]) == [expected])
        }
        let grown = loop([Tensor([1]), Tensor([0])], limit: 20, while: { ($0[0] .< 100).all() }) {
            [$0[0] * x, $0[1] + 1]
        }
        #expect(try grown.map { try doubles($0) } == [[243], [5]])
    }

    /// Gradients flow into what a body uses from outside.
    @Test func gradientsOfBodies() throws {
        let weight = Tensor([0.5])
        let powers = scan([Tensor([1])], length: 3) { carries, _ in ([carries[0] * weight], []) }
        #expect(try doubles(gradients(of: powers.carries[0].sum(), withRespectTo: [weight])[0]) == [0.75])
        let chosen = conditional(
            Tensor(HostTensor(scalar: true)), then: { [weight * weight] }, otherwise: { [weight] })
        #expect(try doubles(gradients(of: chosen[0].sum(), withRespectTo: [weight])[0]) == [1])
        let doubled = loop([weight], limit: 9, while: { ($0[0] .< 3).all() }, body: { [$0[0] * 2] })
        #expect(try doubles(gradients(of: doubled[0].sum(), withRespectTo: [weight])[0]) == [8])
        // A body in a body.
        let nested = scan([Tensor([1])], length: 2) { outer, _ in
            let inner = scan([outer[0]], length: 2) { carries, _ in ([carries[0] * weight * outer[0]], []) }
            return ([inner.carries[0]], [])
        }
        // x → w² x³, twice: w² (w²)³ = w⁸.
        #expect(try doubles(nested.carries[0]) == [1.0 / 256])
        #expect(try doubles(gradients(of: nested.carries[0].sum(), withRespectTo: [weight])[0]) == [8.0 / 128])
    }
}
