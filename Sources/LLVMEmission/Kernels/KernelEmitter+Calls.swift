import CustomCode
import GraphIR
import KernelIR

/// The names under which the user's code is in a library.
public enum CustomSymbol {
    /// The function of an operation's code for a CPU level, in a library whose symbols begin with `prefix`.
    public static func name(_ code: CustomCode, prefix: String, level: CPULevel) -> String {
        "\(prefix)code_\(code.name)_\(level.rawValue)"
    }
}

extension KernelEmitter {
    /// Calls the user's code: its tensors, as `strata_operation.h` declares them, lie on the stack.
    mutating func emit(_ call: CustomCall, symbol: String) {
        let tensors = call.operands + call.results
        let sizes = tensors.flatMap(\.shape)
        let type = "{ ptr, ptr, i32, i32 }"
        writer.effect("%sizes = alloca [\(max(1, sizes.count)) x i64], align 16")
        writer.effect("%tensors = alloca [\(tensors.count) x \(type)], align 16")
        for (at, size) in sizes.enumerated() {
            let place = writer.value("getelementptr i64, ptr %sizes, i64 \(at)")
            writer.effect("store i64 \(index(resolve(size))), ptr \(place), align 8")
        }
        var first = 0
        for (at, tensor) in tensors.enumerated() {
            let shape = writer.value("getelementptr i64, ptr %sizes, i64 \(first)")
            let dtype = kernel.buffers[tensor.buffer].dtype
            let fields = [
                "ptr %b\(tensor.buffer)", "ptr \(shape)", "i32 \(tensor.shape.count)", "i32 \(dtype.operationCode)",
            ]
            for (number, field) in fields.enumerated() {
                let place = writer.value("getelementptr \(type), ptr %tensors, i64 \(at), i32 \(number)")
                writer.effect("store \(field), ptr \(place)")
            }
            first += tensor.shape.count
        }
        let rows = index(resolve(call.rows))
        var (from, to) = ("0", rows)
        if let parallel = kernel.parallel {
            from = writer.value("mul i64 %begin, \(parallel.chunk)")
            let end = writer.value("mul i64 %end, \(parallel.chunk)")
            let isLess = writer.value("icmp slt i64 \(end), \(rows)")
            to = writer.value("select i1 \(isLess), i64 \(end), i64 \(rows)")
        }
        let results = writer.value("getelementptr \(type), ptr %tensors, i64 \(call.operands.count)")
        writer.declare("declare hidden void @\(symbol)(ptr, ptr, i64, i64)")
        writer.effect("call void @\(symbol)(ptr %tensors, ptr \(results), i64 \(from), i64 \(to))")
    }
}
