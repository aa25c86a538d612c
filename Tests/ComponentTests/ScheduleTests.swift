import GraphTracing
import HostTensors
import Testing
import Training

struct ScheduleRow: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let rate: LearningRate

    init(_ name: String, _ rate: LearningRate) {
        testDescription = name
        self.rate = rate
    }
}

private let rows: [ScheduleRow] = [
    ScheduleRow("step", .step(0.1, every: 10, factor: 0.5)),
    ScheduleRow("exponential", .exponential(0.1, factor: 0.5, every: 10)),
    ScheduleRow("inverseTime", .inverseTime(0.1, factor: 0.5, every: 10)),
    ScheduleRow("polynomial", .polynomial(0.1, to: 0.01, over: 100, power: 2)),
    ScheduleRow("linear", .polynomial(0.1, over: 30)),
    ScheduleRow("cosine", .cosine(0.1, to: 0.01, over: 100)),
    ScheduleRow("cosine warmed up", .cosine(0.1, to: 0.01, over: 100).warmedUp(over: 10)),
    ScheduleRow("cosineRestarts", .cosineRestarts(0.1, to: 0.01, first: 10, stretch: 2, decay: 0.8)),
    ScheduleRow("cosineRestarts even", .cosineRestarts(0.1, first: 10, stretch: 1)),
    ScheduleRow("piecewise", .piecewise([(0.1, until: 10), (0.05, until: 30)], then: 0.005)),
    ScheduleRow("oneCycle", .oneCycle(peak: 0.1, over: 100)),
    ScheduleRow("inverseSquareRoot", .inverseSquareRoot(0.1, warmUp: 20)),
]

@Suite struct ScheduleTests {
    let reference: Reference
    init() throws { reference = try Reference("optimizers") }

    @Test(arguments: rows) func ratesAreThoseOfTheReference(_ row: ScheduleRow) throws {
        let steps = try reference("schedule", "steps").doubles()
        let rates = steps.map { row.rate(after: Tensor(HostTensor(scalar: Int64($0)))) }
        let expected = try reference("schedule \(row.testDescription)", "rates")
        for (step, (rate, wanted)) in zip(steps, zip(rates, expected.doubles())) {
            #expect(rate.dtype == .f32)
            let found = try rate.evaluated().doubles()[0]
            #expect(abs(found - wanted) < 1e-8, "\(row) after \(step): \(found) instead of \(wanted)")
        }
    }

    @Test func everyReferenceIsUsed() {
        #expect(reference.components(with: "rates") == Set(rows.map { "schedule \($0.testDescription)" }))
    }

    @Test func aNumberMayStandForASchedule() throws {
        let rate = 0.25
        let optimizers: [Optimizer] = [
            .sgd(learningRate: 1), .adam(learningRate: 1e-3), .adam(learningRate: rate),
            .adamW(learningRate: .cosine(0.5, over: 9)), .nadam(learningRate: .constant(2)), .lion(),
        ]
        let rates = try optimizers.map { try $0.learningRate(after: Tensor(HostTensor(scalar: Int64(0)))).evaluated() }
        #expect(rates.map { $0.doubles()[0] } == [1, Double(Float(1e-3)), 0.25, 0.5, 2, Double(Float(1e-4))])
    }
}
