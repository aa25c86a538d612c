import GraphIR
import HostTensors
import KernelIR
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

    /// Floats beyond the range of an integer become its ends and what is not a number 0, in vectors and in what is left over, at every level.
    @Test(
        arguments: [DType.f32, .f64], [DType.i8, .u8, .i16, .u16, .i32])
    func floatsSaturate(from: DType, to: DType) throws {
        let special: [Double] = [
            .nan, .infinity, -.infinity, 0, -0.0, 0.9, -0.9, -1, 127, 127.9, 128, -128.9, -129, 255, 255.9, 256,
            32767.5,
            32768, -32768.5, -32769, 65535.5, 65536, 0x1p31, -0x1p31, 0x1p40, 1e30, -1e30, 3, -5.5,
        ]
        let numbers = try HostTensor((0..<special.count * 3).map { special[$0 % special.count] }).converted(to: from)
        var builder = FunctionBuilder(name: "main")
        let input = builder.input("x", TensorType(from, [Dim(numbers.count)]))
        builder.output("y", try builder.cast(input, to: to))
        var module = GraphModule(name: "limits")
        module.functions = [builder.function]
        let wanted = try Interpreter(module: module).run("main", inputs: ["x": numbers])
        for level in CPULevel.levels(of: Target.host.architecture) where level.rank <= Target.host.level.rank {
            let target = Target(architecture: Target.host.architecture, level: level)
            var states: [HostTensor] = []
            let found = try PlanHarness(module, target: target).run("main", inputs: [numbers], states: &states)
            #expect(found == [wanted["y"]!], "\(level)")
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
