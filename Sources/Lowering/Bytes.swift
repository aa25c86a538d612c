import GraphIR

extension GraphFunction {
    /// The values of i32 that are numbers from -128 to 127 for sure: converted from i8, and perhaps moved.
    var bytes: Set<ValueID> {
        var found: Set<ValueID> = []
        for op in ops where op.results.count == 1 && type(of: op.results[0]).dtype == .i32 {
            let isByte =
                switch op.name {
                case "cast": type(of: op.operands[0]).dtype == .i8
                case "transpose", "reshape", "broadcast", "slice", "reverse", "concat":
                    op.operands.allSatisfy(found.contains)
                case "constant":
                    op.attributes.tensor("value").map { $0.doubles().allSatisfy { abs($0 + 0.5) <= 127.5 } } ?? false
                default: false
                }
            if isByte { found.insert(op.results[0]) }
        }
        return found
    }
}
