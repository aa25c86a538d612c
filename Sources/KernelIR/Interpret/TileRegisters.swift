import GraphIR
import HostTensors

/// The eight tile registers of a machine, as bytes.
struct TileRegisters {
    private static let rowBytes = 64
    /// By register.
    private let rows: [Int]
    private var contents: [[UInt8]]

    init(of kernel: Kernel) {
        rows = (0..<8).map { kernel.rows(ofTileRegister: $0) }
        let all = TileOperation.mostRows * Self.rowBytes
        contents = [[UInt8]](repeating: [UInt8](repeating: 0, count: all), count: 8)
    }

    mutating func clear(_ register: Int) {
        contents[register] = [UInt8](repeating: 0, count: contents[register].count)
    }

    mutating func load(_ register: Int, from memory: KernelMemory, at index: Int, stride: Int) throws {
        let perRow = Self.rowBytes / memory.size
        for row in 0..<rows[register] {
            let start = try memory.place(of: index + row * stride)
            _ = try memory.place(of: index + row * stride + perRow - 1)
            for byte in 0..<Self.rowBytes {
                contents[register][row * Self.rowBytes + byte] = memory.bytes[start + byte]
            }
        }
    }

    func store(_ register: Int, to memory: KernelMemory, at index: Int, stride: Int) throws {
        let perRow = Self.rowBytes / memory.size
        for row in 0..<rows[register] {
            let start = try memory.place(of: index + row * stride)
            _ = try memory.place(of: index + row * stride + perRow - 1)
            for byte in 0..<Self.rowBytes {
                memory.bytes[start + byte] = contents[register][row * Self.rowBytes + byte]
            }
        }
    }

    /// Sums in i32, beyond its ends modulo 2³².
    mutating func multiplyBytes(into goal: Int, left: Int, right: Int) {
        let (left, right) = (
            contents[left].map { Int32(Int8(bitPattern: $0)) }, contents[right].map { Int32(Int8(bitPattern: $0)) }
        )
        let rows = rows[goal]
        contents[goal].withUnsafeMutableBytes { sums in
            for row in 0..<rows {
                for column in 0..<16 {
                    let place = row * Self.rowBytes + column * 4
                    var sum = sums.loadUnaligned(fromByteOffset: place, as: Int32.self)
                    for k in 0..<64 { sum &+= left[row * 64 + k] * right[k / 4 * 64 + 4 * column + k % 4] }
                    sums.storeBytes(of: sum, toByteOffset: place, as: Int32.self)
                }
            }
        }
    }

    /// Sums in f32, one product after another, in the order of k.
    mutating func multiply(into goal: Int, left: Int, right: Int) {
        let (left, right) = (bf16(left), bf16(right))
        let rows = rows[goal]
        contents[goal].withUnsafeMutableBytes { sums in
            for row in 0..<rows {
                for column in 0..<16 {
                    let place = row * Self.rowBytes + column * 4
                    var sum = Float(bitPattern: sums.loadUnaligned(fromByteOffset: place, as: UInt32.self))
                    for k in 0..<32 { sum += left[row * 32 + k] * right[k / 2 * 32 + 2 * column + k % 2] }
                    sums.storeBytes(of: sum.bitPattern, toByteOffset: place, as: UInt32.self)
                }
            }
        }
    }

    /// A register's 16 rows of 32 numbers.
    private func bf16(_ register: Int) -> [Float] {
        contents[register].withUnsafeBytes { bytes in
            (0..<TileOperation.mostRows * 32).map {
                Float(bitPattern: UInt32(bytes.loadUnaligned(fromByteOffset: $0 * 2, as: UInt16.self)) << 16)
            }
        }
    }
}
