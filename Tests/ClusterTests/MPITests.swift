import ClusterTrial
import Foundation
import Programs
import Testing

import Cluster

/// Processes that MPI's `mpirun` starts.
@Suite(.serialized, .timeLimit(.minutes(5))) struct MPITests {
    private static let mpirun = Subprocess.find("mpirun")
    private static let hasMPI = mpirun != nil && Cluster.mpiLibrary() != nil

    private func start(_ count: Int, _ arguments: String...) throws -> Subprocess.Outcome {
        let mpirun = try #require(Self.mpirun)
        // Root may, as in containers; and several processes may share a processor.
        let options = ["--allow-run-as-root", "--oversubscribe", "--bind-to", "none", "-n", "\(count)"]
        return try Subprocess.run(mpirun, options + [BuiltProgram.path("ClusterProgram")] + arguments)
    }

    /// What the program prints when all processes got what threads get.
    private func expected(_ count: Int) throws -> String {
        let lines = try together(count) { try ClusterTrial.run($0) }[0].get()
        return (0..<count).map { (["process \($0)"] + lines).joined(separator: "\n") + "\n" }.joined()
    }

    @Test(.enabled(if: hasMPI, "needs MPI: sudo apt-get install openmpi-bin"), arguments: [1, 2, 3])
    func processesGetWhatThreadsGet(count: Int) throws {
        let outcome = try start(count, "trial")
        #expect(outcome.isSuccess, "\(outcome.standardError)")
        #expect(try outcome.output == expected(count))
    }

    /// 100 bytes a call: the announcements of three processes take two calls, most sums thousands.
    @Test(.enabled(if: hasMPI, "needs MPI: sudo apt-get install openmpi-bin"), arguments: [1, 100, 4_099])
    func whatIsCutIsPutTogetherAgain(bytes: Int) throws {
        let outcome = try start(3, "trial", "\(bytes)")
        #expect(outcome.isSuccess, "\(outcome.standardError)")
        #expect(try outcome.output == expected(3))
    }

    @Test(.enabled(if: hasMPI, "needs MPI: sudo apt-get install openmpi-bin"))
    func withoutALauncherThereIsOneProcess() throws {
        let outcome = try Subprocess.run(BuiltProgram.path("ClusterProgram"), ["trial"])
        #expect(outcome.isSuccess, "\(outcome.standardError)")
        #expect(try outcome.output == expected(1))
    }

    @Test(.enabled(if: hasMPI, "needs MPI: sudo apt-get install openmpi-bin"))
    func theSameClusterComesFromEveryCall() throws {
        let outcome = try start(2, "twice")
        #expect(outcome.isSuccess && outcome.output == "2 processes, the same: true\n", "\(outcome)")
    }

    @Test(.enabled(if: hasMPI, "needs MPI: sudo apt-get install openmpi-bin"))
    func processorsAreShared() throws {
        let alone = try together(1) { try $0.processorsPerProcess() }[0].get()
        let each = max(1, alone / 2)
        #expect(try start(2, "processors").output == "processors: [\(each), \(each)]\n")
    }

    /// The others wait in an operation: only the engine can end them.
    @Test(.enabled(if: hasMPI, "needs MPI: sudo apt-get install openmpi-bin"), arguments: ["0", "1", "2"])
    func anErrorOfOneEndsAll(rank: String) throws {
        let began = Date()
        #expect(try start(3, "exit", rank, "3").exitStatus == 3)
        #expect(try start(3, "die", rank).exitStatus == 128 + SIGKILL)
        #expect(Date().timeIntervalSince(began) < 30)
    }

    @Test(.enabled(if: hasMPI, "needs MPI: sudo apt-get install openmpi-bin"), arguments: ["0", "75"])
    func whoEndsTooEarlyIsNamed(status: String) throws {
        let outcome = try start(2, "exit", "1", status)
        #expect(outcome.exitStatus != 0)
        #expect(
            outcome.standardError.contains(
                "cluster, a step: process 0 is at 'a step', process 1 is at 'the end of the program'; let all "),
            "\(outcome.standardError)")
    }

    @Test func aMissingLibraryIsNamedWithThePackage() throws {
        let outcome = try Subprocess.run(BuiltProgram.path("ClusterProgram"), ["library", "/nowhere/libmpi.so"])
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

    /// Two processes were started, says the environment, by a launcher that no library here speaks with.
    @Test(.enabled(if: hasMPI, "needs MPI: sudo apt-get install openmpi-bin"))
    func aLauncherOfAnotherMPIIsNoticed() throws {
        var environment = ProcessInfo.processInfo.environment
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

/// Which library is tried first, and how many processes there should be.
@Suite struct MPILauncherTests {
    private func read(_ variables: [String: String]) -> (first: String?, count: Int?) {
        let launcher = MPILauncher { variables[$0] }
        return (launcher.libraries.first, launcher.count)
    }

    @Test(arguments: [
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
    @Test(arguments: [
        ("max 100000", nil), ("400000 100000", 4), ("150000 100000", 2), ("1000 100000", 1), ("", nil), ("x y", nil),
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
