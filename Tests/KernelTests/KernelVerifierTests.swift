import GraphIR
import HostTensors
import KernelIR
import Testing

@Suite struct KernelVerifierTests {
    static let batch = [DimSymbol("B", range: 1...4096)]

    @Test(arguments: KernelTexts.all.filter { $0 != KernelTexts.convolution })
    func provesEveryAccess(text: String) throws {
        let found = try Kernel(text: text).verify(dims: Self.batch)
        #expect(found.problems == [])
        #expect(found.unproved == [])
    }

    @Test func reportsGuardedReadsAsUnproved() throws {
        let found = try Kernel(text: KernelTexts.convolution).verify(dims: Self.batch)
        #expect(found.isValid)
        #expect(found.unproved.map(\.description) == ["load %x[c+6*h+30*n+6*p+q-7] is not proved to be in 0..<30*B"])
    }

    @Test(arguments: [
        // Panels of 8 columns, the last one padded: the tile's variable is a multiple of the step.
        ("tile j in 0..<21 step 8 { vector v in tile j { %y[9*j+v] = f32(0) } }", 9 * 16 + 8, true),
        ("tile j in 0..<21 step 8 { vector v in tile j { %y[9*j+v] = f32(0) } }", 9 * 16 + 7, false),
        // Two levels of tiles never pass the end of the range.
        ("tile i in 0..<21 step 8 { tile j in tile i step 3 { unroll r in tile j { %y[i+j+r] = f32(0) } } }", 21, true),
        (
            "tile i in 0..<21 step 8 { tile j in tile i step 3 { unroll r in tile j { %y[i+j+r] = f32(0) } } }", 20,
            false
        ),
        // From the end backwards.
        ("serial i in 0..<9 { %y[8-i] = f32(0) }", 9, true),
        ("serial i in 0..<9 { %y[7-i] = f32(0) }", 9, false),
        // Where data says, within an extent.
        ("serial i in 0..<4 { position p in 0..<6 = i64(9) %y[i+p] = f32(0) }", 9, true),
        ("serial i in 0..<4 { position p in 0..<6 = i64(9) %y[i+p] = f32(0) }", 8, false),
    ])
    func boundsAreExact(body: String, count: Int, isProved: Bool) throws {
        let found = try Kernel(text: "kernel @k { buffer %y : f32[\(count)] write \(body) }").verify()
        #expect(found.problems == [])
        #expect(found.unproved.isEmpty == isProved)
    }

    static let buffers = "buffer %x : f32[8] read buffer %y : f32[8] write accumulator acc : f32"

    @Test(arguments: [
        (
            "serial i in 0..<8 { serial i in 0..<8 { %y[i] = f32(0) } }",
            "kernel @k, loop 'i': loop variable 'i' is used by a loop inside its own loop (give the inner loop another name)"
        ),
        (
            "serial i in 0..<8 { %y[i] = bits.f32(u16(1)) }",
            "kernel @k, loop 'i': 'bits' of f32 needs an element of the same size, got u16"
        ),
        (
            "position p in 0..<8 = f32(1) %y[p] = f32(0)",
            "kernel @k: position 'p' must be computed as i64, got f32"
        ),
        (
            "serial i in 0..<2 { position p in 0..<8 = i64(1) } %y[p] = f32(0)",
            "kernel @k: index p uses 'p', which is no dimension and no enclosing loop"
        ),
        (
            "unroll r in 0..<B { acc[] = f32(0) }",
            "kernel @k: loop 'r' is unrolled, so its range must be constant or a tile, got 0..<B"
        ),
        (
            "vector v in 0..<8 below 4 { %y[v] = f32(0) }",
            "kernel @k: loop 'v' has a part that is run, which only serial and tile loops have"
        ),
        (
            "serial i in 0..<8 below j { %y[i] = f32(0) }",
            "kernel @k: index j uses 'j', which is no dimension and no enclosing loop"
        ),
        (
            "vector v in 0..<8 { serial i in 0..<8 from v { %y[i] = f32(0) } }",
            "kernel @k, loop 'v': where loop 'i' is run depends on the vector loop's variable 'v'"
        ),
        (
            "parallel serial i in 0..<8 from 2 chunk 1 { %y[i] = f32(0) }",
            "kernel @k: the parallel loop over 'i' is run as a whole, by all tasks together"
        ),
        (
            "unroll r in tile i { acc[] = f32(0) }",
            "kernel @k: loop 'r' covers tile 'i', which is no enclosing tile loop"
        ),
        (
            "vector v in 0..<2 { %y[v*v] = f32(0) }",
            "kernel @k, loop 'v': index v*v is not linear in the vector loop's variable 'v'"
        ),
        ("%y[0] = acc[]", "kernel @k: accumulator 'acc' is read before it is set"),
        ("acc[] sum= %x[0]", "kernel @k: accumulator 'acc' is reduced into before it is set"),
        ("%x[0] = f32(0)", "kernel @k: buffer '%x' is only read, but stored to"),
        ("let t = %y[0]", "kernel @k: buffer '%y' is only written, but loaded from"),
        ("%y[i] = f32(0)", "kernel @k: index i uses 'i', which is no dimension and no enclosing loop"),
        ("%y[0] = i32(0)", "kernel @k: buffer '%y' holds f32, the value is i32"),
        ("%y[0] = t", "kernel @k: 't' is not defined here"),
        (
            "%y[0] = add.f32(f32(1), i32(2))",
            "kernel @k: 'add' needs one element type, got f32, i32 for f32"
        ),
        ("other[] = f32(0)", "kernel @k: there is no accumulator 'other'"),
        (
            "serial s in 0..<4 { acc[s] = f32(0) }",
            "kernel @k, loop 's': axis 's' of accumulator 'acc' must be an unrolled or vector loop of constant extent or over a tile"
        ),
        (
            "parallel tile i in 0..<8 step 4 chunk 6 { acc[] = f32(0) }",
            "kernel @k: the chunk 6 of loop 'i' must be a multiple of its step 4"
        ),
        (
            "parallel serial i in 0..<8 chunk 2 { %y[i] = f32(0) } serial j in 0..<8 { %y[j] = f32(0) }",
            "kernel @k: the parallel loop over 'i' must be the only outermost statement, over 0..<8"
        ),
    ])
    func namesTheBrokenRule(body: String, message: String) throws {
        let kernel = try Kernel(text: "kernel @k { \(Self.buffers) \(body) }")
        #expect(kernel.verify(dims: Self.batch).problems.map(\.description) == [message])
        #expect(throws: GraphError.self) { try kernel.checked(dims: Self.batch) }
    }

    @Test(arguments: [0, 17]) func tileRegistersHaveOneToSixteenRows(_ rows: Int) throws {
        let kernel = try Kernel(text: "kernel @k { tileRows \(rows) }")
        #expect(
            kernel.verify().problems.map(\.description) == ["kernel @k: tile registers have 1 to 16 rows, got \(rows)"])
    }

    /// A register of results has as many rows as the kernel says, one of right factors 16; stores of 14 rows of 16 end with element 224.
    @Test(arguments: [
        ("tileRows 14", 0, 224, true), ("tileRows 14", 6, 224, false), ("", 0, 224, false), ("", 0, 256, true),
    ])
    func boundsOfTilesFollowTheirRows(_ rows: String, register: Int, count: Int, isProved: Bool) throws {
        var kernel = try Kernel(text: "kernel @k { \(rows) buffer %y : f32[\(count)] write }")
        kernel.body = [.tile(.store(register, buffer: 0, 0, stride: 16))]
        #expect(kernel.verify().problems == [] && kernel.verify().unproved.isEmpty == isProved)
    }
}
