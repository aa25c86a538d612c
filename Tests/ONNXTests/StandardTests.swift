import Execution
import GraphIR
import HostTensors
import ONNX
import Testing

/// The standard's own tests of its operators.
@Suite("Standard") struct StandardTests {
    @Test("every supported case gives the standard's outputs, interpreted")
    func interpreted() throws {
        var counts = [Int](repeating: 0, count: StandardCase.Constants.allCases.count)
        for test in try StandardCase.all() where Unsupported.reason(test.name) == nil {
            do {
                let (model, constants, inputs) = try test.imported()
                counts[constants.rawValue] += 1
                var states = model.weights.map(\.tensor)
                let outputs = try Interpreter(module: model.module).run("predict", inputs: inputs, states: &states)
                #expect(test.difference(Array(outputs.values)) == nil, "\(test)")
            } catch {
                Issue.record("\(test): \(error)")
            }
        }
        // Without constants, with all but the first input constant, and with all: what is imported does not become less.
        #expect(counts == [1083, 241, 17])
    }

    @Test("every case that is not supported is refused for the reason given")
    func refused() throws {
        var unused = Set(Unsupported.reasons.map(\.pattern))
        for test in try StandardCase.all() {
            guard let reason = Unsupported.reason(test.name) else { continue }
            unused.remove(reason.pattern)
            do {
                _ = try test.imported()
                Issue.record("\(test) is imported: take it from the table")
            } catch {
                #expect("\(error)".contains(reason.message), "\(test): \(error)")
            }
        }
        #expect(unused.isEmpty)
    }

    @Test("a sample gives the same compiled")
    func compiled() throws {
        let tests = try StandardCase.all().filter {
            Unsupported.reason($0.name) == nil && !$0.name.contains("_expanded")
        }
        for test in tests.enumerated().filter({ $0.offset % 16 == 0 }).map(\.element) {
            let (imported, _, inputs) = try test.imported()
            let model = try Model(imported.module, engine: .compiled)
            for (name, tensor) in imported.weights { try model.setState(name, to: tensor) }
            let outputs = try model.run("predict", .init(uniqueKeysWithValues: inputs.sorted { $0.key < $1.key }))
            #expect(test.difference(outputs.map(\.value)) == nil, "\(test)")
        }
    }

    @Test("damaged models are refused or imported, and never end the process")
    func damaged() throws {
        var noise = Noise()
        for test in try StandardCase.all() where !test.name.contains("_expanded") {
            for round in 0..<8 {
                var bytes = test.model
                if round == 0 { bytes.removeLast(noise.below(bytes.count)) }
                for _ in 0..<(round % 3) + 1 where !bytes.isEmpty {
                    bytes[noise.below(bytes.count)] = UInt8(noise.below(round % 2 == 0 ? 24 : 128))
                }
                guard let model = try? ONNXModel.decode(bytes, path: test.name) else { continue }
                let inputs = Dictionary(zip(model.inputNames, test.inputs), uniquingKeysWith: { $1 })
                _ = try? model.imported(name: "model", constants: round < 4 ? [:] : inputs)
            }
        }
    }
}

extension StandardCase {
    /// What differs between outputs and the standard's; nil if nothing does but the last digits.
    func difference(_ results: [HostTensor]) -> String? {
        guard results.count == outputs.count else { return "\(results.count) outputs, not \(outputs.count)" }
        for (result, expected) in zip(results, outputs) {
            guard result.dtype == expected.dtype, result.shape == expected.shape else {
                return "\(result.typeText), not \(expected.typeText)"
            }
            let tolerance = result.dtype == .bf16 ? 2e-2 : result.dtype == .f16 ? 2e-3 : 1e-4
            guard result.isClose(to: expected, relative: tolerance, absolute: tolerance) else {
                return "off by \(result.maxAbsoluteDifference(to: expected))"
            }
        }
        return nil
    }
}

/// The same numbers in every run, by a linear congruence.
private struct Noise {
    private var state: UInt64 = 7

    mutating func below(_ limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % max(limit, 1)
    }
}
