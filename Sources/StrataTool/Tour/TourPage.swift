import ExampleModels
import GraphIR
import GraphPasses
import KernelIR

/// The text of `docs/tour.md`: one dense layer at every stage, each shown as `strata dump` prints it.
///
/// The targets are fixed, so that the page is the same on every machine.
struct TourPage {
    /// The model's source within the repository.
    static let sourcePath = "Examples/Models/DenseLayer.swift"
    private static let function = "predict"
    private static let target = Target(architecture: .x86_64, level: .v4)
    private static let otherTarget = Target(architecture: .aarch64, level: .baseline)

    /// The text of the model's source.
    let source: String

    /// The page.
    func text() throws -> String {
        let module = try DenseLayer.module()
        let sections = try [
            introduction(), sourceSection(), graphSection(module), optimizedSection(module), groupSection(module),
            kernelSection(module), memorySection(module), llvmSection(module), assemblySection(module),
            otherSection(module),
        ]
        return sections.joined(separator: "\n")
    }

    // MARK: Stages

    private func introduction() -> String {
        """
        # A tour: one layer, from its source line to machine code

        Generated from real dumps by `strata tour`; a test holds this file to it. Every listing is what a command shows that you
        can run yourself, and nothing is left out without saying so.

        The layer takes batches of 784 numbers to 128 features: y = max(x · w + b, 0).

        """
    }

    private func sourceSection() -> String {
        """
        ## 1. The model

        [\(Self.sourcePath)](../\(Self.sourcePath)) is a model of one layer:

        ```swift
        \(source)```

        `predict` is traced by calling the model with a placeholder. A `Tensor` records the operation that makes it, with the
        layer and the line of the source; `ModuleTracer` collects what the result depends on.

        """
    }

    private func graphSection(_ module: GraphModule) throws -> String {
        """
        ## 2. The graph

        \(try listing(module, .graph))

        `B` is a named dimension: this one graph, and the library made from it, serve every batch from 1 to 4096. The weights
        are states, which calls can update. `dense` and `relu` are *composite* operations, which have a body in simpler ones. The
        last line says where in the program they come from. This text reads back as the same graph: [graph-text.md](graph-text.md).

        """
    }

    private func optimizedSection(_ module: GraphModule) throws -> String {
        """
        ## 3. Optimized

        The passes expand the composites and put what remains into the form that kernels are made from:

        \(try listing(module, .optimized))

        A product, a sum with the bias repeated for each row, a maximum with zero. Nothing is broadcast silently: `broadcast` says
        which axes go where.

        """
    }

    private func groupSection(_ module: GraphModule) throws -> String {
        let function = try optimize(try module.function(named: Self.function), in: module)
        return """
            ## 4. Grouped into kernels

            \(try listing(module, .groups))

            All of it is one kernel: the bias and the maximum are applied to each piece of the product while it is still in
            registers. `strata explain graphs/dense.graph --function predict` gives the reason for every decision:

            ```text
            \(function.plan.explanation(function.function, module))```

            """
    }

    private func kernelSection(_ module: GraphModule) throws -> String {
        """
        ## 5. The kernel

        From here on it matters what machine the code is for. For x86-64 with AVX-512:

        \(try listing(module, .kernels, Self.target))

        The result is computed in *register tiles*: some rows times some vectors of columns. The outer loops go from tile to tile, and
        different threads can take different columns. For each tile the accumulators are set to zero, the loop over the 784
        inputs multiplies and adds, and the last part adds the bias, takes the maximum and writes. How a loop is run is part of its
        text: `unroll` is written out, `vector` is the lanes of vectors. Its meaning is always that of the plain loop. Indices are polynomials
        of the same algebra as sizes, so that bounds are proved the same way.

        """
    }

    private func memorySection(_ module: GraphModule) throws -> String {
        """
        ## 6. Memory

        \(try listing(module, .memory, Self.target))

        Inputs and outputs are the caller's memory, states are the context's. There is nothing between them, so no workspace is
        needed. In larger functions, values that are not needed at the same time share it; its size is a polynomial of the batch.

        """
    }

    private func llvmSection(_ module: GraphModule) throws -> String {
        let loop = try LoopExcerpt(of: dump(module, .llvm, Self.target), with: "@llvm.fma").upToJump("br")
        let accumulators = loop.count("= phi <")
        return """
            ## 7. LLVM IR

            The emitter writes the loops as LLVM IR. This is the loop over the inputs, within a full tile; long lines are cut:

            ```llvm
            \(loop.shortened(first: 4, last: 0, comment: "  ;").split(separator: "\n").prefix(4).joined(separator: "\n"))
              ; … \(accumulators - 2) more accumulators
            \(arithmetic(of: loop))
              ; … the other rows, and the other steps of the unrolled loop
            \(loop.lines.suffix(3).map(LoopExcerpt.cut).joined(separator: "\n"))
            ```

            The \(accumulators) accumulators are values that travel around the loop as phi nodes: they were never in memory, so no
            pass has to bring them into registers. One number of `x` is copied to all lanes and multiplied with a
            vector of `w`. One round of this loop has \(loop.count("@llvm.fma")) multiply-adds, each of 16 lanes.

            """
    }

    /// The first lines of arithmetic in a loop, after its phi nodes, up to the fourth multiply-add.
    private func arithmetic(of loop: LoopExcerpt) -> String {
        var kept: [String] = []
        var found = 0
        for line in loop.lines.dropFirst() where !line.contains("= phi ") && found < 4 {
            kept.append(LoopExcerpt.cut(line))
            if line.contains("@llvm.fma") { found += 1 }
        }
        return kept.joined(separator: "\n")
    }

    private func assemblySection(_ module: GraphModule) throws -> String {
        let loop = try LoopExcerpt(of: dump(module, .asm, Self.target), with: "vfmadd").upToJump("j")
        return """
            ## 8. Machine code

            The same loop, as it is in the library:

            ```asm
            \(loop.shortened(first: 24, last: 4, comment: "    #"))
            ```

            One round is \(loop.lines.count - 1) instructions: \(loop.count("vfmadd")) multiply-adds, \
            \(loop.count("vmovups")) loads of a vector, \(loop.count("vbroadcastss")) loads of a number for all lanes, and
            \(loop.count("(%rsp")) accesses to the stack. All accumulators stay in registers.

            """
    }

    private func otherSection(_ module: GraphModule) throws -> String {
        let loop = try LoopExcerpt(of: dump(module, .asm, Self.otherTarget), with: "fmla").upToJump("b")
        return """
            ## 9. For another machine

            Nothing above but the target was particular to x86-64. With `--target aarch64-unknown-linux-gnu`, the same generator makes
            tiles that fit the registers of AArch64, and the loop becomes:

            ```asm
            \(loop.shortened(first: 12, last: 3, comment: "    //"))
            ```

            One round has \(loop.count("fmla")) multiply-adds of 4 lanes, and \(loop.count("[sp")) accesses to the stack.

            `strata compile graphs/dense.graph -o exported/dense` links this code with a small runtime into a library. [abi.md](abi.md) says
            how it is called.

            """
    }

    // MARK: Listings

    /// A stage as the tool prints it, with the command that does.
    private func listing(_ module: GraphModule, _ stage: DumpStage, _ target: Target? = nil) throws -> String {
        var command = "strata dump graphs/dense.graph --function \(Self.function) --stage \(stage.rawValue)"
        if let target { command += " --target \(target.architecture.rawValue) --cpu \(target.level.rawValue)" }
        var text = try dump(module, stage, target ?? Self.target)
        while text.hasSuffix("\n\n") { text.removeLast() }
        return "    \(command)\n\n```text\n\(text)```"
    }

    private func dump(_ module: GraphModule, _ stage: DumpStage, _ target: Target) throws -> String {
        var options = FunctionOptions()
        options.function = Self.function
        return try StageDump(module: module, functions: options, target: target).text(of: stage, format: .text)
    }
}
