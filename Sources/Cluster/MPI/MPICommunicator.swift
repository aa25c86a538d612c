import CMPI

/// MPI's collective operations over all processes that were started together.
final class MPICommunicator: Communicator {
    let rank: Int
    let count: Int
    let name: String
    private let library: MPILibrary
    private let limit: Int

    /// Takes part in MPI, which has begun; one call of the library carries at most `limit` bytes.
    ///
    /// Throws a `ClusterError` when the library refuses.
    init(_ library: MPILibrary, limit: Int) throws {
        var (rank, count): (Int32, Int32) = (0, 0)
        try library.check(
            strata_mpi_world(library.functions, &rank, &count), "MPI",
            remedy: "see whether 'mpirun -n 2 hostname' works")
        self.rank = Int(rank)
        self.count = Int(count)
        self.library = library
        self.limit = min(max(1, limit), Int(Int32.max))
        name = library.version
    }

    func allGather(_ mine: UnsafeRawBufferPointer, into all: UnsafeMutableRawBufferPointer) throws {
        guard let from = mine.baseAddress, let to = all.baseAddress else { return }
        precondition(all.count == mine.count * count, "everybody's bytes have room")
        try check(
            strata_mpi_all_gather(library.functions, from, to, mine.count, Int32(count), limit), "MPI_Allgather")
    }

    func allToAll(_ parts: UnsafeRawBufferPointer, into received: UnsafeMutableRawBufferPointer) throws {
        guard let from = parts.baseAddress, let to = received.baseAddress else { return }
        precondition(parts.count == received.count && parts.count % count == 0, "as many parts as processes")
        try check(
            strata_mpi_all_to_all(library.functions, from, to, parts.count / count, Int32(count), limit),
            "MPI_Alltoall")
    }

    func broadcast(_ bytes: UnsafeMutableRawBufferPointer) throws {
        guard let data = bytes.baseAddress else { return }
        try check(strata_mpi_broadcast(library.functions, data, bytes.count, limit), "MPI_Bcast")
    }

    private func check(_ code: Int32, _ place: String) throws {
        try library.check(
            code, place, remedy: "see whether a process or the network has failed, and start the program again")
    }
}
