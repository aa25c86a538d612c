import HostTensors
import KernelIR

/// Sums, or other reductions, of the lanes of registers: several registers at a time, so that lanes that are added are lanes of one vector.
extension KernelEmitter {
    /// Other registers of the same accumulator that wait to be combined as this one does.
    func together(with key: String, _ register: AccumulatorRegister) -> [String] {
        guard let bracket = key.firstIndex(of: "[") else { return [] }
        let lanes = register.partials[0].lanes
        return registers.filter { other, state in
            other != key && other.hasPrefix(key[...bracket]) && state.kind == register.kind
                && state.partials.first?.lanes == lanes
        }.map(\.key).sorted()
    }

    /// Takes the partial values of registers into their values. The order of operations is the same for every number of registers: the upper
    /// half of a register's lanes goes to its lower half, until one lane is left.
    mutating func combineLanes(of keys: [String]) {
        var left = keys[...]
        while let first = left.first, let lanes = registers[first]?.partials.first?.lanes {
            var count = 1
            while 2 * count <= min(left.count, lanes) { count *= 2 }
            combineLanes(ofGroup: Array(left.prefix(count)), lanes: lanes)
            left = left.dropFirst(count)
        }
    }

    /// The same for a power of two of registers, at most as many as they have lanes.
    private mutating func combineLanes(ofGroup keys: [String], lanes: Int) {
        let group = keys.compactMap { registers[$0] }
        let kind = group[0].kind
        var vectors = group.map { register in
            var left = register.partials
            while left.count > 1 {
                left = stride(from: 0, to: left.count, by: 2).map {
                    $0 + 1 < left.count ? combine(kind, left[$0], left[$0 + 1]) : left[$0]
                }
            }
            return left[0]
        }
        // Each vector holds so many lanes of each of its registers, one register after another.
        var width = lanes
        while width > 1 {
            vectors = stride(from: 0, to: vectors.count, by: 2).map { at in
                let pair = vectors[at..<min(at + 2, vectors.count)]
                let halves = [false, true].map { half(of: Array(pair), width, upper: $0) }
                return combine(kind, halves[0], halves[1])
            }
            width /= 2
        }
        // Where all begin with the same number, one operation takes it in.
        let start = group[0].value
        let isCommon = group.allSatisfy { $0.value.name == start.name } && start.lanes == 1 && keys.count > 1
        if isCommon { vectors[0] = combine(kind, splat(start, keys.count), vectors[0]) }
        for (at, key) in keys.enumerated() {
            guard var register = registers[key] else { continue }
            let value = lane(at, of: vectors[0])
            register.value = isCommon ? value : combine(kind, register.value, value)
            register.partials = []
            registers[key] = register
        }
    }

    /// The lower or upper halves of the `width` lanes that each register has in one or two vectors, as one vector.
    private mutating func half(of vectors: [EmittedValue], _ width: Int, upper: Bool) -> EmittedValue {
        let all = vectors.reduce(0) { $0 + $1.lanes }
        let wanted = (0..<all).filter { ($0 % width >= width / 2) == upper }
        if wanted.count == 1 { return lane(wanted[0], of: vectors[0]) }
        let type = LLVMSpelling.vector(LLVMSpelling.element(vectors[0].dtype), vectors[0].lanes)
        let second = vectors.count > 1 ? vectors[1].name : "poison"
        let indices = wanted.map { "i32 \($0)" }.joined(separator: ", ")
        return EmittedValue(
            name: writer.value(
                "shufflevector \(type) \(vectors[0].name), \(type) \(second), <\(wanted.count) x i32> <\(indices)>"),
            dtype: vectors[0].dtype, lanes: wanted.count)
    }

    private mutating func lane(_ number: Int, of value: EmittedValue) -> EmittedValue {
        guard value.lanes > 1 else { return value }
        let type = LLVMSpelling.vector(LLVMSpelling.element(value.dtype), value.lanes)
        return EmittedValue(
            name: writer.value("extractelement \(type) \(value.name), i64 \(number)"), dtype: value.dtype, lanes: 1)
    }
}
