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
    public let sharesProcessors: Bool

    /// Describes a command line.
    ///
    /// Throws a `LaunchError` when the job names machines.
    public init(_ job: LaunchJob, launcher: Launcher, isRoot: Bool) throws {
        if let nodes = job.nodes {
            throw LaunchError(
                place: "--nodes \(nodes)", reason: "mpirun does not choose machines",
                remedy: "leave it out, or call mpirun yourself with --host or --hostfile")
        }
        self.init(job, launcher: launcher, isRoot: isRoot, sharesProcessors: true)
    }

    /// Describes a command line for machines that are given by the surroundings.
    init(_ job: LaunchJob, launcher: Launcher, isRoot: Bool, sharesProcessors: Bool) {
        self.job = job
        self.launcher = launcher
        self.isRoot = isRoot
        self.sharesProcessors = sharesProcessors
    }

    /// What follows the name of the launcher.
    public var arguments: [String] {
        let options = launcher == .openMPI ? openMPIOptions : hydraOptions
        // Not by the launcher's own options, which have their own ideas of what a value may contain.
        let environment = job.environment.isEmpty ? [] : ["env"] + job.environment.map { "\($0.name)=\($0.value)" }
        return options + ["-n", "\(job.processes)"] + environment + job.program
    }

    private var openMPIOptions: [String] {
        // Left to itself, mpirun ties each process to a core or two, and kills those that have not ended a second after SIGTERM.
        let binding: [String]
        if let threads = job.threads {
            binding = ["--use-hwthread-cpus", "--map-by", "slot:PE=\(threads)", "--bind-to", "hwthread"]
        } else {
            binding = ["--bind-to", "none"] + (sharesProcessors ? ["--oversubscribe"] : [])
        }
        return (isRoot ? ["--allow-run-as-root"] : []) + binding + ["--mca", "odls_base_sigkill_timeout", "60"]
    }

    private var hydraOptions: [String] {
        job.threads.map { ["-bind-to", "hwthread:\($0)"] } ?? []
    }
}
