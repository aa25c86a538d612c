import Compiler
import Execution
import GraphIR
import KernelIR

/// How fast a kind of kernel is, beside what the machine allows.
public struct KernelSpeed: Sendable {
    /// The kind.
    public let family: KernelFamily
    /// The sum of its kernels' middle times, in microseconds.
    public let median: Double
    /// The sum of their shortest.
    public let least: Double
    /// Floating-point operations of its kernels.
    public let flops: Double
    /// Bytes of inputs and results.
    public let bytes: Double
    /// The least time for so many operations on inputs that are read once and results that are written once.
    public let bound: RooflineBound

    /// The share of the machine's roofline that the shortest time reaches.
    public var shareOfRoofline: Double { least > 0 ? bound.microseconds / least : 0 }

    /// Runs a family on random inputs for so many seconds. Throws what the compiler and the model throw.
    public init(
        _ family: KernelFamily, peak: MachinePeak, seconds: Double = 0.1, seed: UInt64 = 1,
        precision: Precision = .float32, level: CPULevel? = nil
    ) throws {
        self.family = family
        let module = try family.module()
        let signature = try ModelSignature(of: module).function(named: "main")
        let inputs = try RandomInputs.make(for: signature, sizes: [:], seed: seed)
        let profile = try KernelProfile.measure(
            "main", of: module, inputs: inputs, states: [:], threads: peak.threads, seconds: seconds, peak: peak,
            precision: precision, level: level)
        median = profile.kernels.reduce(0) { $0 + $1.median }
        least = profile.kernels.reduce(0) { $0 + $1.least }
        flops = profile.kernels.reduce(0) { $0 + $1.work.flops }
        let read = inputs.values.reduce(0) { $0 + Double($1.byteCount) }
        let written = try signature.outputs.reduce(0) {
            try $0 + Double($1.type.shape([:]).reduce(1, *) * $1.type.dtype.byteCount)
        }
        bytes = read + written
        bound = peak.bound(flops: flops, read: read, written: written, workingSet: bytes)
    }
}
