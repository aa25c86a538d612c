import CZlib

/// The deflate format (RFC 1951), bare or in a gzip wrapper (RFC 1952).
enum Deflate {
    /// What surrounds the compressed data; the raw value is zlib's window argument.
    enum Wrapper: Int32 {
        case none = -15
        case gzip = 31
    }

    /// Compressed data that cannot be unpacked.
    struct Failure: Error {
        /// The compressed bytes understood before the failure.
        let inputOffset: Int
        /// The bytes unpacked before it.
        let outputCount: Int
        /// What is wrong.
        let problem: String
    }

    /// No deflate stream is longer unpacked than this many times its length.
    static let largestRatio = 1032

    /// The unpacked bytes; `expectedCount` is a hint that need not be right.
    static func unpack(
        _ input: UnsafeRawBufferPointer, wrapper: Wrapper, expectedCount: Int
    ) throws(Failure) -> [UInt8] {
        // zlib keeps the address of the stream, so it must not move.
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        defer { stream.deallocate() }
        guard inflateInit2_(stream, wrapper.rawValue, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw Failure(inputOffset: 0, outputCount: 0, problem: "not enough memory")
        }
        defer { inflateEnd(stream) }

        // One byte more than expected, so that the end is seen without growing; never more than there can be.
        let plausibleCount = min(max(expectedCount, 0), input.count * largestRatio)
        var output = [UInt8](repeating: 0, count: plausibleCount + 1)
        var consumed = 0
        var produced = 0
        while true {
            if produced == output.count { output.append(contentsOf: repeatElement(0, count: output.count)) }
            let inputChunk = min(input.count - consumed, 1 << 30)
            let outputChunk = min(output.count - produced, 1 << 30)
            let status = output.withUnsafeMutableBytes { buffer in
                let source = input.baseAddress.map { $0 + consumed }?.assumingMemoryBound(to: UInt8.self)
                stream.pointee.next_in = UnsafeMutablePointer(mutating: source)
                stream.pointee.avail_in = UInt32(inputChunk)
                stream.pointee.next_out = buffer.baseAddress.map { $0 + produced }?.assumingMemoryBound(to: UInt8.self)
                stream.pointee.avail_out = UInt32(outputChunk)
                return inflate(stream, Z_NO_FLUSH)
            }
            let consumedNow = inputChunk - Int(stream.pointee.avail_in)
            let producedNow = outputChunk - Int(stream.pointee.avail_out)
            consumed += consumedNow
            produced += producedNow
            if status == Z_STREAM_END {
                if consumed == input.count { break }
                guard wrapper == .gzip, input[consumed] == 0x1f, inflateReset(stream) == Z_OK else {
                    throw Failure(inputOffset: consumed, outputCount: produced, problem: "bytes after the end")
                }
            } else if status != Z_OK && status != Z_BUF_ERROR {
                let problem = stream.pointee.msg.map { String(cString: $0) } ?? "damaged data"
                throw Failure(inputOffset: consumed, outputCount: produced, problem: problem)
            } else if consumedNow == 0 && producedNow == 0 {
                throw Failure(inputOffset: consumed, outputCount: produced, problem: "the end in the middle")
            }
        }
        output.removeLast(output.count - produced)
        return output
    }

    /// The bytes packed without a wrapper, at zlib's default level.
    static func pack(_ input: UnsafeRawBufferPointer) throws(Failure) -> [UInt8] {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        defer { stream.deallocate() }
        let status = deflateInit2_(
            stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, Wrapper.none.rawValue, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK, input.count < 1 << 32 else {
            throw Failure(inputOffset: 0, outputCount: 0, problem: "more than zlib can hold")
        }
        defer { deflateEnd(stream) }
        var output = [UInt8](repeating: 0, count: Int(deflateBound(stream, UInt(input.count))))
        let produced = output.withUnsafeMutableBytes { buffer in
            let source = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.pointee.next_in = UnsafeMutablePointer(mutating: source)
            stream.pointee.avail_in = UInt32(input.count)
            stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.pointee.avail_out = UInt32(clamping: buffer.count)
            guard deflate(stream, Z_FINISH) == Z_STREAM_END else { return -1 }
            return buffer.count - Int(stream.pointee.avail_out)
        }
        guard produced >= 0 else { throw Failure(inputOffset: 0, outputCount: 0, problem: "more than zlib can hold") }
        output.removeLast(output.count - produced)
        return output
    }

    /// The CRC-32 of the bytes, as zip and gzip use it.
    static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        return base == nil ? 0 : UInt32(truncatingIfNeeded: crc32_z(0, base, bytes.count))
    }
}
