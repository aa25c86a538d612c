import Execution
import HostTensors
import Summaries

/// Records a training, or its evaluations, in the model directory.
final class SummaryRecorder {
    private let file: EventFile
    private let policy: SummaryPolicy

    /// Starts a file `events/NAME` for what follows the session's step; nil where nothing is to be recorded.
    init?(_ config: RunConfig, _ session: TrainingSession, name: String = "train") throws {
        guard let directory = config.modelDirectory, config.summaries.everySteps > 0 else { return nil }
        policy = config.summaries
        file = try EventFile(folder: "\(directory)/events/\(name)", step: session.step)
        if policy.graph, name == "train", let function = try? session.module.function(named: "train") {
            file.add(graph: function, of: session.module)
        }
    }

    /// Records figures of a step, and the speed where it is known.
    func record(_ figures: Metrics, step: Int, stepsPerSecond: Double = 0) throws {
        var scalars = figures.entries.map { (tag: $0.name, value: $0.value) }
        if stepsPerSecond > 0 { scalars.append(("steps per second", stepsPerSecond)) }
        file.add(scalars: scalars, step: step)
    }

    /// Records the distributions of the parameters, if that is asked for.
    func recordStates(of session: TrainingSession) throws {
        guard policy.histograms else { return }
        let parameters = session.model.signature.states.filter { $0.role == .parameter && $0.type.dtype.isFloat }
        file.add(
            histograms: try parameters.map { ($0.path, Histogram(of: try session.model.state($0.path))) },
            step: session.step)
    }

    /// Gives what was recorded to the file system.
    func flush() throws { try file.flush() }
}
