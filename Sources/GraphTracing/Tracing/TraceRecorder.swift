import GraphIR
import Synchronization

/// What one traced call has read and assigned so far, and the names of what it may meet.
final class TraceRecorder: Sendable {
    @TaskLocal static var current: TraceRecorder?

    private struct Record {
        var reads: [ObjectIdentifier: Tensor] = [:]
        var assigned: [ObjectIdentifier: Tensor] = [:]
        var assignedOrder: [Variable] = []
        var nextStream = RandomPosition.firstStepStream
    }
    private let names: [ObjectIdentifier: String]
    private let random: (seed: Variable, step: Variable)?
    private let substitutes: [ObjectIdentifier: Variable]
    private let record = Mutex(Record())

    init(
        names: [ObjectIdentifier: String], random: (seed: Variable, step: Variable)?,
        substitutes: [ObjectIdentifier: Variable] = [:]
    ) {
        self.names = names
        self.random = random
        self.substitutes = substitutes
    }

    /// What the call reads in place of the variable, if anything.
    func substitute(of variable: Variable) -> Variable? { substitutes[ObjectIdentifier(variable)] }

    func path(of object: AnyObject) -> String? { names[ObjectIdentifier(object)] }

    /// What the call has made of the variable so far: the same tensor each time it is read.
    func value(of variable: Variable) -> Tensor {
        let key = ObjectIdentifier(variable)
        return record.withLock { record in
            if let tensor = record.assigned[key] ?? record.reads[key] { return tensor }
            let type = variable.type ?? TensorType(.f32)
            let tensor = Tensor(Expression(.variable(variable), types: [type], place: nil))
            record.reads[key] = tensor
            return tensor
        }
    }

    func assign(_ tensor: Tensor, to variable: Variable) {
        record.withLock { record in
            if record.assigned.updateValue(tensor, forKey: ObjectIdentifier(variable)) == nil {
                record.assignedOrder.append(variable)
            }
        }
    }

    /// The new values, in the order of first assignment.
    var assignments: [(variable: Variable, value: Tensor)] {
        record.withLock { record in
            record.assignedOrder.compactMap { variable in
                record.assigned[ObjectIdentifier(variable)].map { (variable, $0) }
            }
        }
    }

    /// Forgets the new values, and gives them.
    func withdrawAssignments() -> [(variable: Variable, value: Tensor)] {
        let withdrawn = assignments
        record.withLock { record in
            record.assigned = [:]
            record.assignedOrder = []
        }
        return withdrawn
    }

    /// A random sequence that no other call in this function gets.
    func nextRandomPosition() -> RandomPosition? {
        guard let random else { return nil }
        let stream = record.withLock { record in
            defer { record.nextStream += 1 }
            return record.nextStream
        }
        return RandomPosition(seed: value(of: random.seed), step: value(of: random.step), stream: stream)
    }
}

extension RandomPosition {
    /// A sequence of its own for each call in a traced function; throws where there are no random numbers.
    public static func next() throws -> RandomPosition {
        guard let position = TraceRecorder.current?.nextRandomPosition() else {
            throw GraphError(
                "there are no random numbers here", place: PlaceScope.current?.description,
                remedy: "trace the function with a seed and a step, as a training module does")
        }
        return position
    }
}
