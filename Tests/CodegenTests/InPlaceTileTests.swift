import GraphIR
import GraphPasses
import HostTensors
import KernelIR
import Lowering
import Testing
import Toolchain

/// Left operands that lie in memory as bf16, of which tiles are loaded from where they are.
@Suite struct InPlaceTileTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// The first product, which is what lies in memory, and the one that reads it.
        var first: String
        var second: String
        var result: String
        /// Whether tiles are loaded from the first product.
        var isInPlace = true
    }

    static let cases = [
        Case(
            testDescription: "weights as they lie", first: "%w0 contract [1],[0] : f32[64*B,64]",
            second: "%1, %w1 contract [1],[0] : f32[64*B,72]", result: "64*B,72"),
        Case(
            testDescription: "transposed weights", first: "%w0 contract [1],[0] : f32[64*B,64]",
            second: "%1, %w2 contract [1],[1] : f32[64*B,72]", result: "64*B,72"),
        Case(
            testDescription: "weights that stay", first: "%w0 contract [1],[0] : f32[64*B,64]",
            second: "%1, %kept contract [1],[0] : f32[64*B,72]", result: "64*B,72", isInPlace: false),
        Case(
            testDescription: "a depth that is no whole tile", first: "%w3 contract [1],[0] : f32[64*B,56]",
            second: "%1, %w4 contract [1],[0] : f32[64*B,72]", result: "64*B,72", isInPlace: false),
        Case(
            testDescription: "a transposed operand", first: "%w0 contract [1],[0] : f32[64*B,64]",
            second: "%1, %x contract [0],[0] : f32[64,96]", result: "64,96", isInPlace: false),
    ]

    private static func text(_ sample: Case) -> String {
        let columns = sample.first.contains("w3") ? 56 : 64
        return """
            module v1 @products {
              dim B in 1...64
              state %kept : f32[64,72] parameter "kept"
              func @main(%x: f32[64*B,96] "x", %w0: f32[96,64] "w0", %w1: f32[64,72] "w1", %w2: f32[72,64] "w2", %w3: f32[96,56] "w3", %w4: f32[56,72] "w4") {
                %0 = dot %x, \(sample.first)
                %1 = tanh %0 : f32[64*B,\(columns)]
                %2 = dot \(sample.second)
                output %2 : f32[\(sample.result)] "y"
              }
            }

            """
    }

    private static func lowered(_ text: String, _ level: CPULevel) throws -> LoweredModule {
        let target = Target(architecture: .x86_64, level: level)
        let (module, plans) = try optimize(try GraphModule(text: text))
        var schedules = ScheduleTable()
        for function in module.functions {
            for op in function.ops where op.name == "dot" {
                let key = ScheduleTable.key(op, in: function, target: target, precision: .bfloat16)
                schedules[key] = ContractionSchedule(form: .tiles)
            }
        }
        let storage = zip(module.functions, plans).map { chooseStorage($0, plan: $1, dims: module.dims) }
        return try lower(
            module, plans: plans, target: target, precision: .bfloat16, schedules: schedules, storage: storage)
    }

    /// Whether tiles are loaded from a buffer of bf16 numbers.
    private static func loadsInPlace(_ statements: [KernelStatement], _ buffers: [KernelBuffer]) -> Bool {
        statements.contains { statement in
            switch statement {
            case .loop(let loop): loadsInPlace(loop.body, buffers)
            case .tile(.load(_, let buffer, _, _)): buffers[buffer].stored == .bf16
            default: false
            }
        }
    }

    @Test(arguments: cases, [CPULevel.dot, .amx]) func giveTheProduct(_ sample: Case, _ level: CPULevel) throws {
        let text = Self.text(sample)
        let lowered = try Self.lowered(text, level)
        let found = lowered.kernels.contains { Self.loadsInPlace($0.body, $0.buffers) }
        #expect(found == sample.isInPlace, "\(lowered.kernels.map(\.name))")
        try expectMeaning(
            of: GraphModule(text: text), lowered, batches: [1, 3], interpreted: [1], bound: TileTests.bound(.bfloat16))
    }
}
