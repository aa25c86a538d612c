import Foundation
import Strata
import Testing

/// The code of `docs/guides/tensors.md`.
@Suite struct TensorsGuide {
    /// What a block would print, collected.
    private final class Output {
        var printed: [String] = []
        func print(_ values: Any...) { printed.append(values.map { "\($0)" }.joined(separator: " ")) }
    }

    @Test func making() throws {
        let output = Output()
        func print(_ values: Any...) { output.print(values[0]) }
        let table = Tensor([[1, 2, 3], [4, 5, 6]])
        print(table * 2 + Tensor([10, 20, 30]))
        #expect(output.printed == ["[[12.0, 24.0, 36.0],\n [18.0, 30.0, 42.0]]"])
    }

    private func matrix() -> Tensor {
        let values: [Float] = [1, 2, 3, 4, 5, 6]
        let matrix = Tensor(values, shape: [2, 3])
        let rows = Tensor([1, 0] as [Int32])
        let zeros = Tensor.zeros(TensorType(.f32, [2, 3]))
        #expect(rows.dtype == .i32 && zeros.type == matrix.type)
        return matrix
    }

    @Test func memory() throws {
        let matrix = matrix()
        let host = try matrix.evaluated()
        print(host.shape, try host.scalars(as: Float.self))
        #expect(host.shape == [2, 3] && host.doubles() == [1, 2, 3, 4, 5, 6])
    }

    @Test func functions() throws {
        let matrix = matrix()
        let scores = matmul(matrix, matrix.transposed())
        let largest = matrix.max(axes: [1], keepDims: true)
        let outer = einsum("i,j->ij", Tensor([1, 2]), Tensor([3, 4, 5]))
        let positive = select(matrix .> 2, matrix, Tensor(0))
        #expect(try scores.evaluated() == HostTensor(rows: [[14, 32], [32, 77]] as [[Float]]))
        #expect(try largest.evaluated() == HostTensor(rows: [[3], [6]] as [[Float]]))
        #expect(try outer.evaluated() == HostTensor(rows: [[3, 4, 5], [6, 8, 10]] as [[Float]]))
        #expect(try positive.evaluated() == HostTensor(rows: [[0, 0, 3], [4, 5, 6]] as [[Float]]))
    }

    @Test func parts() throws {
        let output = Output()
        func print(_ values: Any...) { output.print(values[0]) }
        let matrix = matrix()
        print(matrix[0])
        print(matrix[.all, -1])
        print(matrix[..<1, (-2)...])
        print(matrix[.all, .range(start: 1, end: -1)])
        print(matrix[.all, .range(stride: 2)])
        #expect(
            output.printed == [
                "[1.0, 2.0, 3.0]", "[3.0, 6.0]", "[[2.0, 3.0]]", "[[2.0],\n [5.0]]", "[[1.0, 3.0],\n [4.0, 6.0]]",
            ])
    }

    @Test func mistakes() throws {
        let output = Output()
        func print(_ values: Any...) { output.print(values[0]) }
        let matrix = matrix()
        let wrong = matmul(matrix, matrix)
        do { print(try wrong.evaluated()) } catch { print(error) }
        let place = "TensorsGuide.swift:\(#line - 2): "
        #expect(
            output.printed == [
                place + "matmul: f32[2,3] times f32[2,3]: the last axis of the first is 3, axis 0 of the second is 2 "
                    + "(they must be equal)"
            ])
    }

    @Test func derivatives() throws {
        let output = Output()
        func print(_ values: Any...) { output.print(values[0]) }
        let slope = gradient { (x: Tensor) in (x * x * x).sum() }
        print(slope(Tensor([1, 2, 3])))
        #expect(try slope(Tensor([1, 2, 3])).evaluated().doubles() == [3, 12, 27])

        let weight = Parameter(HostTensor([0, 0] as [Float]))
        let (inputs, targets) = (Tensor([[1, 2], [3, -1], [0, 1]]), Tensor([5, 1, 2]))
        for _ in 0..<200 {
            let w = weight.value
            let loss = square(matmul(inputs, w) - targets).mean()
            weight.assignSubtract(gradients(of: loss, withRespectTo: [w])[0] * 0.05)
        }
        print(weight.value)
        #expect(try weight.value.evaluated().isClose(to: HostTensor([1, 2] as [Float])))
        #expect(output.printed.count == 2)
    }

    @Test func compiled() throws {
        let distance = try compile { (x: Tensor, y: Tensor) in square(x - y).sum(axes: [-1]) }
        print(try distance(HostTensor([1, 2] as [Float]), HostTensor([4, 6] as [Float])))
        #expect(try distance(HostTensor([1, 2] as [Float]), HostTensor([4, 6] as [Float])).doubles() == [25])
    }
}
