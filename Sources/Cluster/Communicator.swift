/// What carries bytes between the processes of a cluster: an existing engine's communication, such as MPI's.
///
/// All processes call the same methods in the same order, with buffers of the same sizes; a call returns when this process has what it
/// is to get. Errors are a `ClusterError`.
public protocol Communicator: AnyObject, Sendable {
    /// The number of this process, from 0.
    var rank: Int { get }
    /// The number of processes.
    var count: Int { get }
    /// What is in use, for messages: `Open MPI 4.1.4`.
    var name: String { get }

    /// Gives everyone everybody's `mine`, in order of rank: `all` has room for `count` times as much.
    func allGather(_ mine: UnsafeRawBufferPointer, into all: UnsafeMutableRawBufferPointer) throws
    /// Sends part r of `parts` to process r: `received` has the parts for this process, in order of the ranks they are from. Both consist of
    /// `count` equal parts.
    func allToAll(_ parts: UnsafeRawBufferPointer, into received: UnsafeMutableRawBufferPointer) throws
    /// Gives everyone what process 0 has in `bytes`.
    func broadcast(_ bytes: UnsafeMutableRawBufferPointer) throws
}
