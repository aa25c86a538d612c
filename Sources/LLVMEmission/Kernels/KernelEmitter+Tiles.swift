import GraphIR
import KernelIR

/// Tile registers of x86-64's AMX: rows of 64 bytes, configured once a task.
extension KernelEmitter {
    private var configurationSymbol: String { "@\(symbol).tiles" }

    /// The 64 bytes that `ldtilecfg` reads: palette 1; bytes a row, from byte 16; rows, from byte 48.
    var tileConfiguration: String {
        var bytes = [Int](repeating: 0, count: 64)
        bytes[0] = 1
        for register in 0..<8 {
            bytes[16 + 2 * register] = 64
            bytes[48 + register] = kernel.rows(ofTileRegister: register)
        }
        let values = bytes.map { "i8 \($0)" }.joined(separator: ", ")
        return "\(configurationSymbol) = internal unnamed_addr constant [64 x i8] [\(values)], align 64\n"
    }

    mutating func configureTiles() {
        writer.declare("declare void @llvm.x86.ldtilecfg(ptr)")
        writer.effect("call void @llvm.x86.ldtilecfg(ptr \(configurationSymbol))")
    }

    mutating func releaseTiles() {
        writer.declare("declare void @llvm.x86.tilerelease()")
        writer.effect("call void @llvm.x86.tilerelease()")
    }

    mutating func emit(_ operation: TileOperation) {
        switch operation {
        case .clear(let register):
            writer.declare("declare void @llvm.x86.tilezero(i8 immarg)")
            writer.effect("call void @llvm.x86.tilezero(i8 \(register))")
        case .load(let register, let buffer, let index, let stride):
            writer.declare("declare void @llvm.x86.tileloadd64(i8 immarg, ptr, i64)")
            emitTransfer("tileloadd64", register, buffer, index, stride)
        case .store(let register, let buffer, let index, let stride):
            writer.declare("declare void @llvm.x86.tilestored64(i8 immarg, ptr, i64)")
            emitTransfer("tilestored64", register, buffer, index, stride)
            forgetLoads(of: buffer)
        case .multiply(let element, let into, let left, let right):
            let product = element == .i8 ? "@llvm.x86.tdpbssd" : "@llvm.x86.tdpbf16ps"
            writer.declare("declare void \(product)(i8 immarg, i8 immarg, i8 immarg)")
            writer.effect("call void \(product)(i8 \(into), i8 \(left), i8 \(right))")
        }
    }

    private mutating func emitTransfer(
        _ intrinsic: String, _ register: Int, _ buffer: Int, _ index: IndexExpression, _ stride: Int
    ) {
        storeColumns(of: buffer)
        let pointer = address(buffer, resolve(index))
        let bytes = stride * kernel.buffers[buffer].stored.byteCount
        writer.effect("call void @llvm.x86.\(intrinsic)(i8 \(register), ptr \(pointer), i64 \(bytes))")
    }
}
