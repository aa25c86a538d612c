import GraphIR
import KernelIR

/// A kernel that a call runs, and the numbers it gives it.
struct KernelUse {
    var kernel: Int
    var numbers: [Int]
}

/// Makes one kernel of those that are the same, and of those that differ only in numbers that cost nothing to leave open: the
/// length of a loop over elements, the stream of random numbers and what those are scaled by.
///
/// Gives the kernels in the order of their first use, and the use of each one given.
func shareKernels(_ kernels: [(kernel: Kernel, hint: String)]) -> (kernels: [Kernel], uses: [KernelUse]) {
    var distinct: [Kernel] = []
    var hints: [String] = []
    var numbers: [Kernel: Int] = [:]
    let members = kernels.map { kernel, hint in
        let content = kernel.unnamed
        if let known = numbers[content] { return known }
        numbers[content] = distinct.count
        distinct.append(kernel)
        hints.append(hint)
        return distinct.count - 1
    }
    var families: [[Int]] = []
    var familyNumbers: [Kernel: Int] = [:]
    let open = distinct.map { OpenConstants(of: $0) }
    for (at, constants) in open.enumerated() {
        if let known = familyNumbers[constants.skeleton] {
            families[known].append(at)
        } else {
            familyNumbers[constants.skeleton] = families.count
            families.append([at])
        }
    }
    var shared: [Kernel] = []
    var uses = [KernelUse](repeating: KernelUse(kernel: 0, numbers: []), count: distinct.count)
    for family in families {
        let (kernel, given) = merged(family.map { open[$0] })
        for (member, given) in zip(family, given) { uses[member] = KernelUse(kernel: shared.count, numbers: given) }
        shared.append(kernel.named("k\(shared.count)_\(hints[family[0]])"))
    }
    return (shared, members.map { uses[$0] })
}

/// The kernel for several that have the same skeleton, and the numbers that each of them is called with. Constants that are the
/// same in all stay; those that are always equal to one another become one number.
private func merged(_ family: [OpenConstants]) -> (kernel: Kernel, numbers: [[Int]]) {
    let first = family[0]
    var columns: [[Int]] = []
    var columnNumbers: [[Int]: Int] = [:]
    var replacements: [Int: Dim] = [:]
    for at in first.values.indices {
        let column = family.map { $0.values[at] }
        if column.allSatisfy({ $0 == column[0] }) { continue }
        let number = columnNumbers[column] ?? columns.count
        if number == columns.count {
            columnNumbers[column] = number
            columns.append(column)
        }
        replacements[at] = Dim(symbol: "n\(number)")
    }
    var kernel = first.replacing { replacements[$0] }
    kernel.numbers = columns.enumerated().map { KernelNumber("n\($0)", in: $1.min()!...$1.max()!) }
    let chunks = family.compactMap { $0.kernel.parallel?.chunk }
    if let least = chunks.min() {
        // The items of a chain are whole chunks, whichever kernel of the family it was made with.
        kernel.parallel?.chunk = chunks.reduce(least) { greatestCommonDivisor($0, $1) }
    }
    return (kernel, family.indices.map { member in columns.map { $0[member] } })
}

/// The largest number that divides both.
func greatestCommonDivisor(_ one: Int, _ two: Int) -> Int {
    two == 0 ? one : greatestCommonDivisor(two, one % two)
}

extension Kernel {
    /// The kernel without what is only for people.
    fileprivate var unnamed: Kernel {
        var copy = self
        copy.name = ""
        copy.origin = ""
        return copy
    }

    fileprivate func named(_ name: String) -> Kernel {
        var copy = self
        copy.name = name
        return copy
    }
}
