import HostTensors
import Testing

@Suite("Counter-based random numbers")
struct RandomTests {
    struct KnownAnswer: Sendable {
        let counter: [UInt32]
        let key: UInt64
        let words: [UInt32]
    }

    /// The vectors for philox4x32-10 that the authors of the generator publish with it.
    @Test(arguments: [
        KnownAnswer(
            counter: [0, 0, 0, 0], key: 0, words: [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
        KnownAnswer(
            counter: [.max, .max, .max, .max], key: .max, words: [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
        KnownAnswer(
            counter: [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], key: 0x299f_31d0_a409_3822,
            words: [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]),
    ])
    func philoxGivesThePublishedWords(answer: KnownAnswer) {
        let counter = answer.counter
        let block = Philox4x32(seed: answer.key).block(counter: (counter[0], counter[1], counter[2], counter[3]))
        #expect([block.0, block.1, block.2, block.3] == answer.words)
    }

    @Test func elementsComeFromTheirBlocksAndWords() {
        let seed: UInt64 = 0x0123_4567_89ab_cdef
        let words = RandomStream.words(seed: seed, stream: 7, step: 5, count: 200)
        for index in words.indices {
            let block = Philox4x32(seed: seed).block(counter: (UInt32(index / 64 * 16 + index % 16), 0, 5, 7))
            #expect(words[index] == [block.0, block.1, block.2, block.3][index / 16 % 4])
        }
    }

    @Test(arguments: [0, 1, 15, 16, 17, 33, 63, 64, 65, 100])
    func shorterStreamsAreBeginnings(count: Int) {
        let all = RandomStream.words(seed: 1, stream: 0, step: 0, count: 200)
        #expect(RandomStream.words(seed: 1, stream: 0, step: 0, count: count) == Array(all.prefix(count)))
    }

    @Test func uniformNumbersFillTheUnitInterval() {
        let count = 100_000
        let words = RandomStream.words(seed: 3, stream: 1, step: 2, count: count)
        let numbers = RandomStream.uniform(seed: 3, stream: 1, step: 2, count: count)
        #expect(zip(words, numbers).allSatisfy { $1 == Float($0 >> 8) / 16_777_216 })
        #expect(numbers.allSatisfy { (0..<1).contains($0) })
        let mean = numbers.reduce(0.0) { $0 + Double($1) } / Double(count)
        #expect(abs(mean - 0.5) < 5 * (1.0 / 12 / Double(count)).squareRoot())
    }

    @Test func seedsStreamsAndStepsDiffer() {
        let base = RandomStream.words(seed: 1, stream: 1, step: 1, count: 64)
        #expect(base != RandomStream.words(seed: 2, stream: 1, step: 1, count: 64))
        #expect(base != RandomStream.words(seed: 1 | 1 << 40, stream: 1, step: 1, count: 64))
        #expect(base != RandomStream.words(seed: 1, stream: 2, step: 1, count: 64))
        #expect(base != RandomStream.words(seed: 1, stream: 1, step: 2, count: 64))
    }
}
