import GraphIR
import KernelIR

/// One spatial axis of a convolution: where the input's positions are that results meet.
///
/// Positions of the input that are a multiple of the stride apart are *phases*: those of one phase lie next to each other in the
/// words that tiles read, so that neighbouring results read neighbours whatever the stride is.
struct ConvolutionWindow: Hashable {
    /// Positions of the input, without padding.
    var input: Int
    /// Zeros before the first of them.
    var padding: Int
    /// Positions of the kernel, and how far they are apart in the input.
    var kernel: Int
    var dilation: Int
    /// Positions of the input between neighbouring results.
    var stride: Int
    /// Results.
    var result: Int

    /// Whether no result meets padding, on either side.
    var staysInside: Bool { padding == 0 && (result - 1) * stride + (kernel - 1) * dilation < input }

    /// Taps of one phase: kernel positions `first`, `first` + `every` …, which are `step` apart in the phase.
    struct Phase: Hashable {
        var first: Int
        var every: Int
        var count: Int
        var step: Int

        /// How far the last tap is from the first, in the phase.
        var reach: Int { (count - 1) * step }
    }

    /// The phases that results meet; none where a stride comes with a dilation.
    var phases: [Phase] {
        if stride == 1 { return [Phase(first: 0, every: 1, count: kernel, step: dilation)] }
        guard dilation == 1 else { return [] }
        return (0..<min(stride, kernel)).map {
            Phase(first: $0, every: stride, count: (kernel - $0 + stride - 1) / stride, step: 1)
        }
    }

    /// The input's position, less than 0 or past its end where it is padding, that is `at` in a phase.
    func position(_ at: IndexExpression, in phase: Phase) -> IndexExpression {
        at * Dim(stride) + Dim(phase.first * dilation - padding)
    }

    /// What must hold for the positions `from + 0..<count` of a phase, from being at most `last`, to be in the input: nothing
    /// where all of them are.
    func conditions(_ at: IndexExpression, in phase: Phase, most: Int) -> [IndexCondition] {
        let position = position(at, in: phase)
        var conditions: [IndexCondition] = []
        if phase.first * dilation < padding { conditions.append(IndexCondition(Dim(0) - position, below: 1)) }
        if most * stride + phase.first * dilation - padding >= input {
            conditions.append(IndexCondition(position, below: Dim(input)))
        }
        return conditions
    }
}
