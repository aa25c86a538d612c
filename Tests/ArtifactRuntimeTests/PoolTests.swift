import CArtifactRuntime
import Glibc
import Testing

@Suite struct PoolTests {
    /// Many short jobs, each of a size of its own: every chunk runs exactly once, and none after its job has ended.
    @Test(arguments: [Int32(1), 2, 3, 8, 33])
    func everyChunkRunsOnce(threads: Int32) throws {
        let pool = try #require(strata_rt_pool_create(threads))
        defer { strata_rt_pool_destroy(pool) }
        #expect(strata_rt_pool_threads(pool) == threads)
        let most = 300
        let counts = UnsafeMutablePointer<Int64>.allocate(capacity: most)
        defer { counts.deallocate() }
        for job in 0..<2000 {
            let count = 1 + (job * 37) % most
            counts.update(repeating: 0, count: most)
            strata_rt_parallel_for(pool, countChunks, counts, Int64(count))
            for chunk in 0..<most {
                guard counts[chunk] == (chunk < count ? 1 : 0) else {
                    Issue.record("job \(job) of \(count): chunk \(chunk) ran \(counts[chunk]) times")
                    return
                }
            }
        }
    }

    /// In every job a thread runs the same stretch, so that it finds in its cache what it wrote before. The chunks of this one wait for
    /// each other, so that no thread can take both.
    @Test func threadsKeepTheirStretches() throws {
        let pool = try #require(strata_rt_pool_create(2))
        defer { strata_rt_pool_destroy(pool) }
        var meeting = Meeting()
        pthread_barrier_init(&meeting.barrier, nil, 2)
        defer { pthread_barrier_destroy(&meeting.barrier) }
        for _ in 0..<200 {
            strata_rt_parallel_for(pool, meet, &meeting, 2)
            #expect(meeting.threads.0 == pthread_self())
            #expect(meeting.threads.1 != pthread_self())
        }
    }

    @Test func zeroOrNegativeCountsRunNothing() throws {
        let pool = try #require(strata_rt_pool_create(2))
        defer { strata_rt_pool_destroy(pool) }
        var ran: Int64 = 0
        strata_rt_parallel_for(pool, countChunks, &ran, 0)
        strata_rt_parallel_for(pool, countChunks, &ran, -5)
        #expect(ran == 0)
    }

    @Test func withoutWorkersTheRangeComesWhole() {
        var range: [Int64] = [-1, -1]
        strata_rt_parallel_for(nil, recordRange, &range, 17)
        #expect(range == [0, 17])
    }

    /// Workers that have gone to sleep are woken again, and a pool that never worked can be ended.
    @Test func sleepingWorkersWakeUp() throws {
        let pool = try #require(strata_rt_pool_create(4))
        defer { strata_rt_pool_destroy(pool) }
        let counts = UnsafeMutablePointer<Int64>.allocate(capacity: 64)
        defer { counts.deallocate() }
        for _ in 0..<20 {
            var pause = timespec(tv_sec: 0, tv_nsec: 2_000_000)
            nanosleep(&pause, nil)
            counts.update(repeating: 0, count: 64)
            strata_rt_parallel_for(pool, countSlowly, counts, 64)
            #expect((0..<64).allSatisfy { counts[$0] == 1 })
        }
        for threads in Int32(1)...8 { strata_rt_pool_destroy(strata_rt_pool_create(threads)) }
    }

    @Test func thereIsAProcessor() { #expect(strata_rt_processor_count() >= 1) }
}

/// Which threads ran the two chunks of a job that must run at the same time.
private struct Meeting {
    var barrier = pthread_barrier_t()
    var threads: (pthread_t, pthread_t) = (0, 0)
}

private func meet(_ arguments: UnsafeMutableRawPointer?, _ begin: Int64, _ end: Int64) {
    // Where no second thread could be started, one has both chunks at once, and nobody to wait for.
    guard let meeting = arguments?.assumingMemoryBound(to: Meeting.self), end == begin + 1 else { return }
    if begin == 0 { meeting.pointee.threads.0 = pthread_self() } else { meeting.pointee.threads.1 = pthread_self() }
    pthread_barrier_wait(&meeting.pointee.barrier)
}

private func countChunks(_ arguments: UnsafeMutableRawPointer?, _ begin: Int64, _ end: Int64) {
    guard let counts = arguments?.assumingMemoryBound(to: Int64.self) else { return }
    for chunk in begin..<end { counts[Int(chunk)] += 1 }
}

private func countSlowly(_ arguments: UnsafeMutableRawPointer?, _ begin: Int64, _ end: Int64) {
    var pause = timespec(tv_sec: 0, tv_nsec: 20_000)
    nanosleep(&pause, nil)
    countChunks(arguments, begin, end)
}

private func recordRange(_ arguments: UnsafeMutableRawPointer?, _ begin: Int64, _ end: Int64) {
    guard let range = arguments?.assumingMemoryBound(to: Int64.self) else { return }
    range[0] = begin
    range[1] = end
}
