/// The command line that starts a job by MPI's `mpirun`.
public struct MPICommand: Sendable, Equatable {
    /// The programs called `mpirun` differ in their options.
    public enum Launcher: Sendable {
        /// Open MPI's.
        case openMPI
        /// Hydra: MPICH's, and of its descendants Intel MPI's and MVAPICH's.
        case hydra

        /// Tells them apart by what `mpirun --version` prints.
        public init(version: String) { self = version.contains("Open MPI") ? .openMPI : .hydra }
    }

    /// What is started.
    public let job: LaunchJob
    /// Which launcher starts it.
    public let launcher: Launcher
    /// Whether root starts it, which Open MPI asks to be told, as in containers.
    public let isRoot: Bool
    /// Whether there may be more processes than processors.
    let sharesProcessors: Bool
    /// The seconds between SIGTERM and SIGKILL. Open MPI waits all of them, also when a process has failed and others are to end.
    let secondsToEnd: Int

    /// Describes a command line.
    ///
    /// Throws a `LaunchError` when the job names machines.
    public init(_ job: LaunchJob, launcher: Launcher, isRoot: Bool) throws {
        if let nodes = job.nodes {
            throw LaunchError(
                place: "--nodes \(nodes)", reason: "mpirun does not choose machines",
                remedy: "leave it out, or call mpirun yourself with --host or --hostfile")
        }
        self.job = job
        self.launcher = launcher
        self.isRoot = isRoot
        sharesProcessors = true
        secondsToEnd = 10
    }

    /// Describes a command line for containers, which have machines and processors given by those who start them.
    init(inContainers job: LaunchJob) {
        self.job = job.withoutThreads
        launcher = .openMPI
        isRoot = true
        sharesProcessors = false
        secondsToEnd = 30
    }

    /// What follows the name of the launcher.
    public var arguments: [String] {
        let options = launcher == .openMPI ? openMPIOptions : hydraOptions
        // Not by the launcher's own options, which have their own ideas of what a value may contain.
        let environment = job.environment.isEmpty ? [] : ["env"] + job.environment.map { "\($0.name)=\($0.value)" }
        return options + ["-n", "\(job.processes)"] + environment + job.program
    }

    /// Left to itself, mpirun ties each process to a core or two, and kills those that have not ended a second after SIGTERM.
    private var openMPIOptions: [String] {
        var options = isRoot ? ["--allow-run-as-root"] : []
        if let threads = job.threads {
            options += ["--use-hwthread-cpus", "--map-by", "slot:PE=\(threads)", "--bind-to", "hwthread"]
        } else {
            options += ["--bind-to", "none"] + (sharesProcessors ? ["--oversubscribe"] : [])
        }
        return options + ["--mca", "odls_base_sigkill_timeout", "\(secondsToEnd)"]
    }

    private var hydraOptions: [String] {
        job.threads.map { ["-bind-to", "hwthread:\($0)"] } ?? []
    }
}
