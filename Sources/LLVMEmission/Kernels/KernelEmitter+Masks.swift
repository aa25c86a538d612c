import GraphIR
import HostTensors
import KernelIR

/// The lanes that are in use where fewer are left than a vector has.
extension KernelEmitter {
    /// One mask for each vector of so many lanes in a row; the last may be partial.
    func masks(_ count: Int) -> [String?] {
        [String?](repeating: nil, count: (count - 1) / lanes) + [staticMask(count % lanes)]
    }

    /// The mask of the first lanes; nil for all (or none) of them.
    func staticMask(_ count: Int) -> String? {
        guard count % lanes != 0 else { return nil }
        return "<" + (0..<lanes).map { "i1 \($0 < count ? "true" : "false")" }.joined(separator: ", ") + ">"
    }

    /// How many lanes a mask says are in use, where that is known: the first ones.
    func count(of mask: String?) -> Int? {
        guard let mask else { return lanes }
        return (1..<lanes).first { staticMask($0) == mask }
    }

    mutating func dynamicMask(from: Dim, to: Dim) -> String {
        let left = writer.value("trunc i64 \(index(to - from)) to i32")
        let splatted = splat(EmittedValue(name: left, dtype: .i32, lanes: 1), lanes).name
        let numbers = "<" + (0..<lanes).map { "i32 \($0)" }.joined(separator: ", ") + ">"
        return writer.value("icmp sgt <\(lanes) x i32> \(splatted), \(numbers)")
    }
}
