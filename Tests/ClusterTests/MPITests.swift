import Cluster
import ClusterTrial
import Foundation
import Programs
import Testing

/// Whether MPI is there: the program that starts processes, and the library that they load.
private enum MPI {
    static let mpirun = Subprocess.find("mpirun")
    static let isThere = mpirun != nil && Cluster.mpiLibrary() != nil

    /// This process's environment without what an MPI puts there that another test has begun in it: `mpirun` takes that for a launcher's.
    static var environment: [String: String] {
        ProcessInfo.processInfo.environment.filter { name, _ in
            !["PMIX_", "PMI_", "OMPI_", "ORTE_"].contains { name.hasPrefix($0) }
        }
    }
}

/// Processes that MPI's `mpirun` starts.
@Suite(
    .serialized, .timeLimit(.minutes(5)),
    .enabled(if: MPI.isThere, "needs MPI: sudo apt-get install --no-install-recommends openmpi-bin"))
struct MPITests {
    /// Root may, as in containers, where processes may not read each other's memory; and several may share a processor.
    private func options(_ count: Int) -> [String] {
        [
            "--allow-run-as-root", "--oversubscribe", "--bind-to", "none", "--mca",
            "btl_vader_single_copy_mechanism", "none", "-n", "\(count)",
        ]
    }

    private func start(_ count: Int, _ arguments: String...) throws -> Subprocess.Outcome {
        let mpirun = try #require(MPI.mpirun)
        return try Subprocess.run(
            mpirun, options(count) + [BuiltProgram.path("ClusterProgram")] + arguments, environment: MPI.environment)
    }

    /// What the program prints when all processes got what threads get.
    private func expected(_ count: Int, longest: Int = .max) throws -> String {
        let lines = try together(count) { try ClusterTrial.run($0, longest: longest) }[0].get()
        return (0..<count).map { (["process \($0)"] + lines).joined(separator: "\n") + "\n" }.joined()
    }

    @Test(arguments: [1, 2, 3]) func processesGetWhatThreadsGet(count: Int) throws {
        let outcome = try start(count, "trial")
        #expect(outcome.isSuccess, "\(outcome.standardError)")
        #expect(try outcome.output == expected(count))
    }

    /// With 100 bytes a call, what three processes say before an operation takes two calls; with 2, each byte takes one.
    @Test(arguments: [(2, 10), (100, 1_000), (4_099, 1_000_000)])
    func whatIsCutIsPutTogetherAgain(bytes: Int, longest: Int) throws {
        let outcome = try start(3, "trial", "\(bytes)", "\(longest)")
        #expect(outcome.isSuccess, "\(outcome.standardError)")
        #expect(try outcome.output == expected(3, longest: longest))
    }

    /// The whole way: a program that trains, started with two, three and one processes on the same model directory.
    @Test func aTrainingGoesOnWithMoreOrFewerProcesses() throws {
        try TemporaryFolder.with { folder in
            for (count, steps) in [(2, 10), (3, 16), (1, 20)] {
                let outcome = try Subprocess.run(
                    try #require(MPI.mpirun),
                    options(count) + [BuiltProgram.path("ClusterTraining"), "\(folder)/model", "\(steps)"],
                    environment: MPI.environment)
                #expect(outcome.output.hasPrefix("\(count) processes: step \(steps), "), "\(outcome.standardError)")
            }
        }
    }

    @Test func withoutALauncherThereIsOneProcess() throws {
        let outcome = try Subprocess.run(BuiltProgram.path("ClusterProgram"), ["trial"], environment: MPI.environment)
        #expect(outcome.isSuccess, "\(outcome.standardError)")
        #expect(try outcome.output == expected(1))
    }

    @Test func theSameClusterComesFromEveryCall() throws {
        let outcome = try start(2, "twice")
        #expect(outcome.isSuccess && outcome.output == "2 processes, the same: true\n", "\(outcome)")
    }

    @Test func processorsAreShared() throws {
        let alone = try together(1) { try $0.processorsPerProcess() }[0].get()
        let each = max(1, alone / 2)
        #expect(try start(2, "processors").output == "processors: [\(each), \(each)]\n")
    }

    /// The others wait in an operation: only the engine can end them.
    @Test(arguments: ["0", "1", "2"]) func anErrorOfOneEndsAll(rank: String) throws {
        let began = Date()
        #expect(try start(3, "exit", rank, "3").exitStatus == 3)
        #expect(try start(3, "die", rank).exitStatus == 128 + SIGKILL)
        #expect(Date().timeIntervalSince(began) < 30)
    }

    @Test(arguments: ["0", "75"]) func whoEndsTooEarlyEndsAll(status: String) throws {
        let began = Date()
        #expect(try start(2, "exit", "1", status).exitStatus != 0)
        #expect(Date().timeIntervalSince(began) < 30)
    }

    /// One process is asked to stop. The first is still writing when the other is done; nobody ends it.
    @Test func whatWasInterruptedGoesOn() throws {
        try TemporaryFolder.with { folder in
            let process = Process()
            process.executableURL = URL(fileURLWithPath: try #require(MPI.mpirun))
            process.arguments = options(2) + [try BuiltProgram.path("ClusterProgram"), "work", folder]
            process.environment = MPI.environment
            let output = Pipe()
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            try process.run()
            var text = ""
            while true {
                let data = output.fileHandleForReading.availableData
                if data.isEmpty { break }
                text += String(decoding: data, as: UTF8.self)
                guard text.hasSuffix("\n"), !text.contains("saved"), let id = text.split(separator: " ").last else {
                    continue
                }
                kill(try #require(pid_t(id.dropLast())), SIGTERM)
            }
            process.waitUntilExit()
            #expect(process.terminationReason == .exit && process.terminationStatus == 75)
            try #require(text.hasPrefix("begins with 2 as ") && text.hasSuffix("\nsaved\n"), "\(text)")
            let again = try start(2, "work", folder)
            #expect(again.isSuccess && again.output == "goes on with 2\n", "\(again)")
        }
    }

    /// Two processes were started, says the environment, by a launcher that no library here speaks with.
    @Test func aLauncherOfAnotherMPIIsNoticed() throws {
        var environment = MPI.environment
        environment["SLURM_STEP_NUM_TASKS"] = "2"
        let outcome = try Subprocess.run(
            BuiltProgram.path("ClusterProgram"), ["trial"], environment: environment)
        #expect(outcome.exitStatus == 1)
        #expect(outcome.standardError.hasPrefix("cluster, MPI: 2 processes were started, but "))
        #expect(
            outcome.standardError.hasSuffix(
                " knows only this one; start the program by the mpirun of the same MPI, in Slurm by 'srun --mpi=pmix', or give "
                    + "the library that belongs to the launcher to Cluster.mpi(library:)\n"))
    }
}

/// What is said without a library.
@Suite struct MissingMPITests {
    @Test func aMissingLibraryIsNamedWithThePackage() throws {
        let outcome = try Subprocess.run(
            BuiltProgram.path("ClusterProgram"), ["library", "/nowhere/libmpi.so"], environment: MPI.environment)
        #expect(outcome.exitStatus == 1)
        #expect(
            outcome.standardError == """
                cluster, MPI: there is no library under /nowhere/libmpi.so; install one, on Debian by 'sudo apt-get install \
                --no-install-recommends openmpi-bin', or give the path of another to Cluster.mpi(library:)\n
                """)
    }

    @Test func aLibraryOfSomethingElseIsRefused() throws {
        let error = #expect(throws: ClusterError.self) { try MPILibrary.load(["libz.so.1", "/nowhere/libmpi.so"]) }
        #expect(
            error?.reason == "there is no library under libz.so.1, /nowhere/libmpi.so (libz.so.1: it has no MPI_Bcast)")
    }
}

/// Which library is tried first, and how many processes there should be.
@Suite struct MPILauncherTests {
    private func read(_ variables: [String: String]) -> (first: String?, count: Int?) {
        let launcher = MPILauncher { variables[$0] }
        return (launcher.libraries.first, launcher.count)
    }

    @Test(
        arguments: [
            ([:], "libmpi.so.40", nil),
            (["OMPI_COMM_WORLD_SIZE": "4", "PMI_RANK": "1", "SLURM_STEP_NUM_TASKS": "2"], "libmpi.so.40", 4),
            (["PMI_RANK": "1", "PMI_SIZE": "3"], "libmpich.so.12", 3),
            (["PMI_RANK": "1"], "libmpich.so.12", nil),
            (["PMIX_RANK": "1", "PMI_RANK": "1", "SLURM_STEP_NUM_TASKS": "2"], "libmpi.so.40", 2),
            (["SLURM_STEP_NUM_TASKS": "8"], "libmpi.so.40", 8),
        ] as [([String: String], String, Int?)])
    func launchersAreKnownByWhatTheySay(variables: [String: String], library: String, count: Int?) {
        #expect(read(variables).first == library && read(variables).count == count)
    }
}

/// How many processors a container may use.
@Suite struct PlacementTests {
    @Test(
        arguments: [
            ("max 100000", nil), ("400000 100000", 4), ("150000 100000", 2), ("1000 100000", 1), ("", nil),
            ("x y", nil),
            ("100000 0", nil),
        ] as [(String, Int?)])
    func theLimitOfAControlGroupCounts(line: String, processors: Int?) throws {
        try TemporaryFolder.with { folder in
            try (line + "\n").write(toFile: folder + "/cpu.max", atomically: true, encoding: .utf8)
            #expect(Placement.quota(ofGroup: folder) == processors)
        }
    }

    @Test func theLesserOfProcessorsAndLimitHolds() {
        #expect(Placement(host: "a", mask: [0xff, 1], quota: nil).processors == 9)
        #expect(Placement(host: "a", mask: [0xff, 1], quota: 4).processors == 4)
        #expect(Placement(host: "a", mask: [3], quota: 4).processors == 2)
    }

    @Test func placementsHaveOneLength() {
        let long = Placement(host: String(repeating: "h", count: 200), mask: [1], quota: nil)
        #expect(long.bytes.count == Placement(host: "", mask: [1], quota: nil).bytes.count)
        #expect(Placement(host: "a", mask: [1]).bytes != Placement(host: "b", mask: [1]).bytes)
        #expect(Placement(host: "a", mask: [1]).bytes != Placement(host: "a", mask: [2]).bytes)
    }
}
