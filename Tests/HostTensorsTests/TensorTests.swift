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
        let empty: HostTensor = []
        #expect(empty.shape == [0])
    }

    @Test func writingCopiesSharedStorage() throws {
        let original = HostTensor([1, 2, 3] as [Int32])
        var copy = original
        try copy.withMutableScalars(as: Int32.self) { $0[1] = 20 }
        #expect(try original.scalars(as: Int32.self) == [1, 2, 3])
        #expect(try copy.scalars(as: Int32.self) == [1, 20, 3])
    }

    @Test(arguments: DType.allCases)
    func storageIsAlignedAndZero(dtype: DType) {
        let tensor = HostTensor(zeros: [3, 5], dtype: dtype)
        #expect(tensor.count == 15)
        #expect(tensor.byteCount == 15 * dtype.byteCount)
        #expect(tensor.doubles() == [Double](repeating: 0, count: 15))
        tensor.withUnsafeBytes { bytes in #expect(UInt(bitPattern: bytes.baseAddress) % 64 == 0) }
    }

    @Test func equalityIsOfBits() {
        #expect(HostTensor([Float.nan]) == HostTensor([Float.nan]))
        #expect(HostTensor([Float(0)]) != HostTensor([-Float(0)]))
        #expect(HostTensor([Int32(0)]) != HostTensor([Float(0)]))
        #expect(HostTensor(zeros: [2, 3], dtype: .f32) != HostTensor(zeros: [3, 2], dtype: .f32))
    }

    @Test func booleansFromOtherProgramsAreNormalized() throws {
        let tensor = try HostTensor(bytes: [0, 1, 2, 255], dtype: .bool, shape: [4])
        #expect(tensor.bytes == [0, 1, 1, 1])
        #expect(try tensor.scalars(as: Bool.self) == [false, true, true, true])
    }

    @Test func rowsAreCopied() throws {
        let tensor: HostTensor = [[1, 2], [3, 4], [5, 6]]
        #expect(tensor[rows: 1..<3] == [[3, 4], [5, 6]])
        #expect(tensor[rows: 1..<1].shape == [0, 2])
        #expect(try tensor.rows(at: [2, 0, 2]) == [[5, 6], [1, 2], [5, 6]])
        #expect(try tensor.rows(1..<3) == tensor[rows: 1..<3])
        #expect(try HostTensor(stacking: [tensor, tensor]).shape == [2, 3, 2])
        #expect(try HostTensor(rows: [[1, 2], [3, 4], [5, 6]] as [[Float]]) == tensor)
        #expect(try HostTensor(rows: [[], []] as [[Int32]]).shape == [2, 0])
        #expect(try HostTensor(rows: [] as [[Int32]]).shape == [0, 0])
    }

    @Test func wrongRequestsSayHowToMendThem() throws {
        let tensor: HostTensor = [[1, 2], [3, 4]]
        #expect(
            message { _ = try HostTensor([1, 2] as [Float], shape: [3]) }
                == "tensor f32[3]: expected 3 elements, got 2; give one element for each place of the shape")
        #expect(
            message { _ = try HostTensor(bytes: [0], dtype: .i16, shape: [1]) }
                == "tensor i16[1]: expected 2 bytes, got 1; give 2 bytes for each element")
        #expect(
            message { _ = try tensor.reshaped([3]) }
                == "reshape f32[2, 2] to [3]: expected 4 elements, got 3; choose a shape whose extents multiply to 4")
        #expect(
            message { _ = try tensor.reshaped([-1]) }
                == "shape [-1]: expected extents of at least 0, got -1; "
                + "compute the unknown extent first; a host tensor has no unknown dimensions")
        #expect(
            message { _ = try tensor.reshaped([Int.max, 2]) }
                == "shape [9223372036854775807, 2]: expected at most 9223372036854775807 bytes of f32, got more; "
                + "check the extents, or split the data")
        #expect(
            message { _ = try tensor.scalars(as: Double.self) }
                == "access elements of f32[2, 2]: expected f32, got f64; ask for f32, or convert with converted(to: .f64)"
        )
        #expect(
            message { _ = try tensor.rows(at: [0, 2]) }
                == "rows of f32[2, 2]: expected indices from 0 up to 2, got 2; count rows from 0")
        for range in [1..<3, -1..<1, 3..<4] {
            #expect(
                message { _ = try tensor.rows(range) }
                    == "rows of f32[2, 2]: expected a range within 0..<2, got \(range); count rows from 0")
        }
        #expect(
            message { _ = try HostTensor(1).rows(0..<1) }
                == "rows of f32[]: expected at least one axis, got none; reshape the scalar to [1]")
        #expect(
            message { _ = try HostTensor(rows: [[1, 2], [3]] as [[Float]]) }
                == "tensor of 2 rows: expected 2 elements in row 1, as in row 0, got 1; give all rows as many elements")
        #expect(
            message { _ = try HostTensor(stacking: [tensor, 1]) }
                == "stack 2 tensors: expected f32[2, 2], got f32[]; convert or reshape the parts to one type")
    }

    @Test func closenessAndLargestDifference() {
        let tensor: HostTensor = [1, 2, 3]
        let near = HostTensor([1, 2, 3.001])
        #expect(!tensor.isClose(to: near))
        #expect(tensor.isClose(to: near, relative: 1e-3))
        #expect(tensor.isClose(to: near, relative: 0, absolute: 0.0011))
        #expect(abs(tensor.maxAbsoluteDifference(to: near) - 0.001) < 1e-12)
        #expect(tensor.maxAbsoluteDifference(to: [1, 2]) == .infinity)
        let special = HostTensor([Float.nan, .infinity])
        #expect(special.isClose(to: special))
        #expect(special.maxAbsoluteDifference(to: special) == 0)
        #expect(!special.isClose(to: HostTensor([Float(0), .infinity])))
        #expect(!special.isClose(to: HostTensor([Float.nan, -.infinity])))
        #expect(special.maxAbsoluteDifference(to: HostTensor([Float(0), .infinity])) == .infinity)
        #expect(!HostTensor([Float(1)]).isClose(to: HostTensor([Float.infinity])))
    }
}

@Suite("Text of tensors")
struct TensorDescriptionTests {
    @Test func bracketsFollowTheShape() throws {
        let matrix: HostTensor = [[1, -2.5], [10, 4]]
        #expect(matrix.description == "[[ 1.0, -2.5],\n [10.0,  4.0]]")
        #expect(matrix.debugDescription == "f32[2, 2] [[ 1.0, -2.5],\n [10.0,  4.0]]")
        #expect(HostTensor(scalar: Int32(7)).description == "7")
        #expect(HostTensor([true, false]).description == "[ true, false]")
        #expect(HostTensor(zeros: [2, 0], dtype: .f32).description == "[]")
        let cube = try HostTensor((0..<8).map { UInt8($0) }, shape: [2, 2, 2])
        #expect(cube.description == "[[[0, 1],\n  [2, 3]],\n\n [[4, 5],\n  [6, 7]]]")
        #expect(HostTensor([BFloat16(0.5)]).description == "[0.5]")
    }

    @Test func manyElementsAreElided() throws {
        let vector = HostTensor((0..<2000).map { Int32($0) })
        #expect(vector.description == "[   0,    1,    2, ..., 1997, 1998, 1999]")
        let thousand = HostTensor((0..<1000).map { Int32($0) })
        #expect(!thousand.description.contains("..."))
        let matrix = try HostTensor((0..<1400).map { Int32($0) }, shape: [700, 2])
        let expected = """
            [[   0,    1],
             [   2,    3],
             [   4,    5],
             ...,
             [1394, 1395],
             [1396, 1397],
             [1398, 1399]]
            """
        #expect(matrix.description == expected)
    }
}
