import Foundation
import Testing
import Toolchain

/// The example of feature columns: what it has learned of the houses that were held out.
@Suite struct HousingTests {
    @Test func theHeldOutHousesAreEstimatedWell() throws {
        let table = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Examples/AmesHousing/Data/ames.csv").path
        let outcome = try Subprocess.run(try BuiltProgram.url("AmesHousing").path, [table])
        #expect(outcome.isSuccess, "\(outcome.standardError)")
        let line = try #require(outcome.output.split(separator: "\n").first { $0.hasPrefix("R²") })
        #expect(line.hasPrefix("R² of the logarithm of 586 prices that were held out: 0."))
        #expect(try #require(line.split(separator: " ").last.flatMap { Double($0) }) >= 0.88)
    }
}
