import Benchmarking
import Execution
import GraphIR
import HostTensors
import Testing

@Suite struct BenchmarkingTests {
    @Test func timesEveryRun() {
        var runs = 0
        let timing = Timing.measure(seconds: 0.01, least: 7, warmRounds: 0) {
            runs += 1
            var sum = 0.0
            for number in 0..<2000 { sum += Double(number).squareRoot() }
            #expect(sum > 0)
        }
        #expect(timing.repetitions == runs)
        #expect(timing.repetitions >= 7)
        #expect(timing.least > 0)
        #expect(timing.least <= timing.median && timing.median <= timing.ninetiethPercentile)
    }

    @Test func measuresThisMachine() throws {
        let peak = try MachinePeak.measure(threads: 1)
        // Every machine that can run this does at least one multiply-add a nanosecond, and none a thousand.
        #expect(peak.gigaflops > 1 && peak.gigaflops < 2000)
        #expect(peak.gigabytes > 0.1 && peak.gigabytes < 2000)
    }

    @Test func countsTheWorkOfAFunction() throws {
        let module = try GraphModule(
            text: """
                module v1 @m {
                  dim B in 1...64
                  func @predict(%x: f32[B,30] "x", %w: f32[30,20] "w") {
                    %0 = dot %x, %w contract [1],[0] : f32[B,20]
                    %1 = neg %0 : f32[B,20]
                    output %1 : f32[B,20] "y"
                  }
                }
                """)
        let cost = try FunctionCost(of: module.function(named: "predict"), in: module, sizes: ["B": 7])
        #expect(cost.contractionFlops == Double(2 * 7 * 30 * 20))
        #expect(cost.flops == cost.contractionFlops + 7 * 20)
        // One kernel reads x and w and writes y.
        #expect(cost.bytes == Double(4 * (7 * 30 + 30 * 20 + 7 * 20)))
    }

    @Test func randomInputsFitTheFunction() throws {
        let function = FunctionSignature(
            name: "f",
            inputs: [
                TensorSignature("x", TensorType(.f32, [Dim(symbol: "B"), 100])),
                TensorSignature("label", TensorType(.i32, [Dim(symbol: "B")])),
                TensorSignature("mask", TensorType(.bool, [Dim(symbol: "B")])),
            ], outputs: [])
        let inputs = try RandomInputs.make(for: function, sizes: ["B": 50], seed: 3)
        #expect(inputs.keys == ["x", "label", "mask"])
        #expect(inputs["x"]?.shape == [50, 100])
        let reals = try #require(inputs["x"]).doubles()
        #expect(reals.allSatisfy { $0 >= -1 && $0 < 1 } && reals.contains { $0 < -0.9 } && reals.contains { $0 > 0.9 })
        let labels = try #require(inputs["label"]).doubles()
        #expect(Set(labels) == Set((0..<10).map(Double.init)))
        #expect(try RandomInputs.make(for: function, sizes: ["B": 50], seed: 3) == inputs)
        #expect(try RandomInputs.make(for: function, sizes: ["B": 50], seed: 4) != inputs)
    }

    private func compare(_ compiled: [Float], _ interpreted: [Float]) -> TensorComparison {
        TensorComparison(
            name: "y", isState: false, compiled: HostTensor(compiled), interpreted: HostTensor(interpreted),
            tolerance: nil)
    }

    @Test func comparesRelativeToTheLargestElement() {
        #expect(compare([1000.05, 2], [1000, 2]).isClose)
        #expect(!compare([1000, 2.2], [1000, 2]).isClose)
        #expect(compare([.nan, .infinity], [.nan, .infinity]).isClose)
        #expect(!compare([.nan], [1]).isClose)
        #expect(!compare([1, 2], [1]).isClose)
    }
}
