import Execution
import GraphIR
import HostTensors

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
        let single = try family.module()
        let double = try family.module(of: .f64)
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
