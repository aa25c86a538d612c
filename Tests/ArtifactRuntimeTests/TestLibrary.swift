import CArtifactRuntime

/// The tables of a small model, written by hand: what an artifact holds as constants.
///
/// States `weight` f32[2,3] (required, initial 1…6) and `step` i64[] ; function `scale`, y = weight[0] · x over f32[B,3],
/// with B in 1...8, a multiple of 1 or of what the test asks for. It keeps weight[0], and counts in `step` how often it took it.
final class TestLibrary {
    private var allocations: [UnsafeMutableRawPointer] = []
    /// In place for as long as this object lives: contexts keep its address.
    let library = UnsafeMutablePointer<strata_rt_library>.allocate(capacity: 1)

    /// With `changes`, the function says that it changes what functions keep.
    init(
        name: String = "test", levels: [(String, Int64)] = [("baseline", 0)], identity: String = "build 1",
        multiple: Int64 = 1, changes: Int64 = 0
    ) {
        let initial = array((1...6).map { Float($0) })
        let states = [
            strata_rt_state(
                name: text("weight"), dtype: text("f32"), rank: 2, shape: array([Int64(2), 3]), byte_count: 24,
                required: 1, initial: UnsafeRawPointer(initial)),
            strata_rt_state(
                name: text("step"), dtype: text("i64"), rank: 0, shape: nil, byte_count: 8, required: 0, initial: nil),
        ]
        let tensors = [
            strata_rt_tensor(name: text("x"), type: text("f32[B, 3]"), element_bytes: 4),
            strata_rt_tensor(name: text("y"), type: text("f32[B, 3]"), element_bytes: 4),
        ]
        let scale = strata_rt_function(
            name: text("scale"), dim_count: 1, dims: array([Int64(0)]), input_count: 1, output_count: 1,
            tensors: array(tensors), plans: array(levels.map { _ in scalePlan as strata_rt_plan? }),
            workspaces: array(levels.map { _ in scaleWorkspace as strata_rt_workspace? }),
            kept: array(levels.map { _ in array([strata_rt_kept(bytes: 8, changes: changes)]) as UnsafePointer? }))
        library.initialize(
            to: strata_rt_library(
                name: text(name), manifest: text("{}"), level_count: Int64(levels.count),
                levels: array(levels.map { strata_rt_level(name: text($0.0), rank: $0.1, identity: text(identity)) }),
                dim_count: 1,
                dims: array([strata_rt_dim(name: text("B"), minimum: 1, maximum: 8, multiple: multiple)]),
                state_count: Int64(states.count), states: array(states), function_count: 1, functions: array([scale])))
    }

    deinit {
        library.deallocate()
        for allocation in allocations { allocation.deallocate() }
    }

    /// Makes a context and ends it after `body`.
    func withContext<Result>(threads: Int32 = 1, _ body: (OpaquePointer) throws -> Result) throws -> Result {
        var options = strata_rt_options()
        options.size = UInt32(MemoryLayout<strata_rt_options>.size)
        options.threads = threads
        options.variant = -1
        let (status, context, message) = create(options)
        guard status == 0, let context else { throw Failure(message: message) }
        defer { strata_rt_destroy(context) }
        return try withExtendedLifetime(self) { try body(context) }
    }

    /// What `strata_rt_create` answers, with the message it leaves.
    func create(_ options: strata_rt_options) -> (status: Int32, context: OpaquePointer?, message: String) {
        var context: OpaquePointer?
        var message = [CChar](repeating: 0, count: 256)
        let status = message.withUnsafeMutableBufferPointer { buffer in
            var options = options
            options.error = buffer.baseAddress
            options.error_bytes = UInt32(buffer.count)
            return strata_rt_create(library, &options, &context)
        }
        return (
            status, context, String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        )
    }

    struct Failure: Error { let message: String }

    private func array<Element>(_ elements: [Element]) -> UnsafePointer<Element> {
        let memory = UnsafeMutablePointer<Element>.allocate(capacity: elements.count)
        memory.initialize(from: elements, count: elements.count)
        allocations.append(UnsafeMutableRawPointer(memory))
        return UnsafePointer(memory)
    }

    private func text(_ string: String) -> UnsafePointer<CChar> { array(Array(string.utf8CString)) }
}

/// y[i] = weight[0] · x[i], by way of the workspace and of kept memory, so that a missing or short one would show.
private func scalePlan(_ call: UnsafePointer<strata_rt_call>?) {
    guard let call, let buffers = call.pointee.buffers, let dims = call.pointee.dims,
        let weight = buffers[0]?.assumingMemoryBound(to: Float.self),
        let kept = buffers[5]?.assumingMemoryBound(to: Float.self),
        let step = buffers[1]?.assumingMemoryBound(to: Int64.self)
    else { return }
    if call.pointee.renews != STRATA_RT_RENEWS_NOTHING {
        kept[0] = weight[0]
        step[0] += 1
        if call.pointee.renews == STRATA_RT_RENEWS_ONLY { return }
    }
    let count = Int(dims[0]) * 3
    guard let input = buffers[2]?.assumingMemoryBound(to: Float.self),
        let output = buffers[3]?.assumingMemoryBound(to: Float.self),
        let scratch = buffers[4]?.assumingMemoryBound(to: Float.self)
    else { return }
    for index in 0..<count { scratch[index] = input[index] * kept[0] }
    for index in 0..<count { output[index] = scratch[index] }
}

private func scaleWorkspace(_ dims: UnsafePointer<Int64>?, threads: Int64) -> Int64 { (dims?[0] ?? 0) * 12 }

/// The error text of a context.
func message(_ context: OpaquePointer) -> String { String(cString: strata_rt_error(context)) }
