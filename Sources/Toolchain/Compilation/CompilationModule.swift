import CLLVM
import KernelIR

/// One LLVM module in a context and with a target machine of its own, from parsing to emission.
final class CompilationModule {
    private let target: Target
    private let library: LLVMLibrary
    private let context: LLVMContextRef?
    private let diagnostics: DiagnosticLog
    private var machine: LLVMTargetMachineRef?
    private var module: LLVMModuleRef?

    /// After LLVM gave up half-way nothing of it can be disposed of safely: it is left behind.
    private var isAbandoned = false

    /// Parses, links and verifies `irs`.
    init(_ irs: [String], target: Target, library: LLVMLibrary) throws {
        self.target = target
        self.library = library
        diagnostics = DiagnosticLog(library: library)
        context = library.functions.pointee.LLVMContextCreate()
        llvm.LLVMContextSetDiagnosticHandler(
            context,
            { info, log in
                guard let log else { return }
                Unmanaged<DiagnosticLog>.fromOpaque(log).takeUnretainedValue().add(info)
            }, Unmanaged.passUnretained(diagnostics).toOpaque())
        let machine = try makeMachine()
        self.machine = machine
        try parseAndLink(irs.isEmpty ? [""] : irs)
        guard let module else { return }
        llvm.LLVMSetTarget(module, target.triple)
        let layout = llvm.LLVMCreateTargetDataLayout(machine)
        llvm.LLVMSetModuleDataLayout(module, layout)
        llvm.LLVMDisposeTargetData(layout)
        try verify(module)
    }

    private var llvm: strata_llvm { library.functions.pointee }

    deinit {
        if isAbandoned { return }
        if let module { llvm.LLVMDisposeModule(module) }
        if let machine { llvm.LLVMDisposeTargetMachine(machine) }
        llvm.LLVMContextDispose(context)
    }

    /// LLVM's text of the module.
    var text: String { module.map { library.take(llvm.LLVMPrintModuleToString($0)) } ?? "" }

    /// Runs a pipeline over the module.
    func run(_ pipeline: PassPipeline) throws {
        guard !pipeline.text.isEmpty else { return }
        var message: UnsafeMutablePointer<CChar>?
        let outcome = strata_llvm_run_passes(library.functions, module, pipeline.text, machine, &message)
        if let reason = failure(outcome, message) {
            throw ToolchainError.passesFailed(pipeline: pipeline.text, reason: reason)
        }
    }

    /// Emits the module as an object file or assembly text.
    func emit(_ type: LLVMCodeGenFileType) throws -> [UInt8] {
        var message: UnsafeMutablePointer<CChar>?
        var buffer: LLVMMemoryBufferRef?
        let outcome = strata_llvm_emit(library.functions, module, machine, type, &buffer, &message)
        if let reason = failure(outcome, message) {
            throw ToolchainError.emissionFailed(target: target.summary, reason: reason)
        }
        defer { llvm.LLVMDisposeMemoryBuffer(buffer) }
        let start = llvm.LLVMGetBufferStart(buffer)
        return [UInt8](UnsafeRawBufferPointer(start: start, count: llvm.LLVMGetBufferSize(buffer)))
    }

    /// What went wrong in a guarded call, or in the diagnostics it left; nil when nothing did.
    private func failure(_ outcome: strata_llvm_outcome, _ message: UnsafeMutablePointer<CChar>?) -> String? {
        defer { strata_llvm_free(message) }
        if outcome == strata_llvm_done { return diagnostics.takeErrors() }
        isAbandoned = outcome == strata_llvm_gave_up
        return message.map { String(cString: $0) } ?? "no reason given"
    }

    private func makeMachine() throws -> LLVMTargetMachineRef {
        var codeGenerator: LLVMTargetRef?
        var message: UnsafeMutablePointer<CChar>?
        let failed = llvm.LLVMGetTargetFromTriple(target.triple, &codeGenerator, &message)
        if failed != 0 {
            throw ToolchainError.missingCodeGenerator(triple: target.triple, reason: library.take(message))
        }
        guard
            let machine = llvm.LLVMCreateTargetMachine(
                codeGenerator, target.triple, target.processor, target.extraFeatures, LLVMCodeGenLevelAggressive,
                LLVMRelocPIC, LLVMCodeModelDefault)
        else {
            throw ToolchainError.missingCodeGenerator(triple: target.triple, reason: "no target machine")
        }
        return machine
    }

    private func parseAndLink(_ irs: [String]) throws {
        for (index, ir) in irs.enumerated() {
            let next = try parse(ir, text: index + 1)
            guard let module else {
                self.module = next
                continue
            }
            // Linking uses `next` up, whether it succeeds or not.
            if llvm.LLVMLinkModules2(module, next) != 0 {
                throw ToolchainError.unlinkableIR(
                    text: index + 1, reason: diagnostics.takeErrors() ?? "no reason given")
            }
        }
    }

    private func parse(_ ir: String, text: Int) throws -> LLVMModuleRef {
        var ir = ir
        let buffer = ir.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                // The name becomes the module's and, through it, part of the symbol table: the same in every run.
                llvm.LLVMCreateMemoryBufferWithMemoryRangeCopy($0.baseAddress, $0.count, "strata.ll")
            }
        }
        var parsed: LLVMModuleRef?
        var message: UnsafeMutablePointer<CChar>?
        guard llvm.LLVMParseIRInContext(context, buffer, &parsed, &message) == 0, let parsed else {
            throw Self.parseError(library.take(message), ir: ir, text: text)
        }
        let triple = llvm.LLVMGetTarget(parsed).map { String(cString: $0) } ?? ""
        guard triple.isEmpty || triple == target.triple else {
            llvm.LLVMDisposeModule(parsed)
            throw ToolchainError.otherTriple(inText: triple, expected: target.triple)
        }
        return parsed
    }

    private func verify(_ module: LLVMModuleRef) throws {
        var message: UnsafeMutablePointer<CChar>?
        let failed = llvm.LLVMVerifyModule(module, LLVMReturnStatusAction, &message)
        let reason = library.take(message)
        if failed != 0 { throw ToolchainError.invalidIR(reason: reason) }
    }

    /// Reads `strata.ll:LINE:COLUMN: error: REASON`, the first line of LLVM's message.
    private static func parseError(_ message: String, ir: String, text: Int) -> ToolchainError {
        let first = message.prefix { $0 != "\n" }
        let parts = first.split(separator: ":", maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 5, let line = Int(parts[1]), let column = Int(parts[2]) else {
            return .unparsableIR(text: text, line: 1, column: 1, reason: String(first), source: "")
        }
        let lines = ir.split(separator: "\n", maxSplits: line, omittingEmptySubsequences: false)
        let source = line <= lines.count ? String(lines[line - 1]) : ""
        return .unparsableIR(
            text: text, line: line, column: column, reason: String(parts[4].drop { $0 == " " }), source: source)
    }
}

/// Keeps the errors that LLVM reports through a context, which it would otherwise print before it ends the process.
private final class DiagnosticLog {
    private let library: LLVMLibrary
    private var errors: [String] = []

    init(library: LLVMLibrary) { self.library = library }

    func add(_ info: LLVMDiagnosticInfoRef?) {
        let llvm = library.functions.pointee
        guard let info, llvm.LLVMGetDiagInfoSeverity(info) == LLVMDSError else { return }
        errors.append(library.take(llvm.LLVMGetDiagInfoDescription(info)))
    }

    func takeErrors() -> String? {
        defer { errors = [] }
        return errors.isEmpty ? nil : errors.joined(separator: "\n")
    }
}
