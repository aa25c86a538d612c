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
        // Sums of up to 4096 terms; everything else is a few units in the last place, 6e-8 each.
        #expect(error.largest <= 2e-6, "\(family.name): \(error.largest)")
        #expect(error.typical <= 1e-6, "\(family.name): \(error.typical)")
    }
}
