import ExampleModels
import Foundation
import Testing

/// `strata bench --recipe`, whose results other programs read.
@Suite(.serialized) struct RecipeTests {
    private func run(_ graph: String, _ arguments: [String]) throws -> [String: Any] {
        try Tool.withFolder { folder in
            let example = try #require(ExampleModel.all.first { $0.name == graph })
            let path = "\(folder)/\(graph).graph"
            try example.module().text(constants: .inline).write(toFile: path, atomically: true, encoding: .utf8)
            let result = try Tool.run(["bench", path, "--seconds", "0.05", "--json"] + arguments)
            #expect(result.code == 0, "\(result.errors)")
            return try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        }
    }

    /// Losses of logistic regression, computed in float64 by another program.
    static let logisticLosses = [
        "0": 2.442836217215237, "1": 2.5601590787271804, "10": 2.263304368178313, "25": 1.8612988905438832,
        "50": 1.3672413450128418,
    ]

    @Test(arguments: [["--threads", "1"], ["--threads", "2"], ["--interpreted"]])
    func logisticRegressionLearnsAsElsewhere(arguments: [String]) throws {
        let result = try run("logistic", ["--function", "train", "--recipe", "T4"] + arguments)
        let losses = try #require(result["losses"] as? [String: Double])
        #expect(losses.keys.sorted() == Self.logisticLosses.keys.sorted())
        for (step, wanted) in Self.logisticLosses {
            let found = try #require(losses[step])
            #expect(abs(found - wanted) < 1e-4 * wanted, "L[\(step)] is \(found), not \(wanted)")
        }
        for key in ["first_result_s", "process_to_first_s", "median_us", "min_us", "p90_us", "peak_rss_mib"] {
            #expect((result[key] as? Double ?? 0) > 0, "\(key)")
        }
        #expect(result["peer"] as? String == "strata")
        #expect(result["workload"] as? String == "T4")
        #expect((result["repetitions"] as? Int ?? 0) > 0)
    }

    @Test func inferenceGivesAChecksum() throws {
        // Sums of y = x + 1 over the recipe's ten numbers, in float64.
        let result = try run("increment", ["--recipe", "I0"])
        let checksum = try #require(result["checksum"] as? [String: Any])
        #expect(checksum["shape"] as? [Int] == [1, 10])
        #expect(abs((checksum["sum"] as? Double ?? 0) - 10.316799104213715) < 1e-9)
        #expect(abs(((checksum["first"] as? [Double])?.first ?? 0) - 0.791869580745697) < 1e-9)
    }

    @Test func anUnknownRecipeListsThoseThereAre() throws {
        try Tool.withGraph { path, _ in
            let result = try Tool.run("bench", path, "--recipe", "T9")
            #expect(result.code == 1)
            let found = "error: there is no recipe for workload 'T9' (there are: T1, T2, T3, T3long, T4, I0"
            #expect(result.errors.hasPrefix(found))
        }
    }
}
