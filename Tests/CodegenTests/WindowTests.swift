import GraphIR
import HostTensors
import KernelIR
import Testing
import Toolchain

/// Windows of so many elements that loops go through them: every bit is the interpreter's, and code does not grow with the window.
@Suite struct WindowTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var shape: [Int]
        var window: [Int]
        var strides: [Int]
        var padding: [[Int]]

        init(_ shape: [Int], _ window: [Int], _ strides: [Int]? = nil, _ padding: [[Int]]? = nil) {
            self.shape = shape
            self.window = window
            self.strides = strides ?? window
            self.padding = padding ?? shape.map { _ in [0, 0] }
        }

        var result: [Int] {
            shape.indices.map { (shape[$0] + padding[$0][0] + padding[$0][1] - window[$0]) / strides[$0] + 1 }
        }
        var testDescription: String { "\(window) of \(shape), strides \(strides), padding \(padding)" }

        /// All kinds of windows, what they give to their elements, and an operation on that.
        func module(_ dtype: DType) throws -> GraphModule {
            var builder = FunctionBuilder(name: "main")
            let x = builder.input("x", TensorType(dtype, shape.map { Dim($0) }))
            let g = builder.input("g", TensorType(dtype, result.map { Dim($0) }))
            for kind in ["sum", "max", "min"] {
                let attributes: Attributes = [
                    "kind": .keyword(kind), "window": .ints(window), "strides": .ints(strides),
                    "padding": .intLists(padding),
                ]
                builder.output(kind, try builder.emit1("reduceWindow", x, attributes: attributes))
                guard dtype.isFloat else { continue }
                let scattered = try builder.emit1("windowScatter", x, g, attributes: attributes)
                builder.output(kind + " given", try builder.emit1("add", scattered, x))
            }
            var module = GraphModule(name: "windows")
            module.functions = [builder.function]
            return module
        }
    }

    static let cases = [
        Case([2, 40, 40, 5], [1, 12, 12, 1], [1, 3, 5, 1], [[0, 0], [2, 3], [1, 0], [0, 0]]),
        Case([3, 18, 20, 17], [1, 9, 10, 1]),
        Case([2, 3, 24, 33], [1, 1, 12, 11]),
        Case([2, 3, 20, 40], [1, 1, 10, 9], [1, 1, 2, 3], [[0, 0], [0, 0], [4, 4], [3, 8]]),
        Case([2, 3, 64, 64], [1, 1, 64, 64]),
        Case([2, 1, 64, 64, 3], [1, 1, 16, 64, 1]),
        Case([200], [100], [1], [[50, 50]]),
        Case([8, 16], [8, 16]),
    ]

    @Test(arguments: AccuracyTests.levels, cases)
    func everyBit(level: CPULevel, item: Case) throws {
        for dtype in [DType.f32, .f64, .f16, .i32, .u8] {
            let module = try item.module(dtype)
            // Few numbers, so that sums are exact and the first of equal ones matters.
            func numbers(_ shape: [Int], _ step: Int, least: Int) throws -> HostTensor {
                let numbers = (0..<shape.reduce(1, *)).map { Double($0 * step % 101 % 5 + least) }
                return try HostTensor(numbers, shape: shape).converted(to: dtype)
            }
            let least = dtype == .u8 ? 0 : -2
            let (x, g) = (try numbers(item.shape, 37, least: least), try numbers(item.result, 41, least: least))
            for x in dtype.isFloat ? [x, try x.withNaN(at: x.count / 3)] : [x] {
                let data = try RandomCase(module, inputs: [x, g])
                let target = Target(architecture: Target.host.architecture, level: level)
                let mismatch = try data.firstMismatch(in: data.compiled(target))
                #expect(mismatch == nil, "\(dtype): \(mismatch ?? "")")
            }
        }
    }

    @Test func codeDoesNotGrowWithTheWindow() throws {
        func statements(_ size: Int) throws -> Int {
            let item = Case([2, 3 * size, 3 * size, 8], [1, size, size, 1], [1, size - 1, size, 1])
            let lowered = try PlanHarness.prepare(item.module(.f32))
            return lowered.kernels.flatMap(\.body).map(\.size).reduce(0, +)
        }
        #expect(try statements(64) == statements(16))
    }
}

extension KernelStatement {
    /// The number of statements in it, with itself.
    fileprivate var size: Int {
        if case .loop(let loop) = self { 1 + loop.body.map(\.size).reduce(0, +) } else { 1 }
    }
}

extension HostTensor {
    fileprivate func withNaN(at index: Int) throws -> HostTensor {
        var numbers = doubles()
        numbers[index] = .nan
        return try HostTensor(numbers, shape: shape).converted(to: dtype)
    }
}
