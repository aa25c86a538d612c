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

    /// A constant that no f64 holds, such as the factor of a hash, keeps all its bits.
    @Test func aLargeConstantIsExact() throws {
        let factorValue = Int64(bitPattern: 0x9e37_79b9_7f4a_7c15)
        var builder = FunctionBuilder(name: "main")
        let input = builder.input("x", TensorType(.i64, [3]))
        let factor = try builder.broadcast(builder.constant(HostTensor(scalar: factorValue)), axes: [], shape: [3])
        builder.output("y", try builder.mul(input, factor))
        var module = GraphModule(name: "limits")
        module.functions = [builder.function]
        var states: [HostTensor] = []
        let found = try PlanHarness(module).run("main", inputs: [HostTensor([1, -1, 3] as [Int64])], states: &states)
        #expect(try found[0].scalars(as: Int64.self) == [1, -1, 3].map { $0 &* factorValue })
    }
}
