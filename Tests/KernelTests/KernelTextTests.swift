import GraphIR
import HostTensors
import KernelIR
import Testing

@Suite struct KernelTextTests {
    @Test(arguments: KernelTexts.all)
    func printsWhatItReads(text: String) throws {
        #expect(try Kernel(text: text).text == text)
    }

    @Test func readsKernelsOneAfterAnother() throws {
        let text = KernelTexts.all.joined(separator: "\n")
        let kernels = try Kernel.parse(text)
        let names = ["relu_shift", "row_mean", "matmul", "conv3x3", "noise", "shared", "rows", "narrowed", "windows"]
        #expect(kernels.map(\.name) == names)
        #expect(kernels.text == text)
    }

    @Test func readsFreelyWrittenText() throws {
        let text = """
            // a comment
            kernel @k { buffer %x : f32[4*(B+1)] readwrite serial i in 0..<4 {
              %x[2+i*1-2] = f32(-inf) } }
            """
        let kernel = try Kernel(text: text)
        #expect(kernel.buffers[0].count == Dim(symbol: "B") * 4 + 4)
        #expect(
            kernel.body == [
                .loop(
                    KernelLoop(
                        "i", .count(4), .serial(unroll: 1), [.store(0, Dim(symbol: "i"), .constant(-.infinity, .f32))]))
            ])
    }

    @Test func keepsAParallelDeclarationThatMatchesNoLoop() throws {
        let kernel = Kernel(
            name: "k", buffers: [], accumulators: [], parallel: ParallelLoop(variable: "i", extent: 8, chunk: 2),
            body: [], origin: "")
        #expect(try Kernel(text: kernel.text) == kernel)
    }

    @Test func keepsTheRowsOfTiles() throws {
        let kernel = try Kernel(text: "kernel @k {\n  tileRows 14\n}")
        #expect(kernel.tileRows == 14 && kernel.rows(ofTileRegister: 5) == 14 && kernel.rows(ofTileRegister: 6) == 16)
        #expect(try Kernel(text: kernel.text) == kernel)
        #expect(try Kernel(text: "kernel @k {\n}").tileRows == 16)
    }

    @Test(arguments: [
        ("kernel k {}", "text:1:8: expected the kernel's name, such as '@dense', got 'k'"),
        ("kernel @k {\n  %y[0] = f32(1)\n}", "text:2:3: there is no buffer '%y' in this kernel"),
        ("kernel @k {\n  let a = plus.f32(f32(1), f32(2))\n}", "text:2:11: unknown operation 'plus'"),
        ("kernel @k {\n  let a = add.f32(f32(1))\n}", "text:2:11: 'add' takes 2 operands, got 1"),
        ("kernel @k {\n  serial i in 1..<4 {}\n}", "text:2:15: expected '0..<' and a count, got '1'"),
        ("kernel @k {\n  tile i in 0..<4 {}\n}", "text:2:19: expected 'step', got '{'"),
        ("kernel @k {", "text:1:12: expected a statement or '}', got the end of the text"),
        ("kernel @k { origin \"x }", "text:1:20: the string is not closed on its line"),
        ("kernel @k {\n  number n from 3 to 2\n}", "text:2:17: nothing is from 3 to 2"),
        ("kernel @k { ; }", "text:1:13: unexpected character"),
    ])
    func saysWhereTextIsWrong(text: String, message: String) {
        let error = #expect(throws: KernelTextError.self) { try Kernel(text: text) }
        #expect(error?.description.hasPrefix(message + "\n") == true, "\(String(describing: error))")
    }

    @Test func deepTextIsAnErrorAndNotACrash() {
        let text = "kernel @k { let a = " + String(repeating: "neg.f32(", count: 100_000)
        #expect(throws: KernelTextError.self) { try Kernel(text: text) }
    }
}
