import CMPI
import Glibc
import Synchronization

/// MPI in this process, which has it once at most: begun by the first who asks, ended when the process ends well.
enum MPIProcess {
    /// What a process has begun.
    private struct Begun {
        let library: MPILibrary
        let cluster: Cluster
        /// A process forked from this one has a copy of this, but not of MPI.
        let process: pid_t
    }

    private static let begun = Mutex<Begun?>(nil)

    /// The exit statuses with which all processes may end together: all is done; interrupted and saved (EX_TEMPFAIL).
    private static let orderly: Set<Int32> = [0, 75]

    /// The cluster of all processes that were started together; the same one at every call.
    static func cluster(library file: String?, limit: Int) throws -> Cluster {
        try begun.withLock { begun in
            if let begun {
                guard file == nil || file == begun.library.file else {
                    throw ClusterError(
                        place: "MPI", reason: "this process uses \(begun.library.file) already, not \(file ?? "")",
                        remedy: "name the same library at every call")
                }
                return begun.cluster
            }
            let launcher = MPILauncher()
            let library = try MPILibrary.load(file.map { [$0] } ?? launcher.libraries)
            let isOurs = try begin(library)
            let communicator = try MPICommunicator(library, limit: limit)
            try check(communicator, launcher)
            let cluster = Cluster(communicator)
            begun = Begun(library: library, cluster: cluster, process: getpid())
            if isOurs { on_exit({ status, _ in MPIProcess.end(status) }, nil) }
            return cluster
        }
    }

    /// Begins MPI unless that was done, and says whether it was not.
    private static func begin(_ library: MPILibrary) throws -> Bool {
        switch library.phase {
        case strata_mpi_begun: return false
        case strata_mpi_ended:
            throw ClusterError(
                place: "MPI", reason: "it has ended in this process, and can't begin again",
                remedy: "call Cluster.mpi() before MPI_Finalize")
        default: break
        }
        var allowsThreads: Int32 = 0
        try library.check(
            strata_mpi_begin(library.functions, &allowsThreads), "MPI",
            remedy: "see whether 'mpirun -n 2 hostname' works")
        guard allowsThreads != 0 else {
            throw ClusterError(
                place: "MPI", reason: "\(library.version) does not allow threads beside the one that calls it",
                remedy: "use a library that was built with threads")
        }
        return true
    }

    /// Throws where each process would take itself for the only one.
    private static func check(_ communicator: MPICommunicator, _ launcher: MPILauncher) throws {
        guard communicator.count == 1, let count = launcher.count, count > 1 else { return }
        throw ClusterError(
            place: "MPI", reason: "\(count) processes were started, but \(communicator.name) knows only this one",
            remedy:
                "start the program by the mpirun of the same MPI, in Slurm by 'srun --mpi=pmix', or give the library "
                + "that belongs to the launcher to Cluster.mpi(library:)")
    }

    /// Ends MPI when all processes exit well. Otherwise nothing is said, upon which the engine ends the others.
    private static func end(_ status: Int32) {
        guard orderly.contains(status), let begun = begun.withLockIfAvailable({ $0 }) ?? nil,
            begun.process == getpid(), begun.library.phase == strata_mpi_begun, begun.cluster.ends()
        else { return }
        _ = strata_mpi_end(begun.library.functions)
    }
}

extension Cluster {
    /// The processes that MPI's `mpirun`, Slurm's `srun` or a Kubernetes MPIJob started together; a program that was started
    /// without any is the only one.
    ///
    /// Works with Open MPI, MPICH and what shares MPICH's binary interface, as Intel MPI, MVAPICH and Cray MPICH do; the library
    /// is loaded by this call. The same cluster comes from every call. A process that exits with another status than 0 or 75
    /// (interrupted and saved) makes the engine end all.
    ///
    /// - Parameter library: the library's name or path; nil for the one that is installed, and that belongs to the launcher
    ///   where several are.
    /// - Throws: `ClusterError` when there is no such library, it can't begin, or it does not belong to the launcher.
    public static func mpi(library: String? = nil) throws -> Cluster {
        try MPIProcess.cluster(library: library, limit: 1 << 30)
    }

    /// `mpi(library:)` with another limit on the bytes that one call of the library carries; the first call decides.
    package static func mpi(library: String? = nil, bytesPerCall limit: Int) throws -> Cluster {
        try MPIProcess.cluster(library: library, limit: limit)
    }

    /// The library that `mpi()` would use, as `Open MPI 4.1.4 (libmpi.so.40)`; nil when there is none.
    public static func mpiLibrary() -> String? {
        (try? MPILibrary.load(MPILauncher().libraries)).map { "\($0.version) (\($0.file))" }
    }
}
