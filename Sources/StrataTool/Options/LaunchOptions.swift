import ArgumentParser
import Launch

/// What starts processes.
enum LaunchEngine: String, ExpressibleByArgument, CaseIterable {
    case mpi, slurm, kubernetes
}

/// An argument of the form `NAME=VALUE`.
struct VariableOption: ExpressibleByArgument {
    let variable: LaunchJob.Variable

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else { return nil }
        variable = LaunchJob.Variable(
            name: String(argument[..<equals]), value: String(argument[argument.index(after: equals)...]))
    }
}

/// The processes that are to be started, whatever starts them.
struct ProcessOptions: ParsableArguments {
    @Option(
        name: [.customShort("n"), .customLong("processes")],
        parsing: .unconditional,
        help: ArgumentHelp("The number of processes.", valueName: "n"))
    var processes: Int

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The number of machines. (default: Slurm's choice; in Kubernetes one for each process)", valueName: "n"))
    var nodes: Int?

    @Option(parsing: .unconditional, help: ArgumentHelp("The number of processors for each process.", valueName: "n"))
    var threads: Int?

    @Option(help: ArgumentHelp("The job's name. (default: the program's)", valueName: "name"))
    var name: String?

    @Option(
        help: ArgumentHelp(
            "A variable for the environment of the processes; may be repeated.", valueName: "name=value"))
    var environment: [VariableOption] = []

    @Argument(
        parsing: .postTerminator,
        help: ArgumentHelp("After --: the program to start, and its arguments.", valueName: "program"))
    var program: [String] = []

    /// The job; throws a `LaunchError`.
    var job: LaunchJob {
        get throws {
            try LaunchJob(
                program: program, processes: processes, nodes: nodes, threads: threads, name: name,
                environment: environment.map(\.variable))
        }
    }
}

/// What only some engines ask for.
struct EngineOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Slurm: the longest time to run, hours:minutes:seconds.", valueName: "time"))
    var time: String?

    @Option(help: ArgumentHelp("Slurm: the partition of machines to run on.", valueName: "name"))
    var partition: String?

    @Option(help: ArgumentHelp("Kubernetes: the container image with the program in it.", valueName: "image"))
    var image: String?

    @Option(help: ArgumentHelp("Kubernetes: a volume's claim, and where processes see it.", valueName: "claim:path"))
    var volume: String?

    @Option(help: ArgumentHelp("Kubernetes: the namespace of the job.", valueName: "name"))
    var namespace: String?

    /// The options that were given, with the engine that each is for.
    private var given: [(option: String, engine: LaunchEngine)] {
        let all: [(String, LaunchEngine, String?)] = [
            ("--time", .slurm, time), ("--partition", .slurm, partition), ("--image", .kubernetes, image),
            ("--volume", .kubernetes, volume), ("--namespace", .kubernetes, namespace),
        ]
        return all.compactMap { $0.2 == nil ? nil : ($0.0, $0.1) }
    }

    /// Throws where an option is for another engine.
    func require(_ engine: LaunchEngine) throws {
        guard let other = given.first(where: { $0.engine != engine }) else { return }
        throw ValidationError(
            "\(other.option) is for --engine \(other.engine.rawValue), not for \(engine.rawValue); leave it out")
    }

    /// Slurm's script for a job; throws a `LaunchError`.
    func script(_ job: LaunchJob) throws -> String {
        try SlurmScript(job, time: time, partition: partition).text
    }

    /// Kubernetes' manifest for a job; throws a `LaunchError`.
    func manifest(_ job: LaunchJob) throws -> String {
        let volume = try volume.map { text in
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            return try KubernetesManifest.Volume(claim: parts[0], path: parts.count == 2 ? parts[1] : "")
        }
        return try KubernetesManifest(job, image: image, volume: volume, namespace: namespace).text
    }
}
