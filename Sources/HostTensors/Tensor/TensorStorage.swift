import Glibc

/// The bytes of one or more tensors: allocated once, aligned to a cache line, freed with the last owner.
///
/// Sendable because `HostTensor` writes to it only while it is the only owner.
final class TensorStorage: @unchecked Sendable {
    /// The alignment of the first byte: one cache line, and one 512-bit vector.
    static let alignment = 64

    let base: UnsafeMutableRawPointer
    let byteCount: Int

    /// Room for `byteCount` bytes with undefined contents.
    init(uninitialized byteCount: Int) {
        self.byteCount = byteCount
        base = .allocate(byteCount: max(byteCount, 1), alignment: Self.alignment)
    }

    /// `byteCount` bytes, all 0.
    convenience init(zeros byteCount: Int) {
        self.init(uninitialized: byteCount)
        memset(base, 0, byteCount)
    }

    /// A copy of `bytes`.
    convenience init(copying bytes: UnsafeRawBufferPointer) {
        self.init(uninitialized: bytes.count)
        if let source = bytes.baseAddress { memcpy(base, source, bytes.count) }
    }

    deinit { base.deallocate() }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: byteCount) }

    /// Makes every byte of a `bool` tensor 0 or 1, as Swift's `Bool` needs.
    func normalizeBooleans() {
        let booleans = base.bindMemory(to: UInt8.self, capacity: byteCount)
        for index in 0..<byteCount where booleans[index] > 1 { booleans[index] = 1 }
    }
}
