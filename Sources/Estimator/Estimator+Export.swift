import Execution
import FoundationEssentials
import Glibc
import HostTensors

extension Estimator {
    /// Writes the trained model for each target into its own folder within `folder`, as a library, header, manifest and
    /// weights, and gives the files; throws when the path is empty or nothing was trained yet. In a cluster the first process writes, and the
    /// others have none.
    ///
    /// With `selfTest`, the library can prove on any machine that it computes what it should, by `NAME_self_test` or
    /// `strata self-test`; what has to come out is interpreted now, which takes a while for large models.
    @discardableResult
    public func export(
        to folder: String, targets: [ExportTarget] = [.host], selfTest: Bool = false
    ) throws -> [CompiledFiles] {
        guard !folder.isEmpty else {
            throw ExecutionError(
                place: "export(to:)", expected: "the path of a folder", actual: "an empty text",
                remedy: "give the folder to write into")
        }
        let session = try readySession()
        guard config.isFirst else { return [] }
        let weights = try session.model.states()
        let compiler = config.moduleCompiler
        return try targets.map { target in
            let (target, folder) = (target.compilation, "\(folder)/\(target.compilation.folderName)")
            return try selfTest
                ? compiler.compileWithSelfTest(session.module, for: target, weights: weights, to: folder)
                : compiler.compile(session.module, for: target, weights: weights, to: folder)
        }
    }
}

/// An evaluation after which a model may be exported.
public struct ExportMoment: Sendable {
    /// The evaluation of the model as it is.
    public let evaluation: Evaluation
    /// All evaluations of the training so far, this one included.
    public let evaluations: [Evaluation]
    /// Whether the training is over.
    public let isFinal: Bool
}

/// Writes a model for use elsewhere in the course of a training.
public protocol Exporter: Sendable {
    /// Called after each evaluation.
    func export(_ estimator: Estimator, _ moment: ExportMoment) throws
}

/// Exports after evaluations, into `export/NAME/STEP` of the model directory; a folder there is complete.
public struct StandardExporter: Exporter {
    /// Which models are exported.
    enum Choice: Sendable {
        case latest, final
        case best(BestMetric)
    }

    let choice: Choice
    /// The name of the folder.
    public let name: String
    /// How many exports are kept.
    public let keep: Int
    /// The machines it is for.
    public let targets: [ExportTarget]

    /// Exports after every evaluation and keeps the newest.
    public static func latest(
        name: String = "latest", keep: Int = 5, targets: [ExportTarget] = [.host]
    ) -> StandardExporter { StandardExporter(choice: .latest, name: name, keep: max(1, keep), targets: targets) }

    /// Exports once, at the end.
    public static func final(name: String = "final", targets: [ExportTarget] = [.host]) -> StandardExporter {
        StandardExporter(choice: .final, name: name, keep: 1, targets: targets)
    }

    /// Exports whenever an evaluation is better than all before.
    public static func best(
        by metric: BestMetric, name: String = "best", keep: Int = 1, targets: [ExportTarget] = [.host]
    ) -> StandardExporter {
        StandardExporter(choice: .best(metric), name: name, keep: max(1, keep), targets: targets)
    }

    /// Exports if this model is one of its choice and was not exported yet.
    public func export(_ estimator: Estimator, _ moment: ExportMoment) throws {
        guard let directory = estimator.config.modelDirectory else {
            throw ExecutionError(
                place: "exporter '\(name)'", expected: "a model directory", actual: "none",
                remedy: "give RunConfig a modelDirectory, or call export(to:targets:)")
        }
        guard isChosen(moment) else { return }
        let folder = "\(directory)/export/\(name)"
        let final = "\(folder)/\(moment.evaluation.step)"
        guard !FileManager.default.fileExists(atPath: final) else { return }
        let partial = "\(folder)/.\(moment.evaluation.step).partial"
        removeUnfinished(in: folder)
        do { try estimator.export(to: partial, targets: targets) } catch {
            try? FileManager.default.removeItem(atPath: partial)
            throw ExecutionError(
                place: "exporter '\(name)'", expected: "an export in \(final)",
                actual: "an error (\("\(error)".replacing(partial, with: final)))",
                remedy: "mend that, and export again")
        }
        for name in try FileManager.default.subpathsOfDirectory(atPath: partial) {
            CheckpointStore.flush("\(partial)/\(name)")
        }
        CheckpointStore.flush(partial)
        guard rename(partial, final) == 0 else {
            throw ExecutionError(
                place: final, expected: "a folder that can be made", actual: "\"\(String(cString: strerror(errno)))\"",
                remedy: "check permissions and free space")
        }
        CheckpointStore.flush(folder)
        let steps = try FileManager.default.contentsOfDirectory(atPath: folder).compactMap { Int($0) }.sorted()
        for step in steps.dropLast(keep) { try FileManager.default.removeItem(atPath: "\(folder)/\(step)") }
    }

    /// Removes what killed processes left half written; only one process at a time trains in a model directory.
    private func removeUnfinished(in folder: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        where name.hasPrefix(".") && name.hasSuffix(".partial") {
            try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
        }
    }

    private func isChosen(_ moment: ExportMoment) -> Bool {
        switch choice {
        case .latest: return true
        case .final: return moment.isFinal
        case .best(let metric):
            guard let value = moment.evaluation.metrics[metric.name], !value.isNaN else { return false }
            return moment.evaluations.allSatisfy { other in
                guard other.step != moment.evaluation.step, other.name == moment.evaluation.name,
                    let earlier = other.metrics[metric.name]
                else { return true }
                return !metric.isBetter(earlier, than: value)
                    && (earlier != value || other.step > moment.evaluation.step)
            }
        }
    }
}
