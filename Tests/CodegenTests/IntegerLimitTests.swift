import GraphIR
import HostTensors
import Testing
import Toolchain

/// What a reduction begins with must not win, for the largest integers of each type either.
@Suite struct IntegerLimitTests {
    @Test(arguments: ["min", "max"]) func aReductionOfOneExtremeElementIsIt(kind: String) throws {
        let largest = HostTensor([UInt64.max, UInt64.max] as [UInt64])
        let smallest = HostTensor([Int64.min, Int64.min] as [Int64])
        for tensor in [largest, smallest] {
            var builder = FunctionBuilder(name: "main")
            let input = builder.input("x", TensorType(tensor.dtype, [2]))
            builder.output("y", try builder.reduce(kind, input, axes: [0]))
            var module = GraphModule(name: "limits")
            module.functions = [builder.function]
            var states: [HostTensor] = []
            let found = try PlanHarness(module).run("main", inputs: [tensor], states: &states)
            let wanted = try Interpreter(module: module).run("main", inputs: ["x": tensor])
            #expect(found == [wanted["y"]!], "\(kind) of \(tensor.dtype.rawValue)")
        }
    }
}
