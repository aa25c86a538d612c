import GraphIR
import HostTensors
import KernelIR
import Lowering
import Testing
import Toolchain

/// Products by fused multiply-adds from panels: with remainders everywhere, transposed operands, and few or many rows.
@Suite struct PanelTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var text: String
        var level: CPULevel
        /// What a kernel is called where the form is chosen, not given; by the level with the longest vectors.
        var chosen: String?
        var testDescription: String { "\(name) \(level)" }
    }

    static func module(_ left: String, _ right: String, _ contract: String, _ result: String) -> String {
        """
        module v1 @product {
          dim B in 1...64
          func @main(%a: f32[\(left)] "a", %b: f32[\(right)] "b") {
            %0 = dot %a, %b contract \(contract) : f32[\(result)]
            output %0 : f32[\(result)] "y"
          }
        }

        """
    }

    static let cases = [
        ("plain", module("B,70", "70,90", "[1],[0]", "B,90")),
        ("right transposed", module("B,70", "90,70", "[1],[1]", "B,90")),
        ("right transposed, few rows", module("9,33", "50,33", "[1],[1]", "9,50")),
        ("both transposed", module("70,21", "37,70", "[0],[1]", "21,37")),
        ("whole blocks", module("16,64", "64,64", "[1],[1]", "16,64")),
        ("rows that meet in a cache", module("16,1024", "40,1024", "[1],[1]", "16,40")),
        ("long sums", module("9,1100", "1100,45", "[1],[0]", "9,45")),
        ("long sums, both transposed", module("1100,10", "37,1100", "[0],[1]", "10,37")),
        ("left transposed in copies", module("530,20", "530,37", "[0],[0]", "20,37")),
        ("sums over a batch", module("B,20", "B,70", "[0],[0]", "20,70")),
        ("columns in blocks", module("20,23", "310,23", "[1],[1]", "20,310")),
        ("columns in copies of blocks", module("5,130", "130,310", "[1],[0]", "5,310")),
        ("rows in blocks", module("23,290", "37,23", "[0],[1]", "290,37")),
        ("many rows, right transposed", module("770,20", "18,20", "[1],[1]", "770,18")),
        ("right operand copied once, left in copies", module("258,770", "9,258", "[0],[1]", "770,9")),
    ].flatMap { name, text in
        [CPULevel.baseline, .v3, .v4].map { Case(name: name, text: text, level: $0) }
    }

    /// What is copied by the first products that read it; sizes are what it takes for that.
    static let leftBehind: [Case] = [
        ("panels left behind", module("41,130", "130,262", "[1],[0]", "41,262"), [.baseline, .v3, .v4]),
        ("panels left behind, rows in blocks", module("140,128", "128,265", "[1],[0]", "140,265"), [.v4]),
        ("panels left behind, long sums", module("33,2100", "2100,66", "[1],[0]", "33,66"), [.v4]),
        ("panels left behind, rows of a batch", module("B,130", "130,270", "[1],[0]", "B,270"), [.v3, .v4]),
        ("rows left behind", module("270,70", "270,37", "[0],[0]", "70,37"), [.baseline, .v3, .v4]),
        ("rows and panels left behind", module("260,67", "260,258", "[0],[0]", "67,258"), [.v3, .v4]),
        ("rows and panels left behind, long sums", module("2056,64", "2056,66", "[0],[0]", "64,66"), [.v4]),
        ("rows and panels left behind, sums over a batch", module("B,70", "B,260", "[0],[0]", "70,260"), [.v3, .v4]),
        (
            "transposed panels left behind", module("41,131", "262,131", "[1],[1]", "41,262"), [.baseline, .v3, .v4]
        ),
        ("transposed panels left behind, long sums", module("17,2100", "66,2100", "[1],[1]", "17,66"), [.v4]),
        ("transposed panels left behind, rows in columns", module("130,41", "90,130", "[0],[1]", "41,90"), [.v3, .v4]),
    ].flatMap { (name: String, text: String, levels: [CPULevel]) in
        levels.map { Case(name: name, text: text, level: $0) }
    }

    static let finished = """
        module v1 @product {
          func @main(%a: f32[300,75] "a", %b: f32[9,300] "b", %c: f32[9] "c") {
            %0 = dot %a, %b contract [0],[1] : f32[75,9]
            %1 = broadcast %c shape [75,9] axes [1] : f32[75,9]
            %2 = add %0, %1 : f32[75,9]
            %3 = tanh %2 : f32[75,9]
            output %3 : f32[75,9] "y"
          }
        }

        """

    static let chosen: [Case] = [
        ("few rows", module("9,110", "110,300", "[1],[0]", "9,300"), "dot_strips"),
        ("more rows than registers", module("17,110", "110,300", "[1],[0]", "17,300"), "dot_strips"),
        ("few rows of a batch", module("B,64", "64,1030", "[1],[0]", "B,1030"), "dot_strips"),
        ("few columns, both transposed", module("200,70", "9,200", "[0],[1]", "70,9"), "dot_panels_turned"),
        ("few columns summed over a batch", module("B,130", "B,10", "[0],[0]", "130,10"), "dot_strips_turned"),
        ("few columns, in strips", module("40,900", "9,40", "[0],[1]", "900,9"), "dot_strips_turned"),
        ("few columns, a deep sum", module("1300,24", "1300,9", "[0],[0]", "24,9"), "dot_panels_turned"),
        ("few columns with what follows", finished, "dot_panels_turned"),
        ("few rows, both along the sum", module("10,512", "340,512", "[1],[1]", "10,340"), "dot"),
        ("few columns, both along the sum", module("205,300", "20,300", "[1],[1]", "205,20"), "dot"),
        ("few of everything, right transposed", module("19,9", "21,9", "[1],[1]", "19,21"), "dot_panels"),
    ].flatMap { name, text, chosen in
        [CPULevel.baseline, .v4].map { Case(name: name, text: text, level: $0, chosen: chosen) }
    }

    @Test(arguments: cases + leftBehind + chosen) func panelsGiveTheProduct(sample: Case) throws {
        let module = try GraphModule(text: sample.text)
        let target = Target(architecture: .x86_64, level: sample.level)
        let form: ContractionSchedule.Form? = sample.chosen == nil ? .panels : nil
        let lowered = try PlanHarness.prepare(module, target: target, form: form)
        let isNamed = lowered.kernels.contains { $0.name.hasSuffix(sample.chosen ?? "dot_panels") }
        #expect(isNamed || (sample.chosen != nil && sample.level != .v4), "\(lowered.kernels.map(\.name))")
        #expect(
            sample.chosen != nil || sample.name == "plain" || sample.text.contains("B,")
                || !lowered.kernels.contains { $0.name.contains("transpose") })
        // What is left behind is so by the first block of a loop.
        let leavesBehind = lowered.kernels.contains { $0.text.contains(" below 1 step ") }
        #expect(leavesBehind || !sample.name.contains("left behind"))
        try expectSoundKernels(lowered)
        let isHere = Target.host.architecture == .x86_64 && Target.host.level.rank >= sample.level.rank
        let harness = isHere ? try PlanHarness(module, target: target, form: form) : nil
        for batch in !sample.text.contains("[B,") ? [3] : sample.chosen == nil ? [3, 8, 29] : [3, 25] {
            let inputs = try RandomGraph.inputs(of: module.functions[0], bindings: ["B": batch], seed: 7)
            var states: [HostTensor] = []
            let named = Dictionary(uniqueKeysWithValues: zip(module.functions[0].inputs.map(\.name), inputs))
            let wanted = try Interpreter(module: module).run("main", inputs: named, states: &states).values[0].doubles()
            let interpreted = try LoweredInterpreter(lowered).run("main", inputs: inputs, states: &states)[0].doubles()
            let compiled = try harness?.run("main", inputs: inputs, states: &states)[0].doubles() ?? interpreted
            for found in [interpreted, compiled] {
                let worst = zip(found, wanted).map { abs($0 - $1) / max(abs($1), 1) }.max() ?? 0
                #expect(worst <= 1e-4, "batch \(batch)")
            }
        }
    }

    /// Four products with one right operand, as time steps have, read one copy of it; three copy it in their tasks.
    @Test(arguments: [(3, 0), (4, 1)]) func productsShareACopy(count: Int, copies: Int) throws {
        let steps = (0..<count).map { step in
            "%\(step) = dot \(step == 0 ? "%x" : "%\(step - 1)"), %w contract [1],[0] : f32[B,384]"
        }
        let module = try GraphModule(
            text: """
                module v1 @steps {
                  dim B in 1...64
                  func @main(%x: f32[B,384] "x", %w: f32[384,384] "w") {
                    \(steps.joined(separator: "\n    "))
                    output %\(count - 1) : f32[B,384] "y"
                  }
                }

                """)
        let lowered = try PlanHarness.prepare(module, target: Target(architecture: .x86_64, level: .v4))
        let names = lowered.functions[0].calls.map { lowered.kernels[$0.kernel].name }
        #expect(names.count { $0.hasSuffix("_panels") && !$0.contains("dot") } == copies, "\(names)")
        #expect(names.contains { $0.contains("dot_panels") })
        try expectMeaning(of: module, lowered, batches: [3, 40], interpreted: [], bound: 1e-4)
    }
}
