import GraphIR
import KernelIR
import Lowering

/// The tables that a function is run by, as `strata_rt_steps` of the runtime describes them.
struct StepTable {
    private let lowered: LoweredModule
    private let function: LoweredFunction
    private let constantNumbers: [Int: Int]
    /// Polynomials, and where each begins.
    private var numbers: [Int] = []
    private var numberStarts: [Dim: Int] = [:]
    private var places: [Int] = []
    private var placeNumbers: [Place: Int] = [:]
    /// A line a step, and one before each chain.
    private var lines: [(words: [Int], comment: String)] = []
    /// Where the polynomials of the bytes before the slots, and of those in one, begin.
    private var slots = (start: 0, bytes: 0)

    private struct Place: Hashable {
        var location: BufferLocation
        /// The bytes that one example has there, in a chain over examples.
        var ofExample: Dim?
    }

    /// What the runtime has room for in a chain (`STRATA_RT_CHAIN_WORDS`).
    private static let chainWords = 64

    /// `constants` are the numbers of those in the table of constants, in its order.
    init(_ function: LoweredFunction, of lowered: LoweredModule, constants: [Int]) throws {
        self.function = function
        self.lowered = lowered
        constantNumbers = Dictionary(uniqueKeysWithValues: constants.enumerated().map { ($1, $0) })
        slots = (try number(function.arenaBytes), try number(function.slotBytes))
        for (at, call) in function.calls.enumerated() {
            if let chain = function.chains.first(where: { $0.calls.lowerBound == at }) {
                let dimension = try chain.dimension.map(dimension(named:)) ?? -1
                let items = try number(chain.items)
                lines.append(([6, -1, chain.calls.count, items, dimension, chain.ordered], "a chain"))
            }
            try add(call, at: at)
        }
    }

    /// The most words any kernel is given: places, dimensions and numbers.
    var blockWords: Int {
        let most = function.calls.map { $0.arguments.count + $0.numbers.count }.max() ?? 0
        return max(1, most + lowered.module.dims.count)
    }

    /// The tables as constants whose names begin with `symbol`; `kernels` and `constants` are tables of the level.
    func text(_ symbol: String, kernels: String, constants: String) -> String {
        var text = Self.table("\(symbol)_numbers", "i64", [(numbers, "")])
        text += Self.table("\(symbol)_places", "i32", [(places, "")])
        text += Self.table("\(symbol)_words", "i32", lines)
        let fields = [
            "i64 \(function.calls.count)", "ptr @\(symbol)_words", "ptr @\(symbol)_places", "ptr @\(symbol)_numbers",
            "ptr @\(kernels)", "ptr @\(constants)", "i64 \(lowered.module.dims.count)",
            "i64 \(function.calls.prefix { $0.isKept }.count)", "i64 \(slots.start)", "i64 \(slots.bytes)",
        ]
        return text
            + "@\(symbol) = internal constant { i64, ptr, ptr, ptr, ptr, ptr, i64, i64, i64, i64 } { \(fields.joined(separator: ", ")) }\n"
    }

    private mutating func add(_ call: KernelCall, at position: Int) throws {
        let kernel = lowered.kernels[call.kernel]
        var words = [call.kernel, call.arguments.count]
        let iterations = call.iterationsPerItem.map { Dim($0) } ?? lowered.iterations(of: call)
        words.append(try iterations.map { try number($0) } ?? -1)
        words.append(try kernel.parallel.map { try number(Dim($0.chunk)) } ?? -1)
        words.append(try call.condition.map { try number($0.size) } ?? -1)
        if let range = call.condition?.range {
            words += try [range.lowerBound, range.upperBound].map { try number(Dim($0)) }
        }
        words += try call.arguments.map { argument in
            try place(
                Place(
                    location: function.buffers[argument].location,
                    ofExample: function.exampleBytes(of: argument, inCall: position)))
        }
        words += try call.numbers.map { try number(Dim($0)) }
        let given = call.arguments.count + lowered.module.dims.count + call.numbers.count
        let isInChain = function.chains.contains { $0.calls.contains(position) }
        guard !isInChain || given <= Self.chainWords else {
            throw GraphError(
                "function '\(function.name)': kernel @\(kernel.name) is given \(given) words, in a chain at most \(Self.chainWords)"
            )
        }
        lines.append(([words.count + 1] + words, kernel.name))
    }

    /// Where a polynomial begins; throws where it names what is no dimension of the module.
    private mutating func number(_ dim: Dim) throws -> Int {
        if let known = numberStarts[dim] { return known }
        let start = numbers.count
        numberStarts[dim] = start
        let terms = dim.terms.filter { !$0.symbols.isEmpty }
        numbers += [dim.terms.first { $0.symbols.isEmpty }?.coefficient ?? 0, terms.count]
        for term in terms {
            numbers += [term.coefficient, term.symbols.count]
            numbers += try term.symbols.map(dimension(named:))
        }
        return start
    }

    private func dimension(named name: String) throws -> Int {
        guard let at = lowered.module.dims.firstIndex(where: { $0.name == name }) else {
            throw GraphError("function '\(function.name)': '\(name)' is not a dimension")
        }
        return at
    }

    private mutating func place(_ wanted: Place) throws -> Int {
        if let known = placeNumbers[wanted] { return known }
        let states = lowered.module.states.count
        let base: Int
        var offset = Dim(0)
        var perItem = -1
        switch wanted.location {
        case .constant(let constant): base = -1 - (constantNumbers[constant] ?? 0)
        case .state(let state): base = state
        case .input(let input): base = states + input
        case .output(let output): base = states + function.inputCount + output
        case .arena(let place):
            base = states + function.inputCount + function.outputCount
            offset = place
        case .slot(let place, let bytes):
            base = states + function.inputCount + function.outputCount
            offset = place
            perItem = try number(bytes)
        case .kept(let place):
            base = states + function.inputCount + function.outputCount + 1
            offset = Dim(place)
        }
        let at = places.count / 4
        placeNumbers[wanted] = at
        places += [base, try number(offset), perItem, try wanted.ofExample.map { try number($0) } ?? -1]
        return at
    }

    private static func table(_ symbol: String, _ type: String, _ lines: [(words: [Int], comment: String)]) -> String {
        var text = ""
        for (at, line) in lines.enumerated() where !line.words.isEmpty {
            text += "  " + line.words.map { "\(type) \($0)" }.joined(separator: ", ")
            text += (at + 1 < lines.count ? "," : "") + (line.comment.isEmpty ? "" : " ; " + line.comment) + "\n"
        }
        let count = lines.reduce(0) { $0 + $1.words.count }
        return "@\(symbol) = internal unnamed_addr constant [\(count) x \(type)] [\n\(text)]\n"
    }
}
