import Cluster
import ClusterTrial
import Testing

/// What operations give, and what is said when processes don't agree; on threads, where all of it can be arranged.
@Suite(.timeLimit(.minutes(2))) struct OperationTests {
    @Test(arguments: [1, 2, 3, 5]) func sumsAreInOrderOfRankToTheBit(count: Int) throws {
        for length in ClusterTrial.lengths {
            let results = together(count) { cluster in
                try ClusterTrial.sum(ClusterTrial.numbers(length, rank: cluster.rank), cluster, "sum").sums
            }
            let expected = ClusterTrial.sums(length, processes: count).map(\.bitPattern)
            for result in results { #expect(try result.get().map(\.bitPattern) == expected, "\(length) numbers") }
        }
    }

    /// The numbers that the tests add up would tell another order.
    @Test func anotherOrderHasOtherBits() {
        var backwards = ClusterTrial.numbers(1_000, rank: 2)
        for rank in [1, 0] {
            for (at, number) in ClusterTrial.numbers(1_000, rank: rank).enumerated() { backwards[at] += number }
        }
        #expect(backwards != ClusterTrial.sums(1_000, processes: 3))
    }

    @Test func sumsOfDifferentLengthsFollowEachOther() throws {
        let results = together(3) { cluster in
            try [7, 1_000, 2, 7].map { length in
                try ClusterTrial.sum(ClusterTrial.numbers(length, rank: cluster.rank), cluster, "sum").sums
            }
        }
        let expected = [7, 1_000, 2, 7].map { ClusterTrial.sums($0, processes: 3) }
        for result in results { #expect(try result.get() == expected) }
    }

    @Test(arguments: [1, 2, 3, 5]) func everybodyHasEverybodysBytes(count: Int) throws {
        let results = together(count) { cluster in
            try (cluster.gather([UInt8(cluster.rank), 7, 9], "parts"), cluster.gather([], "nothing"))
        }
        for result in results {
            #expect(try result.get().0 == (0..<count).map { [UInt8($0), 7, 9] })
            #expect(try result.get().1 == Array(repeating: [], count: count))
        }
    }

    @Test(arguments: [1, 2, 3, 5]) func everybodyHearsProcess0(count: Int) throws {
        let results = together(count) { cluster in
            let told = try cluster.broadcast(cluster.isFirst ? [3, 1, 4, 1, 5] : [0], "digits")
            return try (told, cluster.broadcast([], "nothing"))
        }
        for result in results {
            #expect(try result.get().0 == [3, 1, 4, 1, 5])
            #expect(try result.get().1 == [])
        }
    }

    @Test(arguments: [1, 2, 3, 5]) func signalsOfAnyAreHeardByAll(count: Int) throws {
        let results = together(count) { cluster in
            let last: Cluster.Signals = cluster.rank == cluster.count - 1 ? .stop : []
            let quiet = try cluster.meet("quiet")
            let one = try cluster.meet("one", signals: last)
            let first: Cluster.Signals = cluster.isFirst ? .save : []
            let both = try ClusterTrial.sum([1], cluster, "both", signals: last.union(first))
            return [quiet, one, both.signals]
        }
        for result in results { #expect(try result.get() == [[], .stop, [.stop, .save]]) }
    }

    @Test func theLeastIsAgreedOn() throws {
        let results = together(3) { try $0.agreeOnLeast([5, -2, 9][$0.rank], "level") }
        #expect(try results.map { try $0.get() } == [-2, -2, -2])
    }

    /// Threads of one process run on the same processors.
    @Test func processorsAreShared() throws {
        let alone = try together(1) { try $0.processorsPerProcess() }[0].get()
        #expect(alone >= 1)
        #expect(
            try together(2) { try $0.processorsPerProcess() }.map { try $0.get() } == [
                max(1, alone / 2), max(1, alone / 2),
            ])
        #expect(try together(alone + 1) { try $0.processorsPerProcess() }[0].get() == 1)
    }

    @Test func ranksAndDescriptions() throws {
        let results = together(2) { ["\($0.rank)", "\($0.count)", "\($0.isFirst)", $0.description] }
        #expect(try results[1].get() == ["1", "2", "false", "process 1 of 2 (threads)"])
        #expect(try results[0].get() == ["0", "2", "true", "process 0 of 2 (threads)"])
    }
}

/// What is said when processes don't agree, and that nothing hangs then.
@Suite(.timeLimit(.minutes(2))) struct DisagreementTests {
    private static let remedy = "; let all processes run the same program on the same model, data and configuration"

    @Test func twoThatAreElsewhereAreNamed() {
        let results = together(3) { try $0.meet($0.rank == 2 ? "evaluation" : "training step 5") }
        for (rank, result) in results.enumerated() {
            #expect(
                result.message == "cluster, \(rank == 2 ? "evaluation" : "training step 5"): process 0 is at "
                    + "'training step 5', process 2 is at 'evaluation'" + Self.remedy)
        }
    }

    @Test func sizesThatDifferAreNamed() {
        let results = together(2) {
            try ClusterTrial.sum([Float](repeating: 1, count: 10 + $0.rank), $0, "gradients").sums
        }
        for result in results {
            #expect(
                result.message == "cluster, gradients: process 0 is at 'gradients' with 40 bytes, process 1 is at "
                    + "'gradients' with 44 bytes" + Self.remedy)
        }
    }

    @Test func operationsThatDifferAreNamed() {
        let results = together(2) { cluster in
            if cluster.isFirst {
                _ = try cluster.gather([1, 2], "figures")
            } else {
                _ = try cluster.broadcast([], "figures")
            }
        }
        for result in results {
            #expect(
                result.message == "cluster, figures: process 0 is at 'figures', a gather, process 1 is at 'figures', a "
                    + "broadcast" + Self.remedy)
        }
    }

    @Test func aProcessThatFailedIsNamed() {
        let results = together(3) { cluster in
            if cluster.rank == 1 {
                cluster.fail("training")
                return false
            }
            try cluster.meet("training step 5")
            return true
        }
        for rank in [0, 2] {
            #expect(results[rank].message == "cluster, training step 5: process 1 failed; its own message says why")
        }
        #expect(results[1].message == nil)
    }

    /// What a process says when it exits with 0 or 75.
    @Test func whoEndsTooEarlyIsNamed() throws {
        let results = together(2) { cluster in
            if cluster.rank == 1 { return cluster.ends() }
            try cluster.meet("a step")
            return true
        }
        #expect(
            results[0].message == "cluster, a step: process 0 is at 'a step', process 1 is at 'the end of the program'"
                + Self.remedy)
        #expect(try results[1].get() == false)
    }

    @Test func allEndTogetherAndOnce() throws {
        let results = together(3) { [$0.ends(), $0.ends()] }
        for result in results { #expect(try result.get() == [true, false]) }
    }

    @Test func afterAFailureEveryCallThrowsAndNothingHangs() {
        let results = together(2) { cluster in
            if cluster.rank == 1 { cluster.fail("training") } else { _ = try? cluster.meet("a step") }
            #expect(cluster.isBroken)
            // Each alone: nobody is waited for.
            cluster.fail("again")
            #expect(throws: ClusterError.self) { try cluster.gather([1], "parts") }
            #expect(throws: ClusterError.self) { try cluster.broadcast([1], "bytes") }
            #expect(throws: ClusterError.self) { try cluster.processorsPerProcess() }
            #expect(throws: ClusterError.self) { try ClusterTrial.sum([1], cluster, "sum") }
            try cluster.meet("evaluation")
        }
        for result in results {
            #expect(
                result.message
                    == "cluster, evaluation: the processes have lost each other before; see the first message, "
                    + "and start the program again")
        }
    }

    @Test func anErrorOfWhatCarriesBytesBreaksTheCluster() {
        let cluster = Cluster(FailingCommunicator())
        #expect(throws: FailingCommunicator.error) { try ClusterTrial.sum([1, 2], cluster, "sum") }
        #expect(cluster.isBroken)
        #expect(throws: ClusterError.self) { try cluster.meet("a step") }
    }

    @Test func namesAreCutWhereTheyAreLong() throws {
        let name = String(repeating: "é", count: 60)
        let results = together(2) { try $0.meet(name + "\($0.rank)") }
        for result in results { #expect(result.message == nil) }
    }
}

/// Carries what processes say before an operation, and then nothing.
private final class FailingCommunicator: Communicator {
    static let error = ClusterError(place: "network", reason: "it is down", remedy: "mend it")
    let rank = 0
    let count = 2
    let name = "failing"

    func allGather(_ mine: UnsafeRawBufferPointer, into all: UnsafeMutableRawBufferPointer) throws {
        for rank in 0..<count {
            UnsafeMutableRawBufferPointer(rebasing: all[(rank * mine.count)...]).copyMemory(from: mine)
        }
    }
    func allToAll(_ parts: UnsafeRawBufferPointer, into received: UnsafeMutableRawBufferPointer) throws {
        throw Self.error
    }
    func broadcast(_ bytes: UnsafeMutableRawBufferPointer) throws { throw Self.error }
}
