import CArtifactRuntime
import Testing

@Suite struct ContextTests {
    @Test(arguments: [1, 3, 8, 2])
    func callsTheFunction(batch: Int) throws {
        let library = TestLibrary()
        try library.withContext { context in
            #expect(strata_rt_set(context, "weight", [Float](repeating: 2, count: 6), 24) == 0)
            let input = (0..<batch * 3).map { Float($0) }
            var output = [Float](repeating: 0, count: batch * 3)
            #expect(call(context, dims: [Int64(batch)], input, &output) == 0)
            #expect(output == input.map { $0 * 2 })
        }
    }

    @Test func statesStartWithTheirInitialValues() throws {
        try TestLibrary().withContext { context in
            var weight = [Float](repeating: 0, count: 6)
            var step: Int64 = -1
            #expect(strata_rt_get(context, "weight", &weight, 24) == 0)
            #expect(strata_rt_get(context, "step", &step, 8) == 0)
            #expect(weight == [1, 2, 3, 4, 5, 6])
            #expect(step == 0)
            var bytes: Int64 = 0
            #expect(strata_rt_state_bytes(context, nil, &bytes) == 0)
            #expect(bytes == 32)
            #expect(strata_rt_state_bytes(context, "weight", &bytes) == 0)
            #expect(bytes == 24)
        }
    }

    @Test(arguments: [
        (Int64(0), "scale: dimension B: got 0, allowed 1...8"), (9, "scale: dimension B: got 9, allowed 1...8"),
        (-1, "scale: dimension B: got -1, allowed 1...8"),
        (.min, "scale: dimension B: got -9223372036854775808, allowed 1...8"),
        (3, "scale: dimension B: got 3, allowed multiples of 2"),
    ])
    func refusesADimension(value: Int64, expected: String) throws {
        try TestLibrary(multiple: 2).withContext { context in
            var output = [Float](repeating: 0, count: 24)
            let status = call(context, dims: [value], [Float](repeating: 0, count: 24), &output)
            #expect(status == STRATA_RT_INVALID_ARGUMENT.status)
            #expect(message(context) == expected)
        }
    }

    @Test func refusesMissingAndMisalignedTensors() throws {
        try TestLibrary().withContext { context in
            let memory = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)
            defer { memory.deallocate() }
            let cases: [([UnsafeMutableRawPointer?], String)] = [
                ([nil, memory], "scale: input 'x' is NULL"), ([memory, nil], "scale: output 'y' is NULL"),
                ([memory + 1, memory], "scale: input 'x' is not aligned to its elements of 4 bytes"),
            ]
            for (buffers, expected) in cases {
                #expect(strata_rt_invoke(context, 0, [1], buffers) == STRATA_RT_INVALID_ARGUMENT.status)
                #expect(message(context) == expected)
            }
            #expect(strata_rt_invoke(context, 1, [1], [memory, memory]) == STRATA_RT_INVALID_ARGUMENT.status)
            #expect(message(context) == "invoke: function: got 1, expected an index below 1")
            #expect(strata_rt_invoke(context, 0, [1], nil) == STRATA_RT_INVALID_ARGUMENT.status)
            #expect(message(context) == "scale: input 'x' is NULL")
            #expect(strata_rt_invoke(context, 0, nil, [memory, memory]) == STRATA_RT_INVALID_ARGUMENT.status)
            #expect(message(context) == "scale: the dimensions are NULL")
        }
    }

    @Test func refusesUnknownNamesAndSizes() throws {
        try TestLibrary().withContext { context in
            var data = [Float](repeating: 0, count: 6)
            var bytes: Int64 = 0
            let invalid = STRATA_RT_INVALID_ARGUMENT.status
            #expect(strata_rt_get(context, "bias", &data, 24) == invalid)
            #expect(message(context) == "get: no state 'bias'")
            #expect(strata_rt_set(context, "weight", data, 20) == invalid)
            #expect(message(context) == "set: state 'weight', f32[2,3]: got 20 bytes, expected 24")
            #expect(strata_rt_set(context, "weight", nil, 24) == invalid)
            #expect(message(context) == "set: state 'weight': the data is NULL")
            #expect(strata_rt_call_named(context, "train", [1], nil, nil) == invalid)
            #expect(message(context) == "call: no function 'train'")
            #expect(strata_rt_workspace_bytes(context, "scale", [5], &bytes) == 0)
            #expect(bytes == 68)
            #expect(strata_rt_get(nil, "weight", &data, 24) == invalid)
        }
    }

    @Test func choosesTheBestVariantOfThisMachine() throws {
        let levels: [(String, Int64)] = [("baseline", 0), ("v3", 1), ("v4", 2), ("dot", 3), ("amx", 4)]
        let best = levels[Int(strata_rt_cpu_rank())].0
        try TestLibrary(levels: levels).withContext { #expect(String(cString: strata_rt_variant($0)) == best) }
        var options = strata_rt_options(
            size: UInt32(MemoryLayout<strata_rt_options>.size), threads: 1, variant: 0, error_bytes: 0, error: nil)
        let library = TestLibrary(levels: levels)
        let forced = library.create(options)
        #expect(forced.status == 0)
        #expect(String(cString: strata_rt_variant(forced.context)) == "baseline")
        strata_rt_destroy(forced.context)

        options.variant = 7
        let refused = TestLibrary(levels: levels).create(options)
        #expect(refused.status == STRATA_RT_UNSUPPORTED.status)
        #expect(refused.context == nil)
        #expect(
            refused.message == "create: variant 7: not in this library; this machine is of rank "
                + "\(strata_rt_cpu_rank()); present: baseline, v3, v4, dot, amx")
        options.variant = 9
        let beyond = TestLibrary(levels: [("future", 9)]).create(options)
        #expect(
            beyond.message == "create: variant 9 (future): not supported by this machine, of rank "
                + "\(strata_rt_cpu_rank()); present: future")
    }

    @Test func refusesBadOptions() {
        var options = strata_rt_options(
            size: UInt32(MemoryLayout<strata_rt_options>.size), threads: 1000, variant: -1, error_bytes: 0, error: nil)
        let refused = TestLibrary().create(options)
        #expect(refused.status == STRATA_RT_INVALID_ARGUMENT.status)
        #expect(refused.message == "create: threads: got 1000, allowed 0...256")
        options.size = 4
        #expect(TestLibrary().create(options).status == STRATA_RT_INVALID_ARGUMENT.status)
    }

    @Test func optionsMayBeAbsentAndContextsNull() {
        var context: OpaquePointer?
        let library = TestLibrary()
        #expect(strata_rt_create(library.library, nil, &context) == 0)
        #expect(strata_rt_threads(context) >= 1)
        strata_rt_destroy(context)
        strata_rt_destroy(nil)
        #expect(String(cString: strata_rt_error(nil)) == "the context is NULL")
    }

    @Test func whatIsKeptIsRenewedWhenStatesMayHaveChanged() throws {
        func renewals(_ context: OpaquePointer) -> Int64 {
            var step: Int64 = 0
            #expect(strata_rt_get(context, "step", &step, 8) == 0)
            return step
        }
        var output = [Float](repeating: 0, count: 3)
        try TestLibrary().withContext { context in
            for _ in 0..<3 { #expect(call(context, dims: [1], [1, 2, 3], &output) == 0) }
            #expect(output == [1, 2, 3])
            #expect(renewals(context) == 1)
            let weight: [Float] = [5, 0, 0, 0, 0, 0]
            #expect(strata_rt_set(context, "weight", weight, 24) == 0)
            for _ in 0..<2 { #expect(call(context, dims: [1], [1, 2, 3], &output) == 0) }
            #expect(output == [5, 10, 15])
            #expect(renewals(context) == 2)
            // A call that is refused leaves everything as it was.
            #expect(call(context, dims: [9], [1, 2, 3], &output) != 0)
            #expect(call(context, dims: [1], [1, 2, 3], &output) == 0)
            #expect(renewals(context) == 2)
        }
        try TestLibrary(changes: 1).withContext { context in
            for _ in 0..<3 { #expect(call(context, dims: [1], [1, 2, 3], &output) == 0) }
            #expect(renewals(context) == 3)
        }
    }

    private func call(_ context: OpaquePointer, dims: [Int64], _ input: [Float], _ output: inout [Float]) -> Int32 {
        input.withUnsafeBytes { input in
            output.withUnsafeMutableBytes { output in
                strata_rt_call_named(context, "scale", dims, [input.baseAddress], [output.baseAddress])
            }
        }
    }
}
