import GraphIR
import HostTensors
import KernelIR
import Testing
import Toolchain

/// Conversions of 16-bit floats, bit for bit, on every level of this machine.
@Suite struct HalfPrecisionTests {
    static let targets = CPULevel.levels(of: Target.host.architecture).filter { $0.rank <= Target.host.level.rank }
        .map { Target(architecture: Target.host.architecture, level: $0) }

    @Test("every 16-bit float is widened exactly", arguments: targets, [DType.f16, .bf16])
    func widening(_ target: Target, _ dtype: DType) throws {
        let all = (0...UInt16.max).map { $0 }
        let numbers = try all.withUnsafeBytes { try HostTensor(copying: $0, dtype: dtype, shape: [all.count]) }
        try check(numbers, to: .f32, target)
        try check(numbers, to: .f64, target)
        try check(numbers, to: .i32, target)
    }

    @Test("numbers are rounded once, to nearest even", arguments: targets, [DType.f16, .bf16])
    func narrowing(_ target: Target, _ dtype: DType) throws {
        // Every 16-bit float, the middle between it and the next, and what lies just beside both.
        let all = (0...UInt16.max).map { $0 }
        let numbers = try all.withUnsafeBytes { try HostTensor(copying: $0, dtype: dtype, shape: [all.count]) }
        let exact = numbers.doubles()
        let middles = zip(exact, exact.dropFirst()).map { ($0 + $1) / 2 }
        let doubles = (exact + middles).flatMap { [$0, $0.nextUp, $0.nextDown] }
        let wide = HostTensor(doubles)
        try check(wide, to: dtype, target)
        let singles = wide.converted(to: .f32)
        let around = try singles.scalars(as: Float.self).flatMap { [$0, $0.nextUp, $0.nextDown] }
        try check(HostTensor(around), to: dtype, target)
        try check(HostTensor((-70_000...70_000).map { Int32($0) }), to: dtype, target)
        // Integers that f64 does not hold, just beside the middle of two 16-bit floats.
        let large = (8..<63).flatMap { exponent in
            [1, 3, 127, 129].flatMap { fraction in
                (-1...1).map { (1 << exponent) + (1 << exponent) / 256 * fraction + $0 }
            }
        }
        try check(HostTensor((large + large.map { -$0 } + [.min, .max]).map { Int64($0) }), to: dtype, target)
        try check(HostTensor(large.flatMap { [UInt64($0), UInt64($0) << 1 | 1, .max] }), to: dtype, target)
    }

    private func check(_ x: HostTensor, to dtype: DType, _ target: Target) throws {
        var builder = FunctionBuilder(name: "main")
        let input = builder.input("x", TensorType(x.dtype, x.shape.map { Dim($0) }))
        builder.output("r", try builder.cast(input, to: dtype))
        var module = GraphModule(name: "casts")
        module.functions = [builder.function]
        var states: [HostTensor] = []
        let found = try PlanHarness(module, target: target).run("main", inputs: [x], states: &states)[0]
        let wanted = x.converted(to: dtype)
        let (one, other) = (found.doubles(), wanted.doubles())
        let wrong = one.indices.filter { one[$0] != other[$0] && !(one[$0].isNaN && other[$0].isNaN) }
        #expect(
            wrong.isEmpty,
            "\(x.dtype) to \(dtype): \(wrong.count) wrong, \(wrong.prefix(3).map { (x.doubles()[$0], one[$0], other[$0]) })"
        )
    }
}
