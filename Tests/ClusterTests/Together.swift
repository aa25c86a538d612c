import Cluster
import Dispatch
import Foundation
import Synchronization

/// Runs `body` once for each member of a cluster, on a thread of its own, and gives what came of each in order of rank.
func together<Value: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (Cluster) throws -> Value
) -> [Result<Value, any Error>] {
    let results = Mutex<[Int: Result<Value, any Error>]>([:])
    let group = DispatchGroup()
    for cluster in Cluster.threads(count) {
        group.enter()
        Thread.detachNewThread {
            let result = Result { try body(cluster) }
            results.withLock { $0[cluster.rank] = result }
            group.leave()
        }
    }
    group.wait()
    return results.withLock { results in (0..<count).compactMap { results[$0] } }
}

extension Result where Failure == any Error {
    /// What the error says; nil for a value.
    var message: String? {
        guard case .failure(let error) = self else { return nil }
        return "\(error)"
    }
}
