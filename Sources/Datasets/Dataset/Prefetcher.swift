import Glibc
import HostTensors

/// Makes batches ahead on a thread of its own, in order, at most `depth` of them.
///
/// Sendable because everything shared is read and written under the lock; the batches' source belongs to the thread.
final class Prefetcher: @unchecked Sendable {
    private let queue: Queue
    private let thread: pthread_t

    init(_ batches: SourceBatches, depth: Int) throws {
        let queue = Queue(batches, depth: depth)
        self.queue = queue
        var thread = pthread_t()
        let context = Unmanaged.passRetained(queue)
        let status = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Queue>.fromOpaque(context).takeRetainedValue().fill()
                return nil
            }, context.toOpaque())
        guard status == 0 else {
            context.release()
            throw ExecutionError(
                place: "dataset", expected: "a thread that makes batches ahead",
                actual: "\"\(String(cString: strerror(status)))\"", remedy: "leave prefetched(_:) out")
        }
        self.thread = thread
    }

    deinit {
        queue.close()
        pthread_join(thread, nil)
    }

    /// The next batch, waited for; nil at the end, and from then on.
    func next() throws -> Batch? { try queue.take() }

    /// A bounded queue between the thread that makes batches and the one that uses them.
    private final class Queue: @unchecked Sendable {
        private let batches: SourceBatches
        private let depth: Int
        private let lock: UnsafeMutablePointer<pthread_mutex_t>
        private let changed: UnsafeMutablePointer<pthread_cond_t>
        private var ready: [Result<Batch?, any Error>] = []
        private var isClosed = false

        init(_ batches: SourceBatches, depth: Int) {
            self.batches = batches
            self.depth = depth
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

        /// Makes batches until the last, an error, or `close`.
        func fill() {
            while true {
                let made = Result { try batches.next() }
                pthread_mutex_lock(lock)
                while ready.count >= depth && !isClosed { pthread_cond_wait(changed, lock) }
                let isDone = isClosed
                if !isDone { ready.append(made) }
                pthread_cond_broadcast(changed)
                pthread_mutex_unlock(lock)
                if isDone { return }
                guard case .success(.some) = made else { return }
            }
        }

        func take() throws -> Batch? {
            pthread_mutex_lock(lock)
            defer { pthread_mutex_unlock(lock) }
            while ready.isEmpty { pthread_cond_wait(changed, lock) }
            let first = ready[0]
            // The end, or an error, stays where it is for whoever asks again.
            if case .success(.some) = first { ready.removeFirst() }
            pthread_cond_broadcast(changed)
            return try first.get()
        }

        func close() {
            pthread_mutex_lock(lock)
            isClosed = true
            pthread_cond_broadcast(changed)
            pthread_mutex_unlock(lock)
        }
    }
}
