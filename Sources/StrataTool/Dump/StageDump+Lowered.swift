import Compiler
import GraphIR

extension StageDump {
    /// The stages that depend on the target.
    func lowered(_ stage: DumpStage) throws -> String {
        let module = try chosen()
        let lowered = try Compiler.lowered(
            Compiler.optimized(module, recomputation: recomputation), target: target, precision: precision,
            schedules: schedules)
        return switch stage {
        case .kernels: lowered.kernelText()
        case .memory: lowered.memoryText()
        case .llvm: try Compiler.llvm(lowered, name: module.name).text
        default: try Compiler.assembly(lowered, name: module.name)
        }
    }
}
