import GraphIR
import HostTensors
import KernelIR

/// One axis of a loop nest.
struct LoopAxis {
    var variable: String
    var extent: Dim
}

extension KernelStatement {
    func substituting(_ variable: String, by value: Dim) -> KernelStatement {
        switch self {
        case .loop(var loop):
            loop.window = loop.window?.substituting(variable, by: value)
            loop.body = loop.body.map { $0.substituting(variable, by: value) }
            return .loop(loop)
        case .define(let name, let expression): return .define(name, expression.substituting(variable, by: value))
        case .set(let name, let axes, let expression):
            return .set(name, axes: axes, expression.substituting(variable, by: value))
        case .reduce(let name, let axes, let kind, let expression):
            return .reduce(name, axes: axes, kind, expression.substituting(variable, by: value))
        case .store(let buffer, let offset, let expression):
            return .store(
                buffer, offset.substituting(variable, by: value), expression.substituting(variable, by: value))
        case .tile(.load(let register, let buffer, let offset, let stride)):
            return .tile(
                .load(register, buffer: buffer, offset.substituting(variable, by: value), stride: stride))
        case .tile(.store(let register, let buffer, let offset, let stride)):
            return .tile(
                .store(register, buffer: buffer, offset.substituting(variable, by: value), stride: stride))
        case .tile: return self
        case .prefetch(let buffer, let offset, let level):
            return .prefetch(buffer, offset.substituting(variable, by: value), to: level)
        case .position(let name, let extent, let expression):
            return .position(name, extent: extent, expression.substituting(variable, by: value))
        }
    }

    /// Whether random numbers are drawn in it.
    var drawsNumbers: Bool {
        switch self {
        case .loop(let loop): loop.body.contains(where: \.drawsNumbers)
        case .define(_, let expression), .set(_, _, let expression), .reduce(_, _, _, let expression),
            .store(_, _, let expression):
            expression.drawsNumbers
        case .tile, .prefetch, .position: false
        }
    }

    /// The number of scalar operations, transcendental ones counted for what they cost.
    var work: Int {
        switch self {
        case .loop(let loop): loop.body.reduce(0) { $0 + $1.work }
        case .define(_, let expression), .set(_, _, let expression), .reduce(_, _, _, let expression),
            .store(_, _, let expression), .position(_, _, let expression):
            expression.work + 1
        case .tile: 16
        case .prefetch: 1
        }
    }
}

extension KernelExpression {
    func substituting(_ variable: String, by value: Dim) -> KernelExpression {
        switch self {
        case .number, .local, .accumulator: self
        case .load(let buffer, let offset): .load(buffer, offset.substituting(variable, by: value))
        case .loadWhere(let buffer, let offset, let conditions):
            .loadWhere(
                buffer, offset.substituting(variable, by: value),
                conditions.map { IndexCondition($0.index.substituting(variable, by: value), below: $0.limit) })
        case .bits(let expression, let dtype): .bits(expression.substituting(variable, by: value), dtype)
        case .index(let index, let dtype): .index(index.substituting(variable, by: value), dtype)
        case .apply(let op, let operands, let dtype):
            .apply(op, operands.map { $0.substituting(variable, by: value) }, dtype)
        case .random(let seed, let step, let stream, let index):
            .random(
                seed: seed.substituting(variable, by: value), step: step.substituting(variable, by: value),
                stream: stream, index: index.substituting(variable, by: value))
        }
    }

    var drawsNumbers: Bool {
        switch self {
        case .random: true
        case .apply(_, let operands, _): operands.contains(where: \.drawsNumbers)
        case .bits(let value, _): value.drawsNumbers
        case .number, .local, .load, .loadWhere, .index, .accumulator: false
        }
    }

    var work: Int {
        switch self {
        case .number, .local, .accumulator, .index: 0
        case .load, .loadWhere: 1
        case .bits(let value, _): value.work
        case .random: 24
        case .apply(let op, let operands, _):
            operands.reduce(op.cost) { $0 + $1.work }
        }
    }
}

extension ScalarOp {
    /// About how many vector instructions it takes.
    var cost: Int {
        switch self {
        case .exp, .expm1, .log, .log1p, .tanh, .logistic, .erf: 20
        case .pow, .sin, .cos, .rem: 60
        case .div, .sqrt, .rsqrt: 8
        default: 1
        }
    }
}

extension KernelDraft {
    /// Wraps a body in loops over axes, the innermost as vectors; the outermost may be split among threads.
    mutating func nest(_ axes: [LoopAxis], _ body: [KernelStatement], parallel isParallel: Bool) -> [KernelStatement] {
        let collapsed = collapse(axes, body)
        var axes = collapsed.axes
        let body = collapsed.body
        guard let inner = axes.popLast() else { return body }
        if isParallel, let along = axisAlongLoads(inner, axes, body) { return blocked(inner, along, axes, body) }
        let work = body.reduce(0) { $0 + $1.work }
        // Blocks of random numbers are shared by 64 elements.
        let unroll =
            body.contains(where: \.drawsNumbers)
            ? max(1, 64 / target.lanes(byteCount: 4)) : work <= 12 ? 4 : work <= 40 ? 2 : 1
        let small = inner.extent.constant.map { $0 < 64 } ?? false
        let loop = KernelLoop(inner.variable, .count(inner.extent), .vector(unroll: small ? 1 : unroll), body)
        if isParallel, !axes.isEmpty { return inTasks(axes, [.loop(loop)], workInside: inner.extent * Dim(work)) }
        var statements: [KernelStatement] = [.loop(loop)]
        for axis in axes.reversed() {
            statements = [.loop(KernelLoop(axis.variable, .count(axis.extent), .serial(unroll: 1), statements))]
        }
        let chunk = chunk(workPerIteration: Dim(work), step: 64)
        if isParallel, inner.extent.bounds(ranges).upperBound > chunk {
            parallel = ParallelLoop(variable: inner.variable, extent: inner.extent, chunk: chunk)
        }
        return statements
    }

    /// The axis along which a load runs through lines that it jumps between along the lanes: a transpose.
    private func axisAlongLoads(_ inner: LoopAxis, _ axes: [LoopAxis], _ body: [KernelStatement]) -> LoopAxis? {
        for expression in body.flatMap(\.indexExpressions)
        where expression.step(inner.variable).bounds(ranges).lowerBound >= 8 {
            if let along = axes.last(where: { expression.step($0.variable) == 1 }) { return along }
        }
        return nil
    }

    /// A nest in square blocks of the innermost axis and one along which loads are contiguous: lanes run along the loads, and
    /// what is stored with a stride is the columns of a block, which machine code transposes in registers.
    private mutating func blocked(
        _ inner: LoopAxis, _ along: LoopAxis, _ axes: [LoopAxis], _ body: [KernelStatement]
    ) -> [KernelStatement] {
        let lanes = target.lanes(storing: buffers.filter { $0.access != .read }.map(\.dtype))
        let (row, lane) = (fresh("r"), fresh("v"))
        let placed = body.map {
            $0.substituting(inner.variable, by: Dim(symbol: inner.variable) + Dim(symbol: row))
                .substituting(along.variable, by: Dim(symbol: along.variable) + Dim(symbol: lane))
        }
        var statements: [KernelStatement] = [
            .loop(
                KernelLoop(
                    row, .tile(inner.variable), .unroll,
                    [.loop(KernelLoop(lane, .tile(along.variable), .vector(unroll: 1), placed))]))
        ]
        statements = [
            .loop(KernelLoop(along.variable, .count(along.extent), .tile(step: lanes), statements))
        ]
        let others = axes.filter { $0.variable != along.variable }
        for axis in others.reversed() {
            statements = [.loop(KernelLoop(axis.variable, .count(axis.extent), .serial(unroll: 1), statements))]
        }
        let perIteration = Dim.product(axes.map(\.extent)) * Dim(body.reduce(0) { $0 + $1.work })
        let chunk = chunk(workPerIteration: perIteration, step: lanes)
        if inner.extent.bounds(ranges).upperBound > chunk {
            parallel = ParallelLoop(variable: inner.variable, extent: inner.extent, chunk: chunk)
        }
        return [.loop(KernelLoop(inner.variable, .count(inner.extent), .tile(step: lanes), statements))]
    }

    /// A loop axis for every axis of a shape that has more than one element, and the index of each (0 for the others).
    mutating func axes(_ shape: [Dim], _ hint: String) -> (axes: [LoopAxis], indices: [IndexExpression]) {
        var axes: [LoopAxis] = []
        var indices: [IndexExpression] = []
        for extent in shape {
            if extent == 1 {
                indices.append(0)
            } else {
                axes.append(LoopAxis(variable: fresh(hint), extent: extent))
                indices.append(Dim(symbol: axes[axes.count - 1].variable))
            }
        }
        return (axes, indices)
    }

    mutating func open(_ axes: [LoopAxis]) { scopes.append(BodyScope(variables: Set(axes.map(\.variable)))) }
}
