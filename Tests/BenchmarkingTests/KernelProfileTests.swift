import Benchmarking
import Compiler
import Execution
import GraphIR
import HostTensors
import KernelIR
import Testing

/// Kernels that time themselves, and what is said of their work.
@Suite struct KernelProfileTests {
    private static let sizes = ["B": 32]

    /// Two layers; the transposed operand and the row-wise softmax make several kernels.
    private static func module() throws -> GraphModule {
        try GraphModule(
            text: """
                module v1 @layers {
                  dim B in 1...64
                  state %w : f32[40,30] parameter "hidden/w"
                  func @predict(%x: f32[B,40] "x", %v: f32[50,30] "v") {
                    %0 = dot %x, %w contract [1],[0] : f32[B,30]   #hidden
                    %1 = relu %0 : f32[B,30]   #hidden
                    %2 = dot %1, %v contract [1],[1] : f32[B,50]   #logits
                    %3 = softmax %2 axis 1 : f32[B,50]   #logits
                    output %3 : f32[B,50] "y"
                  }
                  #hidden = layer "hidden" at "Model.swift":3
                  #logits = layer "logits" at "Model.swift":4
                }
                """)
    }

    private static func inputs(_ module: GraphModule) throws -> NamedTensors {
        try RandomInputs.make(
            for: try ModelSignature(of: module).function(named: "predict"), sizes: sizes, seed: 1)
    }

    @Test func theWorkOfAllKernelsIsTheWorkOfTheFunction() throws {
        let module = try Self.module()
        let lowered = try Compiler.lowered(try Compiler.optimized(module), target: .host)
        let work = try KernelWork.list(of: "predict", in: lowered, sizes: Self.sizes)
        let cost = try FunctionCost(of: module.function(named: "predict"), in: module, sizes: Self.sizes)
        #expect(work.reduce(0) { $0 + $1.flops } == cost.flops)
        #expect(work.map(\.call) == work.map(\.call).sorted())
        let hidden = try #require(work.first { $0.layer == "hidden" && $0.operations.hasPrefix("dot") })
        #expect(hidden.label == "hidden dot+max")
        #expect(hidden.result == "32×30")
        #expect(hidden.flops == Double(2 * 32 * 40 * 30 + 32 * 30))
        #expect(hidden.bytesRead == Double(4 * (32 * 40 + 40 * 30)))
        #expect(hidden.bytesWritten == Double(4 * 32 * 30))
        #expect(hidden.workingSet == hidden.bytesRead + hidden.bytesWritten)
        #expect(Set(work.map(\.layer)) == ["hidden", "logits"])
    }

    @Test(arguments: [1, 2])
    func everyChunkOfEveryKernelIsRecordedOnce(threads: Int) throws {
        let module = try Self.module()
        let lowered = try Compiler.lowered(try Compiler.optimized(module), target: .host)
        let work = try KernelWork.list(of: "predict", in: lowered, sizes: Self.sizes)
        let model = try Model.compiled(
            module, threads: threads, compiler: NativeCompiler(recordsKernels: true))
        let call = try model.prepare("predict", Self.inputs(module))
        let recorder = KernelRecorder(capacity: 1000)
        try call.run()
        #expect(recorder.events.isEmpty)
        try model.record(into: recorder)
        for _ in 0..<3 {
            recorder.clear()
            try call.run()
            let events = recorder.events
            #expect(recorder.lost == 0)
            let whole = events.filter { $0.chunk == nil }
            #expect(whole.map(\.call) == work.map(\.call))
            #expect(Set(whole.map(\.thread)).count == 1)
            for event in whole {
                let chunks = events.filter { $0.call == event.call && $0.chunk != nil }
                let count = threads == 1 ? 1 : try #require(work.first { $0.call == event.call }).chunks
                #expect(chunks.compactMap(\.chunk).sorted() == Array(0..<count))
                #expect(chunks.allSatisfy { event.start <= $0.start && $0.start <= $0.end && $0.end <= event.end })
            }
        }
        recorder.clear()
        try model.record(into: nil)
        try call.run()
        #expect(recorder.events.isEmpty)
    }

    @Test func eventsBeyondTheRoomAreCountedAsLost() throws {
        let module = try Self.module()
        let model = try Model.compiled(module, threads: 1, compiler: NativeCompiler(recordsKernels: true))
        let recorder = KernelRecorder(capacity: 2)
        try model.record(into: recorder)
        try model.prepare("predict", Self.inputs(module)).run()
        #expect(recorder.events.count == 2)
        #expect(recorder.lost > 0)
    }

    @Test func recordingDoesNotChangeResults() throws {
        let module = try Self.module()
        let inputs = try Self.inputs(module)
        let weights = HostTensor((0..<1200).map { Float($0 % 7) - 3 })
        let results = try [false, true].map { records in
            let model = try Model.compiled(
                module, threads: 2, compiler: NativeCompiler(recordsKernels: records))
            try model.setState("hidden/w", to: try weights.reshaped([40, 30]))
            if records { try model.record(into: KernelRecorder(capacity: 100)) }
            let call = try model.prepare("predict", inputs)
            try call.run()
            #expect(try call.results() == model.run("predict", inputs))
            return try call.results()
        }
        #expect(results[0] == results[1])
    }

    @Test func aModelThatDoesNotRecordSaysSo() throws {
        let model = try Model.compiled(try Self.module(), threads: 1)
        #expect(throws: ExecutionError.self) { try model.record(into: KernelRecorder(capacity: 1)) }
    }

    @Test func theRooflineIsTheGreaterOfComputeAndTraffic() {
        let peak = MachinePeak(
            threads: 1, gigaflops: 100,
            memory: [
                MemoryPeak(name: "L1", byteCount: 1000, read: 200, write: 100, copy: 160),
                MemoryPeak(name: "memory", byteCount: .max, read: 20, write: 10, copy: 16),
            ])
        // 3200 bytes copied and 2000 more read: 3200 / 16 ns + 2000 / 20 ns from memory, 3200 / 160 + 2000 / 200 from L1,
        // which holds a fifth of them.
        let traffic = peak.bound(flops: 1000, read: 3600, written: 1600, workingSet: 5000)
        #expect(abs(traffic.microseconds - (0.8 * 0.3 + 0.2 * 0.03)) < 1e-12 && traffic.limit == "memory")
        let near = peak.bound(flops: 100, read: 500, written: 100, workingSet: 600)
        #expect(abs(near.microseconds - (0.2 / 160 + 0.4 / 200)) < 1e-12 && near.limit == "L1")
        let compute = peak.bound(flops: 1e6, read: 500, written: 100, workingSet: 600)
        #expect(compute.microseconds == 10 && compute.limit == "compute")
    }

    /// Of three examples each of two threads has one for itself, and both share the third: what the threads spent is in the kernels' times.
    @Test func kernelsOfExamplesHaveTheTimeOfAll() throws {
        let module = try GraphModule(
            text: """
                module v1 @examples {
                  dim B in 1...64
                  func @predict(%x: f32[B,32,32,136] "x", %w: f32[1,1,136,136] "w") {
                    %y = conv %x, %w layout "NHWC,HWIO,NHWC" strides [1,1] padding [0,0],[0,0] inputDilation [1,1] kernelDilation [1,1] : f32[B,32,32,136]
                    %m = reduceWindow %y kind max window [1,2,2,1] strides [1,2,2,1] padding [0,0],[0,0],[0,0],[0,0] : f32[B,16,16,136]
                    output %m : f32[B,16,16,136] "m"
                  }
                }
                """)
        let lowered = try Compiler.lowered(try Compiler.optimized(module), target: .host)
        #expect(lowered.functions[0].exampleDimension == "B")
        let memory = MemoryPeak(name: "memory", byteCount: 1 << 30, read: 10, write: 10, copy: 10)
        for batch in [3, 64] {
            let inputs = try RandomInputs.make(
                for: try ModelSignature(of: module).function(named: "predict"), sizes: ["B": batch], seed: 1)
            let profile = try KernelProfile.measure(
                "predict", of: module, inputs: inputs, states: [:], threads: 2, seconds: 0.1,
                peak: MachinePeak(threads: 2, gigaflops: 100, memory: [memory]))
            #expect(profile.kernels.count == 2)
            for kernel in profile.kernels {
                #expect(kernel.busy > 0)
                #expect(kernel.median >= kernel.busy / 2, "\(kernel.work.label), \(batch) examples")
            }
        }
    }
}
