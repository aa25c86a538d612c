import Benchmarking
import Testing

/// Every kind of kernel against f64: the figures of docs/performance.md cannot get worse unseen.
@Suite struct KernelErrorTests {
    @Test func namesAreDistinct() {
        #expect(Set(KernelFamily.all.map(\.name)).count == KernelFamily.all.count)
    }

    @Test(arguments: KernelFamily.all)
    func isWithinTheRoundingOfF32(family: KernelFamily) throws {
        let error = try KernelError(family)
        // A sum of 4096 terms is off by the root of their number times half a unit in the last place, if roundings are
        // independent; everything else by a few units.
        let limit = 64 * 0x1p-24
        #expect(error.largest <= limit, "\(family.name): \(error.largest)")
        #expect(error.typical <= limit, "\(family.name): \(error.typical)")
    }
}
