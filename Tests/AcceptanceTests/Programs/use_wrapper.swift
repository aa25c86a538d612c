// Uses a library through its Swift class, and prints what it sees. Argument: a weights file.

func refused(_ body: () throws -> Void) {
    do {
        try body()
        print("no error")
    } catch let error as OddModel.Failure {
        print(error.status, error)
    } catch {
        print("another error: \(error)")
    }
}

@main enum Program {
    static func main() throws {
        let model = try OddModel(weights: CommandLine.arguments[1], threads: 2, variant: .baseline)
        let image: [Float] = [1, 1, 1, 1, 2, 0, 2, 0]
        let half = [UInt16](repeating: 0x3F80, count: 4)
        let own = [Float16](repeating: 1, count: 4)
        let outputs = try model.predict(B: 2, image: image, class_: [true, false], half: half, self_: own)
        print(outputs.lambda, outputs.not_a_class, outputs.init_[0], outputs.delete_[0])
        let sum = try model.states_(T: 4, x: [0, 1, 2, 3, 4, 5, 6, 7, 8])
        print(sum.sum[0], sum.numbers[3], try model.repeat_(var_: 3, in_: [1, 2, 3]).x[0])
        try model.count()
        print(try model.state("step", as: Int64.self)[0], model.variant, model.threads)
        try model.setState("hidden/weight", to: [0, 0, 0, 5] as [Float])
        print(try model.state("hidden/weight", as: Float.self)[3], OddModel.states[2].type)
        let (results, failure) = try OddModel.selfTest()
        print(failure ?? "passed", !results.isEmpty)
        refused { try model.predict(B: 3, image: image, class_: [true, false], half: half, self_: own) }
        refused { try model.predict(B: 65, image: image, class_: [true, false], half: half, self_: own) }
        refused { _ = try model.state("step", as: Double.self) }
        refused { try model.setState("hidden/weight", to: [1] as [Float]) }
        refused { _ = try model.state("nothing", as: Float.self) }
        refused { _ = try OddModel(weights: "nothing") }
        refused { _ = try OddModel(threads: 1000) }
    }
}
