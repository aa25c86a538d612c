import CLLVM
import KernelIR

/// Turns LLVM IR text into machine code.
///
/// Every call has an LLVM context of its own and shares nothing with others: calls may run at the same time on several
/// threads, and the same text gives the same bytes. Each throws `ToolchainError.missingLLVM` where there is no LLVM.
public enum LLVMCompiler {
    /// The ELF object file of one IR text.
    public static func object(ir: String, target: Target, optimize: PassPipeline = .small) throws -> [UInt8] {
        try object(irs: [ir], target: target, optimize: optimize)
    }

    /// The ELF object file of several IR texts linked into one module, in the given order.
    ///
    /// - Throws: `ToolchainError` with the text, line and column of an error in the IR; when two texts define the same
    ///   symbol; when the target can't do what the IR asks for.
    public static func object(irs: [String], target: Target, optimize: PassPipeline = .small) throws -> [UInt8] {
        try emit(irs, target, optimize, LLVMObjectFile)
    }

    /// The object file of several IR texts, from `cache` if it was made before.
    public static func object(irs: [String], target: Target, cache: BuildCache?) throws -> [UInt8] {
        try cache.bytes(key(irs: irs, target: target)) { try object(irs: irs, target: target) }
    }

    /// What an object file is kept under: a hash of everything that it depends on.
    public static func key(irs: [String], target: Target, optimize: PassPipeline = .small) throws -> String {
        let parts = ["object", try LLVMLibrary.standard().version, target.triple, target.processor, optimize.text]
        return BuildCache.key(parts + irs)
    }

    /// The assembly text of one IR text.
    public static func assembly(ir: String, target: Target, optimize: PassPipeline = .small) throws -> String {
        try assembly(irs: [ir], target: target, optimize: optimize)
    }

    /// The assembly text of several IR texts linked into one module, in the given order.
    public static func assembly(irs: [String], target: Target, optimize: PassPipeline = .small) throws -> String {
        String(decoding: try emit(irs, target, optimize, LLVMAssemblyFile), as: UTF8.self)
    }

    /// The IR text after `optimize`, as LLVM prints it, with the target's triple and data layout.
    public static func optimizedIR(ir: String, target: Target, optimize: PassPipeline = .small) throws -> String {
        try optimizedIR(irs: [ir], target: target, optimize: optimize)
    }

    /// The IR text of several texts linked into one module, after `optimize`.
    public static func optimizedIR(irs: [String], target: Target, optimize: PassPipeline = .small) throws -> String {
        let module = try CompilationModule(irs, target: target, library: .standard())
        try module.run(optimize)
        return module.text
    }

    private static func emit(
        _ irs: [String], _ target: Target, _ optimize: PassPipeline, _ type: LLVMCodeGenFileType
    ) throws -> [UInt8] {
        let module = try CompilationModule(irs, target: target, library: .standard())
        try module.run(optimize)
        return try module.emit(type)
    }
}
