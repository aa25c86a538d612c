import Synchronization
import Glibc

/// Threads of one process that stand for the processes of a cluster: to try a program without an engine, and to test.
final class LocalCommunicator: Communicator {
    let rank: Int
    var count: Int { meeting.count }
    var name: String { "threads" }
    private let meeting: Meeting

    init(rank: Int, _ meeting: Meeting) {
        self.rank = rank
        self.meeting = meeting
    }

    func allGather(_ mine: UnsafeRawBufferPointer, into all: UnsafeMutableRawBufferPointer) throws {
        meeting.exchange(rank, mine) { parts in
            for (at, part) in parts.enumerated() { all.copy(part, at: at * mine.count) }
        }
    }

    func allToAll(_ parts: UnsafeRawBufferPointer, into received: UnsafeMutableRawBufferPointer) throws {
        let size = parts.count / count
        meeting.exchange(rank, parts) { all in
            for (at, other) in all.enumerated() {
                received.copy(
                    UnsafeRawBufferPointer(rebasing: other[(rank * size)..<((rank + 1) * size)]), at: at * size)
            }
        }
    }

    func broadcast(_ bytes: UnsafeMutableRawBufferPointer) throws {
        meeting.exchange(rank, UnsafeRawBufferPointer(bytes)) { all in
            if rank != 0 { bytes.copy(all[0], at: 0) }
        }
    }
}

extension UnsafeMutableRawBufferPointer {
    fileprivate func copy(_ source: UnsafeRawBufferPointer, at offset: Int) {
        guard let from = source.baseAddress, let to = baseAddress else { return }
        memcpy(to + offset, from, source.count)
    }
}

/// Where threads wait for each other and look at each other's memory.
///
/// Sendable because everything is read and written under the lock, and a buffer only while its thread waits.
final class Meeting: @unchecked Sendable {
    let count: Int
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let changed: UnsafeMutablePointer<pthread_cond_t>
    private var buffers: [UnsafeRawBufferPointer]
    private var arrived = 0
    private var round = 0

    init(count: Int) {
        self.count = count
        buffers = Array(repeating: UnsafeRawBufferPointer(start: nil, count: 0), count: count)
        lock = .allocate(capacity: 1)
        changed = .allocate(capacity: 1)
        pthread_mutex_init(lock, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(lock)
        lock.deallocate()
        changed.deallocate()
    }

    /// Shows a buffer to the others, and gives `body` those of all once they are there.
    func exchange(_ rank: Int, _ mine: UnsafeRawBufferPointer, _ body: ([UnsafeRawBufferPointer]) -> Void) {
        pthread_mutex_lock(lock)
        buffers[rank] = mine
        pthread_mutex_unlock(lock)
        wait()
        body(buffers)
        wait()
    }

    private func wait() {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        let present = round
        arrived += 1
        if arrived == count {
            arrived = 0
            round += 1
            pthread_cond_broadcast(changed)
            return
        }
        while round == present { pthread_cond_wait(changed, lock) }
    }
}

extension Cluster {
    /// Clusters of one process each, whose members are threads of this one: member r is to be used by thread r.
    public static func threads(_ count: Int) -> [Cluster] {
        let meeting = Meeting(count: max(1, count))
        return (0..<meeting.count).map { Cluster(LocalCommunicator(rank: $0, meeting)) }
    }
}
