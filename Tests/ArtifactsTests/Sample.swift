import Artifacts
import Foundation
import HostTensors
import KernelIR
import Toolchain

/// A library by hand: kernels and plans as an emitter would write them.
///
/// `predict` adds state `hidden/weight` to each row of its input, in parallel and by way of the workspace; `train` adds 1
/// to the state and returns its first element; `level` returns the rank of the CPU level it was compiled for.
enum Sample {
    static let description = ArtifactDescription(
        name: "sample",
        dims: [ArtifactDim(name: "B", range: 1...4096), ArtifactDim(name: "N", range: 4...64, multiple: 4)],
        states: [
            ArtifactState(name: "hidden/weight", role: .parameter, dtype: .f32, shape: [4]),
            ArtifactState(name: "step", role: .counter, dtype: .i64, shape: []),
        ],
        functions: [
            ArtifactFunction(
                name: "predict", dims: [0],
                inputs: [ArtifactTensor(name: "image", dtype: .f32, type: "f32[B, 4]")],
                outputs: [ArtifactTensor(name: "probabilities", dtype: .f32, type: "f32[B, 4]")]),
            ArtifactFunction(
                name: "train", outputs: [ArtifactTensor(name: "loss", dtype: .f32, type: "f32[]")]),
            ArtifactFunction(
                name: "level", dims: [1], inputs: [ArtifactTensor(name: "class", dtype: .bool, type: "bool[N]")],
                outputs: [ArtifactTensor(name: "rank", dtype: .i32, type: "i32[]")]),
        ],
        options: ["reassociate": "false"], sourceHashes: ["graph": "00ff"])

    static let weights: [(name: String, tensor: HostTensor)] = [
        ("hidden/weight", HostTensor([Float(10), 20, 30, 40]))
    ]

    /// The same library with a self-test of `predict` and `train`.
    static func withSelfTest() throws -> ArtifactDescription {
        let weight = TestFilling(dtype: .f32, shape: [4], low: 1, high: 2)
        let step = TestFilling(dtype: .i64, shape: [], low: 5, high: 9)
        let image = TestFilling(dtype: .f32, shape: [3, 4], low: -1, high: 1)
        let before = try weight.tensor(seed: 7, stream: .state(0)).scalars(as: Float.self)
        let rows = try image.tensor(seed: 7, stream: .input(0)).scalars(as: Float.self)
        let after = HostTensor(before.map { $0 + 1 })
        func golden(_ name: String, _ place: TestGolden.Place, _ tensor: HostTensor, _ number: Int) -> TestGolden {
            TestGolden(
                name: name, place: place, tensor: tensor, previous: nil, leastChange: 1, bound: 1e-6, seed: 7,
                number: number)
        }
        let sums = try HostTensor(rows.enumerated().map { $1 + before[$0 % 4] }, shape: [3, 4])
        var description = description
        description.selfTest = ArtifactSelfTest(
            states: [weight, step],
            cases: [
                TestCase(
                    function: 0, dims: [3], sizes: "B=3", seed: 7, inputs: [image],
                    goldens: [golden("probabilities", .output(0), sums, 0)]),
                TestCase(
                    function: 1, dims: [], sizes: "", seed: 7, inputs: [],
                    goldens: [
                        golden("loss", .output(0), HostTensor(scalar: before[0] + 1), 0),
                        golden("hidden/weight", .state(0), after, 1),
                    ]),
            ])
        return description
    }

    /// The levels of an architecture, each of two units.
    static func levels(_ architecture: Architecture = .x86_64) -> [EmittedLevel] {
        CPULevel.levels(of: architecture).map { level in
            let units = [code(level), workspaces(level)]
            return EmittedLevel(level: level, irText: units.joined(), units: units)
        }
    }

    static func workspaces(_ level: CPULevel) -> String {
        """
        @sample_rt_kept_predict_\(level.rawValue) = hidden constant { i64, i64 } zeroinitializer
        @sample_rt_kept_train_\(level.rawValue) = hidden constant { i64, i64 } zeroinitializer
        @sample_rt_kept_level_\(level.rawValue) = hidden constant { i64, i64 } zeroinitializer

        define hidden i64 @sample_rt_workspace_predict_\(level.rawValue)(ptr %dims, i64 %threads) {
          %batch = load i64, ptr %dims
          %bytes = shl i64 %batch, 4
          ret i64 %bytes
        }

        define hidden i64 @sample_rt_workspace_train_\(level.rawValue)(ptr %dims, i64 %threads) {
          ret i64 0
        }

        define hidden i64 @sample_rt_workspace_level_\(level.rawValue)(ptr %dims, i64 %threads) {
          ret i64 0
        }

        """
    }

    static func code(_ level: CPULevel) -> String {
        """
        declare void @sample_rt_parallel_for(ptr, ptr, ptr, i64)

        define internal void @add_row(ptr %buffers, i64 %begin, i64 %end) {
        entry:
          %weight = load ptr, ptr %buffers
          %input_place = getelementptr ptr, ptr %buffers, i64 2
          %input = load ptr, ptr %input_place
          %output_place = getelementptr ptr, ptr %buffers, i64 3
          %output = load ptr, ptr %output_place
          %scratch_place = getelementptr ptr, ptr %buffers, i64 4
          %scratch = load ptr, ptr %scratch_place
          %added = load <4 x float>, ptr %weight, align 64
          br label %loop

        loop:
          %row = phi i64 [ %begin, %entry ], [ %next, %loop ]
          %from = getelementptr <4 x float>, ptr %input, i64 %row
          %by = getelementptr <4 x float>, ptr %scratch, i64 %row
          %to = getelementptr <4 x float>, ptr %output, i64 %row
          %value = load <4 x float>, ptr %from, align 4
          %sum = fadd <4 x float> %value, %added
          store <4 x float> %sum, ptr %by, align 16
          %again = load <4 x float>, ptr %by, align 16
          store <4 x float> %again, ptr %to, align 4
          %next = add i64 %row, 1
          %more = icmp slt i64 %next, %end
          br i1 %more, label %loop, label %done

        done:
          ret void
        }

        define hidden void @sample_rt_plan_predict_\(level.rawValue)(ptr %call) {
          %buffers = load ptr, ptr %call
          %dims_place = getelementptr ptr, ptr %call, i64 1
          %dims = load ptr, ptr %dims_place
          %pool_place = getelementptr ptr, ptr %call, i64 2
          %pool = load ptr, ptr %pool_place
          %batch = load i64, ptr %dims
          call void @sample_rt_parallel_for(ptr %pool, ptr @add_row, ptr %buffers, i64 %batch)
          ret void
        }

        define hidden void @sample_rt_plan_train_\(level.rawValue)(ptr %call) {
          %buffers = load ptr, ptr %call
          %weight = load ptr, ptr %buffers
          %value = load <4 x float>, ptr %weight, align 64
          %sum = fadd <4 x float> %value, splat (float 1.0)
          store <4 x float> %sum, ptr %weight, align 64
          %loss_place = getelementptr ptr, ptr %buffers, i64 2
          %loss = load ptr, ptr %loss_place
          %first = extractelement <4 x float> %sum, i64 0
          store float %first, ptr %loss
          ret void
        }

        define hidden void @sample_rt_plan_level_\(level.rawValue)(ptr %call) {
          %buffers = load ptr, ptr %call
          %rank_place = getelementptr ptr, ptr %buffers, i64 3
          %rank = load ptr, ptr %rank_place
          store i32 \(level.rank), ptr %rank
          ret void
        }

        """
    }
}

/// Makes a folder of its own for a test, and removes it.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result { try TemporaryFolder.with(body) }
