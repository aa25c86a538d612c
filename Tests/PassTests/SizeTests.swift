import GraphIR
import GraphPasses
import Testing

/// Sizes whose arithmetic would overflow are errors, in what is written and in what passes make of it.
@Suite struct SizeTests {
    @Test func moreStepsThanCanBeCounted() throws {
        let error = try #require(throws: ParseError.self) {
            try GraphModule(
                text: """
                    module v1 @large {
                      func @main(%a: f32[16777217,16777217] "a", %b: f32[16777217,16777217] "b") {
                        %0 = dot %a, %b contract [1],[0] : f32[16777217,16777217]
                        output %0 : f32[16777217,16777217] "y"
                      }
                    }
                    """)
        }
        #expect(error.message == "dot takes more than 2^58 steps")
    }

    /// What is padded is written out, and is much larger than input and result.
    @Test func aLargePaddedCopy() throws {
        let module = try GraphModule(
            text: """
                module v1 @large {
                  dim B in 1...64
                  func @main(%x: f32[B,8,8,16] "x", %k: f32[3,3,16,32] "k") {
                    %0 = conv %x, %k layout "NHWC,HWIO,NHWC" strides [1073741824,1073741824] \
                padding [1073741824,1073741824],[1073741824,1073741824] inputDilation [1073741824,1073741824] \
                kernelDilation [1073741824,1073741824] : f32[B,8,8,32]
                    output %0 : f32[B,8,8,32] "y"
                  }
                }
                """)
        let error = try #require(throws: GraphError.self) { try optimize(module) }
        #expect(error.message.hasPrefix("layout: pad: [B,"))
        #expect(error.message.hasSuffix(",16] can take more than 2^56 bytes"))
    }

    /// Numbers of dimensions stay in bounds whatever is multiplied and added.
    @Test func dimensionsSaturate() throws {
        let large = Dim(1 << 40)
        let most = large * large
        #expect(most == most + most && (most * Dim(symbol: "B")).terms.count == 1)
        #expect(try (most * Dim(symbol: "B")).value(["B": 1 << 40]) > 1 << 60)
    }
}
