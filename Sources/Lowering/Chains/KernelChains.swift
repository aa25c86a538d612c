import GraphIR
import KernelIR

/// Kernels that run one after another for each item before the next item's turn.
struct KernelChain {
    /// The drafts, by their numbers in the new order.
    var calls: Range<Int>
    /// The number of items.
    var items: Dim
    /// By call, the iterations of its parallel loop that make an item; none in a chain over examples.
    var iterations: [Int]
    /// Of a chain over examples, the dimension that counts them.
    var dimension: String?
    /// Items that one thread works on one after another.
    var ordered = 1
    /// What only these kernels use, and how many elements of it an item has: nobody needs it whole.
    var stretches: [BufferSubject: Dim]
}

/// Finds kernels that can run item by item, so that what they hand to one another is never there as a whole: attention has its
/// scores for one head at a time.
struct KernelChains {
    /// The drafts in an order in which the kernels of a chain are neighbours.
    private(set) var drafts: [KernelDraft]
    private(set) var chains: [KernelChain] = []
    private let places: [BufferSubject: BufferLocation]
    /// By subject, the numbers of the kernels that use it.
    private let users: [BufferSubject: [Int]]
    /// By subject, the memory that it is: the same for all that is in one fixed place. What is a task's own is not there.
    private let memory: [BufferSubject: Int]
    /// By kernel, the memory that it uses.
    private let accesses: [MemoryAccess]
    private var items: [Int: KernelItems?] = [:]
    /// What an item of so many iterations of a kernel has of a subject, where that was asked before.
    private var stretches: [StretchQuestion: Dim?] = [:]

    private struct MemoryAccess {
        var used: Set<Int> = []
        var written: Set<Int> = []
    }

    private struct StretchQuestion: Hashable {
        var kernel: Int
        var subject: BufferSubject
        var iterations: Int
    }

    /// How many kernels behind one another are looked through for members of one chain.
    private static let reach = 24
    /// Bytes that values must take together for a chain to pay.
    private static let leastBytes = 1 << 20
    /// Bytes of them that every item must have, to be worth a call of each kernel.
    private static let leastItemBytes = 1 << 10
    /// Bytes that every item may read again.
    private static let mostShared = 1 << 16

    /// Looks through drafts in order, from number `first` on; `places` are fixed places of memory.
    init(_ drafts: [KernelDraft], from first: Int, places: [BufferSubject: BufferLocation]) {
        self.drafts = drafts
        self.places = places
        var users: [BufferSubject: [Int]] = [:]
        var memory: [BufferSubject: Int] = [:]
        var placed: [BufferLocation: Int] = [:]
        var accesses: [MemoryAccess] = []
        for (at, draft) in drafts.enumerated() {
            var access = MemoryAccess()
            for (subject, buffer) in zip(draft.subjects, draft.buffers) {
                users[subject, default: []].append(at)
                if case .local = subject { continue }
                let number = memory[subject] ?? places[subject].flatMap { placed[$0] } ?? memory.count
                memory[subject] = number
                if let place = places[subject] { placed[place] = number }
                access.used.insert(number)
                if buffer.access == .write || buffer.access == .readWrite { access.written.insert(number) }
            }
            accesses.append(access)
        }
        (self.users, self.memory, self.accesses) = (users, memory, accesses)
        var order = Array(drafts.indices.prefix(first))
        var pending = Array(drafts.indices.dropFirst(first))
        while let start = pending.first {
            guard let found = chain(from: pending.prefix(Self.reach)) else {
                order.append(start)
                pending.removeFirst()
                continue
            }
            order += found.before
            var chain = found.chain
            chain.calls = order.count..<order.count + found.members.count
            order += found.members
            chains.append(chain)
            let taken = Set(found.before + found.members)
            pending.removeAll { taken.contains($0) }
        }
        self.drafts = order.map { drafts[$0] }
        for chain in chains {
            for (call, iterations) in zip(chain.calls, chain.iterations) {
                self.drafts[call].parallel?.chunk = iterations
            }
        }
    }

    /// A chain that begins with the first of the kernels at hand, if there is one and none of smaller items begins right behind
    /// it or with one of its own, and those of the kernels that come before it.
    private mutating func chain(
        from candidates: ArraySlice<Int>
    ) -> (before: [Int], members: [Int], chain: KernelChain)? {
        guard let found = grown(from: candidates) else { return nil }
        let own = candidates.indices.filter { found.members.contains(candidates[$0]) }
        for start in Set(candidates.indices.dropFirst().prefix(3) + own).sorted() where start > candidates.startIndex {
            guard let other = grown(from: candidates[start...]) else { continue }
            if other.chain.items.quotient(by: found.chain.items) ?? 1 > 1 { return nil }
        }
        return found
    }

    /// The chain that begins with the first of the kernels at hand and takes in every one behind it that it can.
    private mutating func grown(
        from candidates: ArraySlice<Int>
    ) -> (before: [Int], members: [Int], chain: KernelChain)? {
        guard let start = candidates.first, hasLargeResult(start), var chain = joined(nil, [], start) else {
            return nil
        }
        var members = [start]
        var behind: [Int] = []
        for candidate in candidates.dropFirst() {
            let isStuck = behind.contains { conflict($0, candidate) }
            // Larger items would make what is handed over already larger.
            if !isStuck, let longer = joined(chain, members, candidate),
                chain.stretches.isEmpty || longer.items == chain.items
            {
                chain = longer
                members.append(candidate)
            } else if isStuck || members.contains(where: { conflict($0, candidate) }) {
                behind.append(candidate)
            }
        }
        return pruned(members, of: candidates)
    }

    /// The chain with a further member; nil where items of all are not to be had.
    private mutating func joined(_ chain: KernelChain?, _ members: [Int], _ candidate: Int) -> KernelChain? {
        guard let added = itemsOf(candidate), drafts[candidate].fitsChains else { return nil }
        let count = chain.map { $0.items.commonFactor(added.extent) } ?? added.extent
        guard let count else { return nil }
        var longer = KernelChain(calls: 0..<0, items: count, iterations: [], stretches: [:])
        let all = members + [candidate]
        for member in all {
            guard let items = itemsOf(member), let iterations = items.extent.quotient(by: count),
                items.canTake(iterations),
                items.sharedBytes.bounds(drafts[member].ranges).upperBound <= Self.mostShared
            else { return nil }
            longer.iterations.append(iterations)
            guard longer.takeInOrder(items.ordered, of: iterations) else { return nil }
        }
        // A single item for one example would leave the other threads without work.
        let isFine = longer.iterations.contains { $0 > 1 }
        let fewest = count.bounds(drafts[candidate].ranges).lowerBound / longer.ordered
        guard !isFine || fewest >= 2 else { return nil }
        for subject in Set(all.flatMap { drafts[$0].subjects }) where isHandedOver(subject, among: all) {
            var stretch: Dim?
            for (member, iterations) in zip(all, longer.iterations) where drafts[member].subjects.contains(subject) {
                guard let own = stretchOf(member, subject, iterations: iterations), stretch ?? own == own else {
                    return nil
                }
                stretch = own
            }
            longer.stretches[subject] = stretch
        }
        return longer
    }

    /// The chain of those members that take part in handing over what others need not see; nil where little is left.
    private mutating func pruned(
        _ members: [Int], of candidates: ArraySlice<Int>
    ) -> (before: [Int], members: [Int], chain: KernelChain)? {
        var members = members
        var before: [Int] = []
        while true {
            let local = locals(of: members)
            let useful = members.filter { !local.isDisjoint(with: drafts[$0].subjects) }
            let arranged = arranged(Set(useful), in: candidates)
            before = arranged.before
            if arranged.members == members { break }
            members = arranged.members
        }
        let local = locals(of: members)
        guard members.count > 1, local.reduce(0, { $0 + bytes(of: $1) }) >= Self.leastBytes else { return nil }
        var result: KernelChain?
        for (at, member) in members.enumerated() {
            result = joined(result, Array(members.prefix(at)), member)
            if result == nil { return nil }
        }
        guard var chain = result else { return nil }
        chain.stretches = chain.stretches.filter { local.contains($0.key) }
        let ofItem = local.reduce(0) { $0 + bytes(of: $1) / max(1, size(chain.items, of: members[0])) }
        guard ofItem >= Self.leastItemBytes else { return nil }
        return (before, members, chain)
    }

    /// Those of the wanted kernels that can be neighbours, and what then comes before them: what needs nothing of theirs.
    private func arranged(
        _ wanted: Set<Int>, in candidates: ArraySlice<Int>
    ) -> (before: [Int], members: [Int]) {
        var (before, members, behind): ([Int], [Int], [Int]) = ([], [], [])
        guard let last = candidates.lastIndex(where: { wanted.contains($0) }) else { return ([], []) }
        for candidate in candidates[...last] {
            let isStuck = behind.contains { conflict($0, candidate) }
            if wanted.contains(candidate), !isStuck {
                members.append(candidate)
            } else if isStuck || members.contains(where: { conflict($0, candidate) }) {
                behind.append(candidate)
            } else {
                before.append(candidate)
            }
        }
        return (before, members)
    }

    private mutating func itemsOf(_ kernel: Int) -> KernelItems? {
        if let known = items[kernel] { return known }
        let made = KernelItems(drafts[kernel])
        items[kernel] = .some(made)
        return made
    }

    private mutating func stretchOf(_ kernel: Int, _ subject: BufferSubject, iterations: Int) -> Dim? {
        let question = StretchQuestion(kernel: kernel, subject: subject, iterations: iterations)
        if let known = stretches[question] { return known }
        let found = itemsOf(kernel)?.stretch(of: subject, iterations: iterations)
        stretches[question] = .some(found)
        return found
    }

    /// Whether one of the kernels writes a subject and another one uses it, under this name or as the same state.
    private func isHandedOver(_ subject: BufferSubject, among members: [Int]) -> Bool {
        guard let number = memory[subject] else { return false }
        let using = members.filter { accesses[$0].used.contains(number) }
        return using.count > 1 && using.contains { accesses[$0].written.contains(number) }
    }

    /// What is written and read by the kernels and by no other.
    private func locals(of members: [Int]) -> Set<BufferSubject> {
        let inside = Set(members)
        var found: Set<BufferSubject> = []
        for subject in members.flatMap({ drafts[$0].subjects }) {
            if case .local = subject { continue }
            guard places[subject] == nil, isHandedOver(subject, among: members),
                users[subject, default: []].allSatisfy(inside.contains)
            else { continue }
            found.insert(subject)
        }
        return found
    }

    private func hasLargeResult(_ kernel: Int) -> Bool {
        drafts[kernel].subjects.contains { subject in
            if case .local = subject { return false }
            return places[subject] == nil && drafts[kernel].writes(subject) && bytes(of: subject) >= Self.leastBytes
        }
    }

    /// About how many bytes a subject takes, dimensions at a usual size.
    private func bytes(of subject: BufferSubject) -> Int {
        guard let user = users[subject]?.first, let at = drafts[user].subjects.firstIndex(of: subject) else { return 0 }
        let buffer = drafts[user].buffers[at]
        return size(buffer.count, of: user) * buffer.stored.byteCount
    }

    /// A number of a kernel's, dimensions at a usual size.
    private func size(_ number: Dim, of kernel: Int) -> Int {
        let sizes = drafts[kernel].ranges.mapValues { min(max(64, $0.lowerBound), $0.upperBound) }
        return (try? number.value(sizes)) ?? 0
    }

    /// Whether two kernels must run in the order they are in.
    private func conflict(_ first: Int, _ second: Int) -> Bool {
        let (one, other) = (accesses[first], accesses[second])
        return !one.written.isDisjoint(with: other.used) || !other.written.isDisjoint(with: one.used)
    }
}

extension KernelChain {
    /// Takes in a kernel of which so many iterations are in order, and which has so many in an item; false where that is not to be had.
    fileprivate mutating func takeInOrder(_ kernel: Int, of iterations: Int) -> Bool {
        if iterations % kernel == 0 { return true }
        guard kernel % iterations == 0 else { return false }
        let items = kernel / iterations
        guard items % ordered == 0 || ordered % items == 0 else { return false }
        ordered = max(ordered, items)
        return true
    }
}

extension KernelDraft {
    /// Whether the runtime has room in a chain for what the kernel is given: for 64 words (`STRATA_RT_CHAIN_WORDS`), to which sharing
    /// adds its numbers.
    var fitsChains: Bool { kernel.parameters.count + ranges.count <= 48 }
}

extension Dim {
    /// The largest product that divides two products by whole numbers; nil where they differ in more than a factor.
    fileprivate func commonFactor(_ other: Dim) -> Dim? {
        guard terms.count == 1, other.terms.count == 1, terms[0].symbols == other.terms[0].symbols else { return nil }
        let common = greatestCommonDivisor(terms[0].coefficient, other.terms[0].coefficient)
        return Dim(terms: [Term(coefficient: common, symbols: terms[0].symbols)])
    }

    /// How many times a divisor goes into it.
    fileprivate func quotient(by divisor: Dim) -> Int? {
        guard terms.count == 1, divisor.terms.count == 1, terms[0].symbols == divisor.terms[0].symbols,
            terms[0].coefficient % divisor.terms[0].coefficient == 0
        else { return nil }
        return terms[0].coefficient / divisor.terms[0].coefficient
    }
}
