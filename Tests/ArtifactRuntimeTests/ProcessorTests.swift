import CArtifactRuntime
import Testing

/// CPU levels, from what processors answer: register c of leaf 1, b, c and d of leaf 7, a of its subleaf 1, c of leaf
/// 0x80000001, control register 0.
@Suite struct ProcessorTests {
    struct Machine: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let leaf1: UInt32
        let leaf7: UInt32
        let extended: UInt32
        let enabled: UInt64
        let rank: Int32
        var leaf7c: UInt32 = 0
        var leaf7d: UInt32 = 0
        var subleaf1: UInt32 = 0
    }

    static let machines = [
        Machine(testDescription: "nothing", leaf1: 0, leaf7: 0, extended: 0, enabled: 0, rank: 0),
        Machine(
            testDescription: "Haswell", leaf1: 0x7ffa_fbbf, leaf7: 0x0000_27ab, extended: 0x21, enabled: 7, rank: 1),
        Machine(
            testDescription: "Haswell, system without AVX", leaf1: 0x7ffa_fbbf, leaf7: 0x0000_27ab, extended: 0x21,
            enabled: 3, rank: 0),
        Machine(
            testDescription: "Skylake server", leaf1: 0x7ffe_fbff, leaf7: 0xd39f_fffb, extended: 0x121, enabled: 0xe7,
            rank: 2),
        Machine(
            testDescription: "Skylake server, system without AVX-512", leaf1: 0x7ffe_fbff, leaf7: 0xd39f_fffb,
            extended: 0x121, enabled: 7, rank: 1),
        Machine(
            testDescription: "Knights Landing (no BW, DQ, VL)", leaf1: 0x7ffe_fbff, leaf7: 0x1c0d_23ab, extended: 0x121,
            enabled: 0xe7, rank: 1),
        Machine(
            testDescription: "Sapphire Rapids", leaf1: 0x7ffe_fbff, leaf7: 0xf3bf_bffb, extended: 0x121,
            enabled: 0x602e7, rank: 4, leaf7c: 0xfb41_7ffe, leaf7d: 0xffdd_4412, subleaf1: 0x1c30),
        Machine(
            testDescription: "Sapphire Rapids, system without tiles", leaf1: 0x7ffe_fbff, leaf7: 0xf3bf_bffb,
            extended: 0x121, enabled: 0x2e7, rank: 3, leaf7c: 0xfb41_7ffe, leaf7d: 0xffdd_4412, subleaf1: 0x1c30),
        Machine(
            testDescription: "Sapphire Rapids, tiles hidden", leaf1: 0x7ffe_fbff, leaf7: 0xf3bf_bffb,
            extended: 0x121, enabled: 0x602e7, rank: 3, leaf7c: 0xfb41_7ffe, leaf7d: 0xfc9c_4412, subleaf1: 0x1c30),
        Machine(
            testDescription: "Sapphire Rapids, tiles of integers hidden", leaf1: 0x7ffe_fbff, leaf7: 0xf3bf_bffb,
            extended: 0x121, enabled: 0x602e7, rank: 3, leaf7c: 0xfb41_7ffe, leaf7d: 0xfddd_4412, subleaf1: 0x1c30),
        Machine(
            testDescription: "Cascade Lake (no products of bf16)", leaf1: 0x7ffe_fbff, leaf7: 0xd39f_fffb,
            extended: 0x121, enabled: 0xe7, rank: 2, leaf7c: 0x808, leaf7d: 0xbc00_0400),
        Machine(
            testDescription: "Zen 5", leaf1: 0xfffa_3203, leaf7: 0xf1bf_07ab, extended: 0x40_03f3, enabled: 0xe7,
            rank: 3,
            leaf7c: 0x40_5fc6, leaf7d: 0x110, subleaf1: 0x30),
        Machine(
            testDescription: "Zen 5, products of bytes hidden", leaf1: 0xfffa_3203, leaf7: 0xf1bf_07ab,
            extended: 0x40_03f3,
            enabled: 0xe7, rank: 2, leaf7c: 0x40_57c6, leaf7d: 0x110, subleaf1: 0x30),
        Machine(
            testDescription: "Sandy Bridge", leaf1: 0x1fba_e3bf, leaf7: 0, extended: 1, enabled: 7, rank: 0),
    ]

    @Test(arguments: machines)
    func rank(of machine: Machine) {
        let rank = strata_rt_rank_of_features(
            [0, 0, machine.leaf1, 0], [0, machine.leaf7, machine.leaf7c, machine.leaf7d], [machine.subleaf1, 0, 0, 0],
            [0, 0, machine.extended, 0], machine.enabled)
        #expect(rank == machine.rank)
    }

    @Test func thisMachineHasARank() { #expect((0...4).contains(strata_rt_cpu_rank())) }
}
