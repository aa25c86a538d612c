import Benchmarking
import Execution
import GraphIR
import Testing

/// Random shapes: determined by the seed, and checked against f64.
@Suite struct SweepTests {
    @Test(arguments: SweepKind.allCases)
    func aSeedDeterminesItsShapes(kind: SweepKind) {
        let shapes = kind.shapes(seed: 7, count: 20).map(\.name)
        #expect(kind.shapes(seed: 7, count: 20).map(\.name) == shapes)
        // More shapes begin with the same ones.
        #expect(Array(kind.shapes(seed: 7, count: 25).map(\.name).prefix(20)) == shapes)
        #expect(kind.shapes(seed: 8, count: 20).map(\.name) != shapes)
        #expect(Set(shapes).count > 15)
    }

    @Test func productsCoverTheRange() {
        let shapes = SweepKind.gemm.shapes(seed: 1, count: 200)
        let volumes = shapes.map { $0.flops / 2 }
        #expect(volumes.allSatisfy { $0 >= 512 && $0 <= 8_589_934_592 })
        #expect(volumes.contains { $0 < 1e5 } && volumes.contains { $0 > 1e8 })
        for variant in ["nn", "nt", "tn", "tt"] {
            #expect(shapes.filter { $0.name.contains(" \(variant) ") }.count > 25)
        }
    }

    @Test(arguments: SweepKind.allCases)
    func smallShapesAreRightAndTimed(kind: SweepKind) throws {
        let sweep = try Sweep(threads: 1, seconds: 0.001)
        let small = kind.shapes(seed: 3, count: 60).filter { $0.flops < 4e6 }.prefix(6)
        #expect(small.count == 6)
        for shape in small {
            let result = try sweep.run(shape)
            #expect(result.wrong == 0, "\(shape.name)")
            #expect(result.largestError <= 1)
            #expect(result.median >= result.least && result.least > 0)
            #expect(result.shareOfRoofline >= result.shareOfPeak)
        }
    }

    /// Computes another function than the one it says.
    private struct Lie: SweepShape {
        let name = "lie"
        let graph = """
            module v1 @sweep {
              func @main(%x: f32[100] "x") {
                %0 = neg %x : f32[100]
                output %0 : f32[100] "y"
              }
            }

            """
        let flops = 100.0
        let bytesRead = 400.0
        let bytesWritten = 400.0
        let count = 100
        func expected(_ index: Int, _ inputs: [UnsafeBufferPointer<Float>]) -> (value: Double, margin: Double) {
            (Double(inputs[0][index]), 1e-6)
        }
    }

    @Test func wrongElementsAreCounted() throws {
        #expect(try Sweep(threads: 1, seconds: 0.001).run(Lie()).wrong > 60)
    }

    @Test func quantilesLieBetweenNeighbours() {
        let numbers = Distribution([4, 1, 3, 2])
        #expect(numbers.quantile(0) == 1 && numbers.quantile(1) == 4)
        #expect(numbers.quantile(0.5) == 2.5)
        #expect(Distribution([5]).quantile(0.1) == 5)
        #expect(Distribution([]).quantile(0.5).isNaN)
    }
}
