import Artifacts
import Foundation
import HostTensors
import KernelIR

/// A library whose code is written by hand: `shift(x: f32[B,4]) -> (sum: f32[B,4])` adds state `offset` to every row,
/// and counts its calls in state `calls`.
enum SmallLibrary {
    static let description = ArtifactDescription(
        name: "shifting", dims: [ArtifactDim(name: "B", range: 1...8)],
        states: [
            ArtifactState(name: "offset", role: .parameter, dtype: .f32, shape: [4]),
            ArtifactState(name: "calls", role: .counter, dtype: .i64, shape: []),
        ],
        functions: [
            ArtifactFunction(
                name: "shift", dims: [0], inputs: [ArtifactTensor(name: "x", dtype: .f32, type: "f32[B, 4]")],
                outputs: [ArtifactTensor(name: "sum", dtype: .f32, type: "f32[B, 4]")])
        ])

    static func code(_ level: CPULevel) -> String {
        """
        @shifting_rt_kept_shift_\(level.rawValue) = hidden constant { i64, i64 } zeroinitializer

        define hidden i64 @shifting_rt_workspace_shift_\(level.rawValue)(ptr %dims, i64 %threads) {
          ret i64 0
        }

        define hidden void @shifting_rt_plan_shift_\(level.rawValue)(ptr %call) {
        entry:
          %buffers = load ptr, ptr %call
          %dims_place = getelementptr ptr, ptr %call, i64 1
          %dims = load ptr, ptr %dims_place
          %rows = load i64, ptr %dims
          %offset_state = load ptr, ptr %buffers
          %offset = load <4 x float>, ptr %offset_state, align 4
          %calls_place = getelementptr ptr, ptr %buffers, i64 1
          %calls_state = load ptr, ptr %calls_place
          %calls = load i64, ptr %calls_state
          %more_calls = add i64 %calls, 1
          store i64 %more_calls, ptr %calls_state
          %x_place = getelementptr ptr, ptr %buffers, i64 2
          %x = load ptr, ptr %x_place
          %sum_place = getelementptr ptr, ptr %buffers, i64 3
          %sum = load ptr, ptr %sum_place
          br label %loop

        loop:
          %row = phi i64 [ 0, %entry ], [ %next, %loop ]
          %from = getelementptr <4 x float>, ptr %x, i64 %row
          %to = getelementptr <4 x float>, ptr %sum, i64 %row
          %value = load <4 x float>, ptr %from, align 4
          %shifted = fadd <4 x float> %value, %offset
          store <4 x float> %shifted, ptr %to, align 4
          %next = add i64 %row, 1
          %more = icmp slt i64 %next, %rows
          br i1 %more, label %loop, label %done

        done:
          ret void
        }

        """
    }

    /// Builds the library into a folder, with a variant for every CPU level of this machine's architecture.
    static func build(in folder: String, _ architecture: Architecture) throws {
        let levels = CPULevel.levels(of: architecture).map { EmittedLevel(level: $0, irText: code($0)) }
        _ = try ArtifactBuilder.build(
            description, levels: levels, architecture: architecture,
            weights: [("offset", HostTensor([Float(10), 20, 30, 40]))], to: folder)
    }
}

/// A fresh folder, removed when the value goes.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("execution-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
