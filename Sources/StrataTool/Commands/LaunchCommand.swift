import ArgumentParser
import Glibc
import Launch
import Toolchain

/// `strata launch`
struct LaunchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "launch",
        abstract: "Start a program as several processes by MPI, Slurm or Kubernetes.",
        discussion: """
            With 'mpi', the processes run on this machine until they end, and signals and the exit status are theirs. With \
            'slurm', a batch script is printed, with 'kubernetes' the manifest of an MPIJob, unless --output or --submit says \
            what else to do with it. Both start a training again that was interrupted.
            """)

    @Option(help: ArgumentHelp("What starts the processes: mpi, slurm or kubernetes.", valueName: "engine"))
    var engine: LaunchEngine

    @OptionGroup var processes: ProcessOptions
    @OptionGroup var options: EngineOptions

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("Slurm and Kubernetes: write the script or manifest to this file.", valueName: "file"))
    var output: String?

    @Flag(help: "Slurm and Kubernetes: hand it over, by 'sbatch' or 'kubectl apply'.")
    var submit = false

    @Flag(name: .customLong("print"), help: "Only print the command line, script or manifest.")
    var onlyPrints = false

    func validate() throws {
        try options.require(engine)
        guard [output != nil, submit, onlyPrints].count(where: { $0 }) <= 1 else {
            throw ValidationError("--output, --submit and --print exclude each other")
        }
        guard engine != .mpi || (output == nil && !submit) else {
            throw ValidationError("\(submit ? "--submit" : "--output") is not for --engine mpi, which runs at once")
        }
        do {
            switch engine {
            case .mpi: _ = try command(.openMPI)
            case .slurm, .kubernetes: _ = try text()
            }
        } catch let error as LaunchError {
            throw ValidationError(error.description)
        }
    }

    func run() throws {
        guard engine != .mpi else { return try runMPI() }
        let text = try text()
        if submit {
            try submit(text)
        } else if let output {
            try FileBytes.write(Array(text.utf8), to: output)
            print(output)
        } else {
            Standard.output(text)
        }
    }

    /// The script or manifest.
    private func text() throws -> String {
        let job = try processes.job
        return engine == .slurm ? try options.script(job) : try options.manifest(job)
    }

    private func command(_ launcher: MPICommand.Launcher) throws -> MPICommand {
        try MPICommand(processes.job, launcher: launcher, isRoot: geteuid() == 0)
    }

    /// Becomes `mpirun`, which so gets all signals, and whose exit status is the program's.
    private func runMPI() throws {
        let mpirun = ["mpirun", "mpiexec"].lazy.compactMap { Subprocess.find($0) }.first
        guard let mpirun else {
            guard onlyPrints else {
                throw Failure(
                    "mpirun, which starts the processes, is in none of the folders of PATH: \(EnvironmentReport.installMPI)"
                )
            }
            return print(ShellText.quoted(["mpirun"] + (try command(.openMPI).arguments)))
        }
        let version = try Subprocess.run(mpirun, ["--version"]).output
        let words = [mpirun] + (try command(MPICommand.Launcher(version: version)).arguments)
        if onlyPrints { return print(ShellText.quoted(words)) }
        signal(SIGPIPE, SIG_DFL)
        let arguments = words.map { strdup($0) } + [nil]
        execv(mpirun, arguments)
        throw Failure("\(mpirun) can't be started: \(String(cString: strerror(errno)))")
    }

    /// Hands the text over, and passes on what the engine's own program says.
    private func submit(_ text: String) throws {
        let (name, words) = engine == .slurm ? ("sbatch", []) : ("kubectl", ["apply", "-f"])
        guard let program = Subprocess.find(name) else {
            throw Failure(
                "\(name), which hands jobs over, is in none of the folders of PATH: call this where it is, or write a file "
                    + "with --output and take it there")
        }
        let outcome = try TemporaryFolder.with { folder in
            let file = "\(folder)/job.\(engine == .slurm ? "sh" : "yaml")"
            try FileBytes.write(Array(text.utf8), to: file)
            return try Subprocess.run(program, words + [file])
        }
        Standard.output(outcome.output)
        guard outcome.isSuccess else {
            let reason = outcome.standardError.split(whereSeparator: \.isNewline).joined(separator: "; ")
            throw Failure("\(name) has not taken the job: \(reason)")
        }
    }
}
