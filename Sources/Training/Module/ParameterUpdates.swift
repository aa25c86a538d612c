import GraphIR
import GraphTracing
import HostTensors
import Layers

/// The states that one optimizer keeps beside the parameters of a module, and its step as assignments.
struct ParameterUpdates {
    /// One parameter that is trained, with what is kept for it.
    private struct Entry {
        let path: String
        let parameter: Variable
        let slots: [Variable]
        /// The sum of gradients that wait for an update.
        let waiting: Variable?
        let average: Variable?
    }

    private let optimizer: Optimizer
    private var entries: [Entry] = []

    /// Declares the states for those parameters that `trains` chooses by their paths: averages already have variables, of
    /// which each belongs to a parameter.
    init(
        _ optimizer: Optimizer, averages: [(parameter: Variable, average: Variable)], tracer: inout ModuleTracer,
        trains: (String) -> Bool = { _ in true }
    ) {
        self.optimizer = optimizer
        for (path, parameter) in tracer.variables where parameter.isTrainable && trains(path) {
            guard let type = parameter.type, let shape = type.constantShape else { continue }
            let average = averages.first { $0.parameter === parameter }?.average
            _ = average?.value(of: type)
            if optimizer.frozen.matches(path) { continue }
            let slots = optimizer.slots(for: shape).map { slot, shape in
                let variable = Variable(
                    shape: shape, dtype: type.dtype, initializer: .constant(slot.initialValue), role: .slot)
                tracer.declare(variable, path: "\(path)/\(slot.name)")
                return variable
            }
            var waiting: Variable?
            if optimizer.accumulatedBatches > 1 {
                let variable = Variable(shape: shape, dtype: type.dtype, initializer: .zeros, role: .slot)
                tracer.declare(variable, path: "\(path)/gradients")
                waiting = variable
            }
            entries.append(
                Entry(path: path, parameter: parameter, slots: slots, waiting: waiting, average: average))
        }
    }

    /// The parameters that are trained, in declaration order.
    var parameters: [Variable] { entries.map(\.parameter) }

    /// Assigns new values to parameters and slots; `number` is that of the batch, from 1, `i64[]`.
    func follow(_ gradients: [Tensor], number: Tensor) {
        let batches = optimizer.accumulatedBatches
        guard batches > 1 else { return update(gradients, number: number, isDue: nil) }
        let isDue = remainder(number, Double(batches)) .== 0
        var sums: [Tensor] = []
        for (entry, gradient) in zip(entries, gradients) {
            guard let waiting = entry.waiting else { continue }
            let sum = waiting.value + gradient * (1 / Double(batches))
            sums.append(sum)
            waiting.assign(select(isDue, Tensor.zeros(sum.type), sum))
        }
        update(sums, number: (number + Double(batches - 1)) / Double(batches), isDue: isDue)
    }

    /// One update; where it is not due, everything stays as it is.
    private func update(_ gradients: [Tensor], number: Tensor, isDue: Tensor?) {
        func held(_ new: Tensor, _ old: Tensor) -> Tensor { isDue.map { select($0, new, old) } ?? new }
        let gradients = optimizer.clippings.reduce(gradients) { $1($0) }
        let rate = optimizer.learningRate(after: number - 1)
        for (entry, gradient) in zip(entries, gradients) {
            scope(entry.path) {
                let old = entry.parameter.value
                let result = optimizer(
                    Optimizer.Step(
                        path: entry.path, parameter: decayed(old, entry.path, rate), gradient: gradient,
                        slots: entry.slots.map(\.value), number: number, rate: rate))
                var parameter = result.parameter
                for (constraint, patterns) in optimizer.constraints where patterns.matches(entry.path) {
                    parameter = constraint(parameter)
                }
                parameter = held(parameter, old)
                entry.parameter.assign(parameter)
                for (slot, value) in zip(entry.slots, result.slots) { slot.assign(held(value, slot.value)) }
                if let average = entry.average, let decay = optimizer.averageDecay {
                    // The value itself, not what evaluation reads in the parameter's place.
                    let moved = average.value * decay + parameter * (1 - decay)
                    average.assign(held(moved, average.value))
                }
            }
        }
    }

    private func decayed(_ parameter: Tensor, _ path: String, _ rate: Tensor) -> Tensor {
        guard let decay = optimizer.decay, decay.rate != 0, !decay.excluded.matches(path) else { return parameter }
        return parameter * (1 - rate.cast(to: parameter.dtype) * decay.rate)
    }
}
