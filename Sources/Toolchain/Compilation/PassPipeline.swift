/// The LLVM passes that run over a module before its machine code is emitted, in LLVM's textual form.
public struct PassPipeline: Sendable, Hashable {
    /// LLVM's text of the pipeline; empty for no pass at all.
    public let text: String

    /// Makes a pipeline from LLVM's text of it, which is checked when it is run.
    public init(text: String) { self.text = text }

    /// Cleans up what emission writes naively. Kernels come vectorised and unrolled, so that LLVM's default pipelines
    /// cost seconds and undo register tiles by unrolling remainders again. What instructions combine to need not be the end of it:
    /// LLVM's check for that, on by default in such texts, would turn down code that is right.
    public static let small = PassPipeline(
        text: "function(sroa,early-cse,instcombine<no-verify-fixpoint>,simplifycfg,loop-mssa(licm),gvn,dce)")

    /// No pass: machine code for the IR as it is written.
    public static let none = PassPipeline(text: "")
}
