import Compiler
import GraphIR

extension StageDump {
    /// The stages that depend on the target.
    func lowered(_ stage: DumpStage) throws -> String {
        throw Failure("stage '\(stage.rawValue)' is not there yet")
    }
}
