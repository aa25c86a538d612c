import Execution
import GraphIR
import HostTensors

/// A kind of kernel as a small graph, whose error is measured against the same graph in f64.
public struct KernelFamily: Sendable {
    /// What it is, as `dot 128×784 by 784×512`.
    public let name: String
    /// The text of the graph in f32, function `main`; of the operation itself where the gradient is meant.
    private let text: String
    /// Whether the graph is not the operation but its gradient, by every input that has one.
    private let isGradient: Bool

    /// Every kind of kernel there is.
    public static let all =
        contractions + convolutions + reductions + normalizations + attentions + elementwise + windows

    init(_ name: String, inputs: [(name: String, type: String)], _ lines: [String], isGradient: Bool = false) {
        self.name = name
        let parameters = inputs.map { "%\($0.name): \($0.type) \"\($0.name)\"" }.joined(separator: ", ")
        let body = lines.map { "    \($0)\n" }.joined()
        text = "module v1 @family {\n  func @main(\(parameters)) {\n\(body)  }\n}\n"
        self.isGradient = isGradient
    }

    init(_ name: String, inputs: [(name: String, type: String)], _ lines: String...) {
        self.init(name, inputs: inputs, lines)
    }

    /// An operation and its gradient.
    static func both(_ name: String, inputs: [(name: String, type: String)], _ lines: String...) -> [KernelFamily] {
        [
            KernelFamily(name, inputs: inputs, lines),
            KernelFamily("\(name), gradient", inputs: inputs, lines, isGradient: true),
        ]
    }

    /// The graph, of f32 or f64. A gradient's is that of the first output's elements, each weighted by one of an input `weights`.
    public func module(of dtype: DType = .f32) throws -> GraphModule {
        var module = try GraphModule(text: text.replacing("f32", with: dtype.rawValue))
        guard isGradient, let function = module.functions.first, let output = function.outputs.first else {
            return module
        }
        var builder = FunctionBuilder(continuing: function, states: [])
        let inputs = function.inputs.filter { builder.type($0.value).dtype.isFloat }
        let weights = builder.input("weights", builder.type(output.value))
        let weighted = try builder.emit1("mul", output.value, weights)
        let gradients = try builder.gradients(of: weighted, withRespectTo: inputs.map(\.value))
        builder.function.outputs = []
        for (input, gradient) in zip(inputs, gradients) { builder.output("d\(input.name)", gradient) }
        module.functions = [builder.function]
        return module
    }
}

extension KernelFamily {
    private static let contractions = [
        KernelFamily(
            "dot 128×784 by 784×512", inputs: [("a", "f32[128,784]"), ("b", "f32[784,512]")],
            "%0 = dot %a, %b contract [1],[0] : f32[128,512]", "output %0 : f32[128,512] \"y\""),
        KernelFamily(
            "dot 96×2048 by (64×2048)ᵀ", inputs: [("a", "f32[96,2048]"), ("b", "f32[64,2048]")],
            "%0 = dot %a, %b contract [1],[1] : f32[96,64]", "output %0 : f32[96,64] \"y\""),
        KernelFamily(
            "dot (2048×96)ᵀ by 2048×64", inputs: [("a", "f32[2048,96]"), ("b", "f32[2048,64]")],
            "%0 = dot %a, %b contract [0],[0] : f32[96,64]", "output %0 : f32[96,64] \"y\""),
    ]

    private static let convolutions =
        convolution("conv 3×3 of 8×14×14×32, 64 channels", "8,14,14,32", "3,3,32,64", "8,14,14,64")
        + convolution("conv 1×1 of 1×56×56×64, 256 channels", "1,56,56,64", "1,1,64,256", "1,56,56,256", padding: 0)
        + convolution("conv 3×3, every other pixel, of 4×28×28×64", "4,28,28,64", "3,3,64,64", "4,14,14,64", stride: 2)
        + convolution(
            "conv 7×7, every other pixel, of 4×56×56×3", "4,56,56,3", "7,7,3,64", "4,28,28,64", padding: 3,
            stride: 2)
        + convolution("conv 3×3 by channels of 4×28×28×64", "4,28,28,64", "3,3,1,64", "4,28,28,64", groups: 64)

    private static func convolution(
        _ name: String, _ input: String, _ kernel: String, _ result: String, padding: Int = 1, stride: Int = 1,
        groups: Int = 1
    ) -> [KernelFamily] {
        both(
            name, inputs: [("x", "f32[\(input)]"), ("w", "f32[\(kernel)]")],
            "%0 = conv %x, %w layout \"NHWC,HWIO,NHWC\" strides [\(stride),\(stride)] "
                + "padding [\(padding),\(padding)],[\(padding),\(padding)] inputDilation [1,1] "
                + "kernelDilation [1,1] groups \(groups) : f32[\(result)]",
            "output %0 : f32[\(result)] \"y\"")
    }

    private static let reductions =
        [
            KernelFamily(
                "sum of rows of 4096", inputs: [("x", "f32[64,4096]")],
                "%0 = reduce %x kind sum axes [1] : f32[64]", "output %0 : f32[64] \"y\""),
            KernelFamily(
                "sum of columns of 4096", inputs: [("x", "f32[4096,64]")],
                "%0 = reduce %x kind sum axes [0] : f32[64]", "output %0 : f32[64] \"y\""),
            KernelFamily(
                "logSoftmax of rows of 1000", inputs: [("x", "f32[64,1000]")],
                "%0 = logSoftmax %x axis 1 : f32[64,1000]", "output %0 : f32[64,1000] \"y\""),
        ]
        + both(
            "softmax of rows of 1000", inputs: [("x", "f32[64,1000]")],
            "%0 = softmax %x axis 1 : f32[64,1000]", "output %0 : f32[64,1000] \"y\"")
        + both(
            "crossEntropy of 10 classes", inputs: [("x", "f32[128,10]"), ("label", "i32[128]")],
            "%0 = crossEntropy %x, %label : f32[128]", "output %0 : f32[128] \"y\"")

    private static let normalizations =
        both(
            "layerNorm of rows of 256", inputs: [("x", "f32[1024,256]"), ("s", "f32[256]"), ("o", "f32[256]")],
            "%0 = layerNorm %x, %s, %o axis 1 : f32[1024,256]", "output %0 : f32[1024,256] \"y\"")
        + both(
            "batchNorm of 8×28×28×32", inputs: [("x", "f32[8,28,28,32]"), ("s", "f32[32]"), ("o", "f32[32]")],
            "%0, %1, %2 = batchNorm %x, %s, %o axis 3 : f32[8,28,28,32], f32[32], f32[32]",
            "output %0 : f32[8,28,28,32] \"y\"")

    private static let attentions =
        both(
            "attention, causal, of 2×8×128×32",
            inputs: [("q", "f32[2,8,128,32]"), ("k", "f32[2,8,128,32]"), ("v", "f32[2,8,128,32]")],
            "%0 = attention %q, %k, %v causal true : f32[2,8,128,32]", "output %0 : f32[2,8,128,32] \"y\"")
        + both(
            "attention, masked, 8 heads by 2",
            inputs: [
                ("q", "f32[2,8,128,32]"), ("k", "f32[2,2,128,32]"), ("v", "f32[2,2,128,32]"),
                ("mask", "bool[2,1,128,128]"),
            ],
            "%0 = maskedAttention %q, %k, %v, %mask : f32[2,8,128,32]", "output %0 : f32[2,8,128,32] \"y\"")
        + both(
            "embedding of 1024 in 10 rows of 256", inputs: [("table", "f32[10,256]"), ("at", "i32[1024]")],
            "%0 = embedding %table, %at : f32[1024,256]", "output %0 : f32[1024,256] \"y\"")

    private static let elementwise =
        ["exp", "log1p", "tanh", "logistic", "erf", "gelu", "silu", "sqrt"].map { op in
            // Where the root and the logarithm are real.
            let operand = ["sqrt", "log1p"].contains(op) ? "%0" : "%x"
            return KernelFamily(
                op == "sqrt" || op == "log1p" ? "\(op) of |x|" : op, inputs: [("x", "f32[4096]")],
                "%0 = abs %x : f32[4096]", "%1 = \(op) \(operand) : f32[4096]", "output %1 : f32[4096] \"y\"")
        } + [
            KernelFamily(
                "adam step", inputs: [("p", "f32[4096]"), ("g", "f32[4096]"), ("m", "f32[4096]"), ("u", "f32[4096]")],
                "%0 = abs %u : f32[4096]", "%1 = constant value i64[]{7} : i64[]",
                "%2 = constant value f32[]{0.001} : f32[]",
                "%3, %4, %5 = adam %p, %g, %m, %0, %1, %2 : f32[4096], f32[4096], f32[4096]",
                "output %3 : f32[4096] \"p'\"")
        ]
        + both(
            "gelu of 1024×1024", inputs: [("x", "f32[1024,1024]")], "%0 = gelu %x : f32[1024,1024]",
            "output %0 : f32[1024,1024] \"y\"")

    private static let windows =
        both(
            "average pooling 3×3 of 8×28×28×16", inputs: [("x", "f32[8,28,28,16]")],
            "%0 = avgPool %x window [3,3] strides [2,2] padding [1,1],[1,1] : f32[8,14,14,16]",
            "output %0 : f32[8,14,14,16] \"y\"")
        + both(
            "maximum pooling 2×2 of 8×28×28×16", inputs: [("x", "f32[8,28,28,16]")],
            "%0 = maxPool %x window [2,2] strides [2,2] : f32[8,14,14,16]", "output %0 : f32[8,14,14,16] \"y\"")
}
