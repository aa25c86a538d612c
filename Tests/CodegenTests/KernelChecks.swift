import KernelIR
import Lowering
import Testing

/// Every kernel is proved to stay in its buffers, and its text is read back as it is.
func expectSoundKernels(_ lowered: LoweredModule) throws {
    for kernel in lowered.kernels {
        let found = kernel.verify(dims: lowered.module.dims)
        #expect(found.problems == [] && found.unproved == [], "\(kernel)")
        #expect(try Kernel(text: kernel.text, codes: lowered.customCodes) == kernel)
    }
}
