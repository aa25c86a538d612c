import Artifacts
import CArtifactRuntime
import Foundation
import GraphIR
import GraphPasses
import HostTensors
import KernelIR
import LLVMEmission
import Lowering
import Toolchain

/// Runs a lowered module's plans in this process, with the artifact's runtime as it is built for tests.
final class PlanHarness {
    let lowered: LoweredModule
    private let handle: UnsafeMutableRawPointer
    private let pools: [(threads: Int, pool: OpaquePointer?)]
    private typealias RunSteps =
        @convention(c) (
            UnsafePointer<strata_rt_call>?, UnsafePointer<strata_rt_steps>?, UnsafeMutablePointer<Int64>?,
            strata_rt_runner?
        ) -> Void

    /// Lowers a module; with `form`, all its contractions of that form where they have it.
    static func prepare(
        _ module: GraphModule, target: Target = .host, precision: Precision = .float32,
        form: ContractionSchedule.Form? = nil
    ) throws -> LoweredModule {
        let (optimized, plans) = try optimize(module)
        var schedules = ScheduleTable()
        for function in optimized.functions {
            for op in function.ops where op.name == "dot" {
                let key = ScheduleTable.key(op, in: function, target: target, precision: precision)
                schedules[key] = form.map { ContractionSchedule(form: $0) }
            }
        }
        let lowered = try lower(
            optimized, plans: plans, target: target, precision: precision, schedules: schedules)
        for function in lowered.functions { try checkOverlap(function, in: lowered) }
        return lowered
    }

    convenience init(
        _ module: GraphModule, target: Target = .host, precision: Precision = .float32,
        form: ContractionSchedule.Form? = nil, threads: Int = 2
    ) throws {
        try self.init(
            Self.prepare(module, target: target, precision: precision, form: form), threads: threads)
    }

    init(_ lowered: LoweredModule, threads: Int = 2) throws {
        self.lowered = lowered
        let declaration = "declare hidden void @strata_rt_run_steps(ptr, ptr, ptr, ptr)"
        let text = try emitLLVM(lowered, prefix: "strata_rt_").text
            .replacingOccurrences(of: declaration, with: Self.forwarding)
            .replacingOccurrences(of: "define hidden", with: "define")
        let object = try LLVMCompiler.object(ir: text, target: lowered.target)
        let custom = try lowered.customCodes.map { code in
            let symbol = CustomSymbol.name(code, prefix: "strata_rt_", level: lowered.target.level)
            return try CustomUnit(code, symbol: symbol).object(for: lowered.target, cache: nil)
        }
        let exports = lowered.functions.flatMap { function in
            ["plan", "workspace"].map { "strata_rt_\($0)_\(function.name)_\(lowered.target.level.rawValue)" }
        }
        pools = Set([threads, 1]).sorted().reversed().map { ($0, strata_rt_pool_create(Int32($0))) }
        let bytes = try Linker.locate().sharedObject(
            objects: [object] + custom, soname: "plan.so", architecture: lowered.target.architecture,
            exports: exports + ["run_steps"])
        // The loader keeps the object mapped; its file is not needed any more.
        handle = try TemporaryFolder.with { folder in
            let path = folder + "/plan.so"
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            guard let handle = dlopen(path, RTLD_NOW) else { throw GraphError(String(cString: dlerror())) }
            return handle
        }
        let runSteps: RunSteps = strata_rt_run_steps
        dlsym(handle, "run_steps").assumingMemoryBound(to: RunSteps.self).pointee = runSteps
    }

    deinit {
        dlclose(handle)
        for (_, pool) in pools { strata_rt_pool_destroy(pool) }
    }

    /// Runs one function: states in place, outputs in the function's order; on one thread if it is to run `alone`.
    func run(
        _ name: String, inputs: [HostTensor], states: inout [HostTensor], alone: Bool = false
    ) throws -> [HostTensor] {
        let (threads, pool) = pools[alone ? pools.count - 1 : 0]
        let module = lowered.module
        let function = try module.function(named: name)
        let bindings = try module.bindings(for: function, inputs: inputs)
        let level = lowered.target.level.rawValue
        guard let plan = dlsym(handle, "strata_rt_plan_\(name)_\(level)"),
            let workspace = dlsym(handle, "strata_rt_workspace_\(name)_\(level)")
        else { throw GraphError("no plan for \(name)") }
        typealias Plan = @convention(c) (UnsafePointer<strata_rt_call>) -> Void
        typealias Workspace = @convention(c) (UnsafeMutablePointer<Int64>, Int64) -> Int64
        var dims = module.dims.map { Int64(bindings[$0.name] ?? $0.range.lowerBound) }
        let outputs = try function.outputs.map {
            let type = function.type(of: $0.value)
            return HostTensor(zeros: try type.shape(bindings), dtype: type.dtype)
        }
        let memory = states + inputs + outputs
        var blocks = memory.map { tensor in
            let block = UnsafeMutableRawPointer.allocate(byteCount: max(64, tensor.byteCount), alignment: 64)
            tensor.withUnsafeBytes {
                if let base = $0.baseAddress { block.copyMemory(from: base, byteCount: $0.count) }
            }
            return Optional(block)
        }
        let bytes = Int(
            dims.withUnsafeMutableBufferPointer {
                unsafeBitCast(workspace, to: Workspace.self)(
                    $0.baseAddress ?? UnsafeMutablePointer<Int64>.allocate(capacity: 1), Int64(threads))
            })
        let arena = UnsafeMutableRawPointer.allocate(byteCount: max(64, bytes), alignment: 64)
        blocks.append(arena)
        let kept = lowered.functions.first { $0.name == name }?.keptBytes ?? 0
        blocks.append(UnsafeMutableRawPointer.allocate(byteCount: max(64, kept), alignment: 64))
        defer { for block in blocks { block?.deallocate() } }
        blocks.withUnsafeMutableBufferPointer { pointers in
            dims.withUnsafeMutableBufferPointer { sizes in
                // What is kept is computed in every call.
                var call = strata_rt_call(
                    buffers: pointers.baseAddress, dims: sizes.baseAddress, pool: pool, recorder: nil, renews: 1)
                unsafeBitCast(plan, to: Plan.self)(&call)
            }
        }
        func tensor(_ at: Int) throws -> HostTensor {
            try HostTensor(
                copying: UnsafeRawBufferPointer(start: blocks[at], count: memory[at].byteCount),
                dtype: memory[at].dtype, shape: memory[at].shape)
        }
        for at in states.indices { states[at] = try tensor(at) }
        return try outputs.indices.map { try tensor(states.count + inputs.count + $0) }
    }

    /// Calls the runtime where `run_steps` says it is.
    private static let forwarding = """
        @run_steps = global ptr null
        define hidden void @strata_rt_run_steps(ptr %call, ptr %steps, ptr %block, ptr %runner) {
          %function = load ptr, ptr @run_steps
          call void %function(ptr %call, ptr %steps, ptr %block, ptr %runner)
          ret void
        }

        """
}

#if canImport(Glibc)
    import Glibc
#endif
