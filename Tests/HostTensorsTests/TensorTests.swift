import HostTensors
import Testing

@Suite("Tensors in memory")
struct TensorTests {
    @Test func literalsHaveShapesAndSingles() throws {
        let tensor: HostTensor = [[1, 2], [3, 4]]
        #expect(tensor.shape == [2, 2])
        #expect(tensor.dtype == .f32)
        #expect(try tensor.scalars(as: Float.self) == [1, 2, 3, 4])
        let scalar: HostTensor = 2.5
        #expect(scalar.shape == [])
        #expect(scalar.doubles() == [2.5])
    }

    @Test func writingCopiesSharedStorage() throws {
        let original = HostTensor([1, 2, 3] as [Int32])
        var copy = original
        try copy.withMutableScalars(as: Int32.self) { $0[1] = 20 }
        #expect(try original.scalars(as: Int32.self) == [1, 2, 3])
        #expect(try copy.scalars(as: Int32.self) == [1, 20, 3])
        copy.withUnsafeBytes { #expect(UInt(bitPattern: $0.baseAddress!) % 64 == 0) }
    }
}
