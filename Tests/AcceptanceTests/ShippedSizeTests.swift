import Compiler
import Foundation
import GraphIR
import Testing
import Toolchain

/// What must be shipped to predict with a perceptron is small.
@Suite struct ShippedSizeTests {
    /// The library has code for all CPU levels, and needs weights beside it.
    @Test func aPerceptronsLibraryStaysUnder100Kilobytes() throws {
        let module = try Graphs.read("mlp").keeping(functions: ["predict"])
        func size(keepsNames: Bool) throws -> Int {
            let folder = NSTemporaryDirectory() + UUID().uuidString
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let options = CompileOptions(architecture: .x86_64, emit: [.so], keepsNames: keepsNames)
            try Compiler.compile(module, options: options, to: folder)
            return try Data(contentsOf: URL(fileURLWithPath: folder + "/libmlp.so")).count
        }
        let shipped = try size(keepsNames: false)
        #expect(shipped <= 100_000)
        #expect(try size(keepsNames: true) > shipped)
    }
}
