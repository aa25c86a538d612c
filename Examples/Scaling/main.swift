// Measures how the cost of training a GPT grows: with its parameters, with the length of its texts, with its layers.
// Prints a table of each, and writes each as a picture. Of memory limits it prints what a step takes under each.
// usage: Scaling [FOLDER] [parameters|length|layers|limits]…

import Benchmarking
import Compiler
import ExampleModels
import Foundation
import GraphIR
import KernelIR
import Strata
import Summaries

/// A model to measure, and how many texts a step takes.
struct Configuration {
    var width = 256
    var layers = 4
    var heads = 4
    var length = 128
    var batch = 4
    static let vocabulary = 256

    var parameters: Int {
        // Attention and feed-forward of a block, with biases and norms; embeddings, the last norm, the head.
        let block = 12 * width * width + 13 * width
        return layers * block + (2 * Self.vocabulary + length + 2) * width
    }

    var module: GraphModule {
        get throws {
            try TrainingModule.build(
                model: GPT(
                    vocabulary: Self.vocabulary, width: width, layers: layers, heads: heads, length: length),
                loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 1e-3),
                input: FeatureSpec("ids", .i32, [length]), batch: DimSymbol("B", range: batch...batch), name: "gpt")
        }
    }
}

/// What was measured of a model.
struct Cost {
    /// Seconds from layers to the graph of a training step.
    var tracing: Double
    /// Seconds from that graph to a loaded library, nothing of which was compiled before.
    var compiling: Double
    /// Milliseconds of a step, the fastest.
    var step: Double
    /// Bytes a step needs beside its inputs, known before it runs.
    var planned: Int
    /// Bytes by which the process grew.
    var grown: Int?

    init(of configuration: Configuration) throws {
        func seconds<Result>(_ body: () throws -> Result) rethrows -> (Result, Double) {
            let start = ContinuousClock.now
            let result = try body()
            return (result, (ContinuousClock.now - start).microseconds / 1e6)
        }
        let module: GraphModule
        (module, tracing) = try seconds { try configuration.module.keeping(functions: ["init", "train"]) }
        let trained = try module.keeping(functions: ["train"])
        (_, compiling) = try seconds { try Model.compiled(trained, compiler: NativeCompiler(cache: nil)) }
        let texts = configuration.batch * configuration.length
        let ids = (0..<texts).map { Int32(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 7 & 255) }
        let shape = [configuration.batch, configuration.length]
        let inputs: NamedTensors = [
            "ids": try HostTensor(ids, shape: shape), "label": try HostTensor(ids.reversed(), shape: shape),
        ]
        let ready = try Model.compiled(module)
        _ = try ready.run("init", ["seed": HostTensor(scalar: Int64(1))])
        planned = try ready.plannedMemory(of: "train", sizes: ["B": configuration.batch]).total
        let step = try ready.prepare("train", inputs)
        let (timing, bytes) = try MemoryGrowth.measure { try Timing.measure(seconds: 2, least: 2) { try step.run() } }
        grown = bytes
        self.step = timing.least / 1e3
    }
}

/// One study: models that differ in one respect.
struct Study {
    let name: String
    let configurations: [Configuration]
    let size: (Configuration) -> Int

    static var all: [Study] {
        [
            Study(
                name: "parameters",
                configurations: [
                    Configuration(width: 128, layers: 5), Configuration(),
                    Configuration(width: 384, layers: 6, heads: 6),
                    Configuration(width: 640, layers: 6, heads: 10), Configuration(width: 1024, layers: 8, heads: 16),
                ], size: \.parameters),
            Study(
                name: "length",
                configurations: [64, 128, 256, 512, 1024, 2048].map { Configuration(length: $0, batch: 2048 / $0) },
                size: \.length),
            Study(
                name: "layers",
                configurations: [4, 12, 25, 50, 100].map { Configuration(width: 64, layers: $0, length: 32) },
                size: \.layers),
        ]
    }

    /// Measures the models; prints a table as it goes, and gives the curves.
    func run() throws -> [Plot] {
        show("\n| \(name) | parameters | tokens a step | tracing | compiling | step | planned |")
        show("|---|---|---|---|---|---|---|")
        var sizes: [Int] = []
        var costs: [Cost] = []
        for configuration in configurations {
            let cost = try Cost(of: configuration)
            sizes.append(size(configuration))
            costs.append(cost)
            show(
                "| \(sizes[sizes.count - 1]) | \(configuration.parameters) | \(configuration.batch * configuration.length)"
                    + " | \(rounded(cost.tracing)) s | \(rounded(cost.compiling)) s | \(rounded(cost.step)) ms"
                    + " | \(cost.planned >> 20) MiB |")
        }
        func plot(_ title: String, _ value: (Cost) -> Double) -> Plot {
            let line = ScalarSeries(run: "", tag: title, steps: sizes, values: costs.map(value))
            return Plot(title: "\(title) against \(name)", series: [line], scale: .logarithmic)
        }
        return [
            plot("milliseconds of a step") { $0.step }, plot("MiB planned") { Double($0.planned) / 0x1p20 },
            plot("seconds of tracing and compiling") { $0.tracing + $0.compiling },
        ]
    }

    /// Prints a line at once, also into a file.
    private func show(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

    private func rounded(_ number: Double) -> String { "\((number * 100).rounded() / 100)" }
}

/// A step of a deep model and of one of long texts under ever lower memory limits.
struct LimitStudy {
    static let configurations = [
        Configuration(layers: 24, length: 128, batch: 8), Configuration(layers: 8, length: 512, batch: 4),
    ]

    /// Measures the models; prints a table of each.
    static func run() throws {
        for configuration in configurations {
            print("\n\(configuration.layers) layers, length \(configuration.length), batch \(configuration.batch)")
            print("| limit | planned | more operations | choosing | step |\n|---|---|---|---|---|")
            let module = try configuration.module.keeping(functions: ["train"])
            var limit = Int.max >> 1
            while true {
                let start = ContinuousClock.now
                let target = MemoryLimit(bytes: limit, sizes: ["B": configuration.batch], threads: 1)
                let fits: [MemoryFit]
                do { fits = try Compiler.fit(module, into: target, target: .host) } catch {
                    print(error)
                    break
                }
                let seconds = (ContinuousClock.now - start).microseconds / 1e6
                let model = try Model.compiled(
                    module, threads: 1, compiler: NativeCompiler(recomputation: fits.recomputation))
                let texts = configuration.batch * configuration.length
                let ids = try HostTensor(
                    (0..<texts).map { Int32(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 7 & 255) },
                    shape: [configuration.batch, configuration.length])
                let step = try model.prepare("train", ["ids": ids, "label": ids])
                let timing = try Timing.measure(seconds: 2, least: 3) { try step.run() }
                print(
                    "| \(limit > 1 << 40 ? "none" : "\(limit >> 20) MiB") | \(fits[0].planned >> 20) MiB"
                        + " | \((fits[0].extraOperations * 1000).rounded() / 10) %"
                        + " | \((seconds * 10).rounded() / 10) s | \((timing.least / 1e2).rounded() / 10) ms |")
                limit = fits[0].planned / 20 * 17
            }
        }
    }
}

do {
    let arguments = CommandLine.arguments.dropFirst()
    let folder = arguments.first ?? "."
    let wanted = arguments.dropFirst()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for study in Study.all where wanted.isEmpty || wanted.contains(study.name) {
        let picture = Plot.svg(try study.run())
        try picture.write(toFile: "\(folder)/scaling-\(study.name).svg", atomically: true, encoding: .utf8)
    }
    if wanted.isEmpty || wanted.contains("limits") { try LimitStudy.run() }
} catch {
    FileHandle.standardError.write(Data("Scaling: \(error)\n".utf8))
    exit(1)
}
