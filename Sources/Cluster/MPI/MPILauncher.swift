import Glibc

/// What the program that started this process says of it, in environment variables.
///
/// Read for two things only: which library is tried first where several are installed, and to notice a library that does not
/// understand the launcher. Which process this is comes from the library alone.
package struct MPILauncher: Equatable {
    /// The libraries that speak a launcher's protocol.
    package enum Family { case openMPI, mpich }

    /// The family whose library is tried first.
    package var family: Family
    /// The number of processes that were started; nil when nothing says so.
    package var count: Int?

    /// Reads environment variables.
    ///
    /// - `OMPI_COMM_WORLD_SIZE`: Open MPI's `mpirun`.
    /// - `PMIX_RANK`: any launcher that speaks PMIx, such as `srun --mpi=pmix`, for which Open MPI is made.
    /// - `PMI_RANK`, `PMI_SIZE`: MPICH's `mpirun`, Intel MPI's, and `srun --mpi=pmi2`.
    /// - `SLURM_STEP_NUM_TASKS`: `srun`, whatever it speaks.
    package init(_ variable: (String) -> String? = { getenv($0).map { String(cString: $0) } }) {
        func number(_ name: String) -> Int? { variable(name).flatMap(Int.init) }
        if let size = number("OMPI_COMM_WORLD_SIZE") {
            (family, count) = (.openMPI, size)
        } else if variable("PMIX_RANK") == nil, variable("PMI_RANK") != nil {
            (family, count) = (.mpich, number("PMI_SIZE"))
        } else {
            (family, count) = (.openMPI, number("SLURM_STEP_NUM_TASKS"))
        }
    }

    /// The names under which libraries are looked for where the dynamic linker looks, the likeliest first.
    package var libraries: [String] {
        let openMPI = ["libmpi.so.40"]
        // Debian's MPICH; the name that MPICH's descendants have in common.
        let mpich = ["libmpich.so.12", "libmpi.so.12"]
        return (family == .openMPI ? openMPI + mpich : mpich + openMPI) + ["libmpi.so"]
    }
}
