import GraphIR
import HostTensors
import KernelIR
import Testing
import Toolchain

/// Convolution, bias, activation and pooling with all gradients, compiled and interpreted.
@Suite struct ConvolutionTests {
    /// One geometry; sizes not divisible by vectors and tiles are on purpose.
    struct Geometry: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var layout = "NCHW,OIHW,NCHW"
        var input: (channels: Int, height: Int, width: Int)
        var results: Int
        var kernel = [3, 3]
        var strides = [1, 1]
        var dilation = [1, 1]
        var padding = [[1, 1], [1, 1]]
        var groups = 1
        /// The pooling's window and strides; nil for none.
        var pool: (window: Int, stride: Int)?
        var batch: ClosedRange<Int> = 1...64
    }

    static let geometries = [
        Geometry(
            testDescription: "as in a small classifier, one input channel", input: (1, 12, 28), results: 32,
            kernel: [5, 5], padding: [[2, 2], [2, 2]], pool: (2, 2)),
        Geometry(
            testDescription: "ragged channels and pixels", input: (19, 9, 11), results: 43,
            padding: [[1, 0], [0, 2]],
            pool: (3, 2)),
        Geometry(
            testDescription: "narrow maps, two rows of them in a tile", input: (16, 7, 7), results: 32, pool: (7, 7)),
        Geometry(
            testDescription: "colours, large strides", input: (3, 23, 25), results: 24, kernel: [7, 7],
            strides: [2, 2], padding: [[3, 3], [3, 3]]),
        Geometry(
            testDescription: "dilated, channels last already", layout: "NHWC,HWIO,NHWC", input: (8, 10, 13),
            results: 16,
            dilation: [2, 1], padding: [[2, 2], [1, 1]]),
        Geometry(
            testDescription: "one tap", input: (40, 5, 6), results: 24, kernel: [1, 1], padding: [[0, 0], [0, 0]],
            pool: (2, 2)),
        Geometry(
            testDescription: "one pixel, so that rows are images", input: (12, 3, 3), results: 20,
            padding: [[0, 0], [0, 0]]),
        Geometry(
            testDescription: "a kernel for each channel", input: (8, 8, 9), results: 8, strides: [1, 2], groups: 8),
        Geometry(testDescription: "two groups", input: (8, 8, 8), results: 32, groups: 2),
        Geometry(
            testDescription: "one image only", input: (16, 6, 6), results: 16, pool: (2, 2), batch: 1...1),
        Geometry(
            testDescription: "too few result channels for vectors along them", input: (16, 8, 15), results: 3),
        Geometry(
            testDescription: "weights in panels, the last not a whole one", input: (64, 5, 6), results: 62,
            batch: 1...4),
        Geometry(testDescription: "weights in whole panels", input: (72, 4, 5), results: 64, batch: 1...4),
        Geometry(
            testDescription: "more weights than a second cache keeps", input: (520, 3, 3), results: 512,
            kernel: [1, 1], padding: [[0, 0], [0, 0]], batch: 1...4),
        Geometry(
            testDescription: "transformed tiles, of the gradient of the input too", input: (32, 10, 12), results: 48),
    ]

    @Test(arguments: geometries) func host(_ geometry: Geometry) throws { try check(geometry, .host) }

    #if arch(x86_64)
        @Test(arguments: [CPULevel.baseline, .v3, .v4], [0, 1, 2, 7, 11, 12, 13, 14])
        func lowerLevel(_ level: CPULevel, _ geometry: Int) throws {
            guard level.rank <= Target.host.level.rank else { return }
            try check(Self.geometries[geometry], Target(architecture: .x86_64, level: level))
        }
    #endif

    @Test(
        .enabled(if: EmulatedTests.canEmulate, "needs an emulator: sudo apt-get install qemu-user libc6-arm64-cross"),
        arguments: [0, 1, 7, 11, 14])
    func emulated(_ geometry: Int) throws {
        let data = try RandomCase(module(Self.geometries[geometry]), seed: 4)
        let (gap, place) = try data.worst(of: EmulatedTests.emulated(data))
        #expect(gap <= CompiledAgainstInterpretedTests.bound, "\(place) differs by \(gap)")
    }

    private func check(_ geometry: Geometry, _ target: Target) throws {
        let data = try RandomCase(module(geometry), seed: 4)
        let (gap, place) = try data.worst(of: data.compiled(target))
        #expect(gap <= CompiledAgainstInterpretedTests.bound, "\(place) differs by \(gap)")
    }

    /// The layer, times a cotangent, and the gradients of input, kernel and bias.
    private func module(_ geometry: Geometry) throws -> GraphModule {
        let layout = try ConvLayout(geometry.layout)
        let batch = geometry.batch.count == 1 ? Dim(geometry.batch.lowerBound) : Dim(symbol: "B")
        let sizes: [Character: Dim] = [
            "N": batch, "C": Dim(geometry.input.channels), "H": Dim(geometry.input.height),
            "W": Dim(geometry.input.width),
        ]
        let taps: [Character: Dim] = [
            "O": Dim(geometry.results), "I": Dim(geometry.input.channels / geometry.groups),
            "H": Dim(geometry.kernel[0]), "W": Dim(geometry.kernel[1]),
        ]
        var builder = FunctionBuilder(name: "main")
        let x = builder.input("x", TensorType(.f32, layout.input.map { sizes[$0]! }))
        let kernel = builder.input("kernel", TensorType(.f32, layout.kernel.map { taps[$0]! }))
        let bias = builder.input("bias", TensorType(.f32, [Dim(geometry.results)]))
        let product = try builder.conv(
            x, kernel, layout: geometry.layout, strides: geometry.strides, padding: geometry.padding,
            kernelDilation: geometry.dilation, groups: geometry.groups)
        let shape = builder.type(product).shape
        let repeated = try builder.broadcast(bias, axes: [layout.resultAxis("C")], shape: shape)
        var y = try builder.emit("relu", [builder.add(product, repeated)])[0]
        if let pool = geometry.pool {
            let isSpatial = layout.result.map { $0 != "N" && $0 != "C" }
            y = try builder.reduceWindow(
                "max", y, window: isSpatial.map { $0 ? pool.window : 1 },
                strides: isSpatial.map { $0 ? pool.stride : 1 }, padding: isSpatial.map { _ in [0, 0] })
        }
        builder.output("y", y)
        let cotangent = builder.input("cotangent", builder.type(y))
        let weighted = try builder.mul(y, cotangent)
        let gradients = try builder.gradients(of: weighted, withRespectTo: [x, kernel, bias])
        for (name, value) in zip(["dx", "dkernel", "dbias"], gradients) { builder.output(name, value) }
        var module = GraphModule(name: "sample")
        if geometry.batch.count > 1 { module.dims = [DimSymbol("B", range: geometry.batch)] }
        module.functions = [builder.function]
        return module
    }
}
