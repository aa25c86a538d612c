import Execution
import GraphIR
import HostTensors

/// A kind of kernel as a small graph, whose error is measured against the same graph in f64.
public struct KernelFamily: Sendable {
    /// What it is, as `dot 128×784 by 784×512`.
    public let name: String
    /// The graph in f32: module `family`, function `main`.
    public let graph: String

    /// Every kind of kernel there is.
    public static let all = contractions + reductions + elementwise + windows

    private init(_ name: String, inputs: [(name: String, type: String)], _ lines: String...) {
        self.name = name
        let parameters = inputs.map { "%\($0.name): \($0.type) \"\($0.name)\"" }.joined(separator: ", ")
        let body = lines.map { "    \($0)\n" }.joined()
        graph = "module v1 @family {\n  func @main(\(parameters)) {\n\(body)  }\n}\n"
    }

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
        KernelFamily(
            "conv 3×3 of 8×32×14×14, 64 channels",
            inputs: [("x", "f32[8,32,14,14]"), ("w", "f32[64,32,3,3]")],
            "%0 = conv %x, %w layout \"NCHW,OIHW,NCHW\" strides [1,1] padding [1,1],[1,1] inputDilation [1,1] "
                + "kernelDilation [1,1] : f32[8,64,14,14]", "output %0 : f32[8,64,14,14] \"y\""),
    ]

    private static let reductions = [
        KernelFamily(
            "sum of rows of 4096", inputs: [("x", "f32[64,4096]")],
            "%0 = reduce %x kind sum axes [1] : f32[64]", "output %0 : f32[64] \"y\""),
        KernelFamily(
            "sum of columns of 4096", inputs: [("x", "f32[4096,64]")],
            "%0 = reduce %x kind sum axes [0] : f32[64]", "output %0 : f32[64] \"y\""),
        KernelFamily(
            "softmax of rows of 1000", inputs: [("x", "f32[64,1000]")],
            "%0 = softmax %x axis 1 : f32[64,1000]", "output %0 : f32[64,1000] \"y\""),
        KernelFamily(
            "logSoftmax of rows of 1000", inputs: [("x", "f32[64,1000]")],
            "%0 = logSoftmax %x axis 1 : f32[64,1000]", "output %0 : f32[64,1000] \"y\""),
        KernelFamily(
            "crossEntropy of 10 classes", inputs: [("x", "f32[128,10]"), ("label", "i32[128]")],
            "%0 = crossEntropy %x, %label : f32[128]", "output %0 : f32[128] \"y\""),
    ]

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

    private static let windows = [
        KernelFamily(
            "average pooling 3×3 of 8×16×28×28", inputs: [("x", "f32[8,16,28,28]")],
            "%0 = avgPool %x window [3,3] strides [2,2] padding [1,1],[1,1] layout \"NCHW\" : f32[8,16,14,14]",
            "output %0 : f32[8,16,14,14] \"y\""),
        KernelFamily(
            "maximum pooling 2×2 of 8×16×28×28", inputs: [("x", "f32[8,16,28,28]")],
            "%0 = maxPool %x window [2,2] strides [2,2] layout \"NCHW\" : f32[8,16,14,14]",
            "output %0 : f32[8,16,14,14] \"y\""),
    ]
}

/// How far the compiled code of a kind of kernel is from f64.
public struct KernelError: Sendable {
    /// The kind.
    public let family: KernelFamily
    /// The largest |f32 − f64| over the largest |f64|.
    public let largest: Double
    /// The root of the mean of their squares, over that of the f64 results.
    public let typical: Double

    /// Runs a family on random inputs in (-1, 1), compiled, and interpreted in f64.
    public init(
        _ family: KernelFamily, threads: Int = 0, seed: UInt64 = 1, compiler: any ModuleCompiler = NativeCompiler()
    ) throws {
        self.family = family
        let single = try GraphModule(text: family.graph)
        let double = try GraphModule(text: family.graph.replacing("f32", with: "f64"))
        let signature = try ModelSignature(of: single).function(named: "main")
        let inputs = try RandomInputs.make(for: signature, sizes: [:], seed: seed)
        let model = try Model.compiled(single, threads: threads, compiler: compiler)
        let found = try model.run("main", inputs).values.flatMap { $0.doubles() }
        let exact = try InterpretedModel(double).run(
            "main", inputs.mapValues { $0.dtype == .f32 ? $0.converted(to: .f64) : $0 }
        ).values.flatMap { $0.doubles() }
        var (difference, greatest, squares, total) = (0.0, 0.0, 0.0, 0.0)
        for (one, other) in zip(found, exact) {
            difference = max(difference, abs(one - other))
            greatest = max(greatest, abs(other))
            squares += (one - other) * (one - other)
            total += other * other
        }
        largest = difference / max(greatest, .leastNormalMagnitude)
        typical = (squares / max(total, .leastNormalMagnitude)).squareRoot()
    }
}
