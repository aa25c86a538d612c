import HostTensors

extension GraphGenerator {
    /// A few time steps written out, and what gradients make of them: sums of products, slices of a concatenation, padded blocks that
    /// are added.
    mutating func growSteps() throws -> [Known] {
        let width = random.pick([1, 3, 8, 16, 33]) ?? 1
        let count = random.number(in: 3...6)
        let x = addInput([batch, Dim(width)], dtype)
        let weight = try addWeight([Dim(width), Dim(width)], dtype)
        var state = x.id
        var steps: [ValueID] = []
        for _ in 0..<count {
            let product = try builder.dot(state, weight.id, contract: ([1], [0]))
            state = try builder.unary("tanh", builder.add(random.chance(1, outOf: 2) ? x.id : state, product))
            steps.append(state)
        }
        let rows = random.chance(1, outOf: 3)
        let all = try builder.concat(steps, axis: rows ? 0 : 1)
        // Without a name for the batch, the parts have known sizes along both axes.
        let begin = rows && x.type.shape[0].constant == nil ? 0 : random.below(2)
        let part = try builder.slice(
            all, starts: rows ? [begin, 0] : [0, width * random.below(count) + min(begin, width - 1)],
            sizes: rows ? [1, Dim(width)] : [batch, Dim(max(1, width - begin))], strides: [1, 1])
        return [
            made(part, -1, 1), try summedProducts(steps, x), try addedBlocks(steps, width),
        ]
    }

    /// The sum of a product for each step, in any order, and perhaps of something else.
    private mutating func summedProducts(_ steps: [ValueID], _ x: Known) throws -> Known {
        let others = random.shuffled(steps)
        var terms = try zip(steps, others).map { try builder.dot($0, $1, contract: ([0], [0])) }
        if random.chance(1, outOf: 2) { terms.append(try builder.unary("neg", terms[0])) }
        let ordered = random.shuffled(terms)
        let sum = try ordered.dropFirst().reduce(ordered[0]) {
            random.chance(1, outOf: 2) ? try builder.add($0, $1) : try builder.add($1, $0)
        }
        let bound = Double(terms.count) * largest([x.type.shape[0]])
        return made(sum, -bound, bound)
    }

    /// The sum of some steps, each with zeros around it so that they lie one behind the other, mostly without a gap.
    private mutating func addedBlocks(_ steps: [ValueID], _ width: Int) throws -> Known {
        let zero = try builder.scalar(0, dtype)
        let count = min(3, steps.count)
        let places = random.shuffled(Array(0..<count))
        let gap = random.chance(1, outOf: 4) ? 1 : 0
        let whole = count * width + gap
        let blocks = try places.map { place in
            let low = place * width + (place == count - 1 ? gap : 0)
            return try builder.pad(
                steps[place], value: zero, low: [0, low], high: [0, whole - width - low], interior: [0, 0])
        }
        return made(try blocks.dropFirst().reduce(blocks[0]) { try builder.add($0, $1) }, -1, 1)
    }
}
