// swift-tools-version:6.2
import PackageDescription

/// One stage of the pipeline is one target; the order here is the order data flows in.
let package = Package(
    name: "Strata",
    products: [
        .library(name: "Strata", targets: ["Strata"]),
        .library(name: "Serving", targets: ["Serving"]),
        .executable(name: "strata", targets: ["StrataTool"]),
        .executable(name: "strata-serve", targets: ["StrataServe"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    ],
    targets: [
        // Data in memory and its files.
        .target(name: "CZlib", linkerSettings: [.linkedLibrary("z")]),
        .target(
            name: "HostTensors",
            dependencies: ["CZlib", .product(name: "OrderedCollections", package: "swift-collections")]),

        // Other programs, and the code of operations that users write in C or C++.
        .target(name: "Programs"),
        .target(name: "CCustomCode", path: "codegen-templates/operation", exclude: ["headers"]),
        .target(name: "CustomCode", dependencies: ["HostTensors", "Programs", "CCustomCode"]),

        // The graph, and what a user writes to make one.
        .target(
            name: "GraphIR",
            dependencies: [
                "HostTensors", "CustomCode", .product(name: "OrderedCollections", package: "swift-collections"),
            ]),
        .target(
            name: "GraphTracing",
            dependencies: ["GraphIR", .product(name: "OrderedCollections", package: "swift-collections")]),
        .target(name: "Layers", dependencies: ["GraphTracing"]),
        .target(name: "Training", dependencies: ["Layers"]),

        // From graph to machine code.
        .target(name: "GraphPasses", dependencies: ["GraphIR"]),
        .target(name: "KernelIR", dependencies: ["GraphIR"]),
        .target(name: "Lowering", dependencies: ["GraphPasses", "KernelIR"]),
        .target(name: "CLLVM"),
        .target(name: "LLVMEmission", dependencies: ["Lowering"]),
        .target(name: "CArtifactRuntime", path: "codegen-templates/runtime", exclude: ["generate-ir.sh"]),
        .target(name: "Toolchain", dependencies: ["KernelIR", "Programs", "CLLVM", "CArtifactRuntime"]),

        // What is delivered.
        .target(
            name: "CodegenTemplates", path: "codegen-templates/templates",
            exclude: [
                "header.h.mustache", "model.hpp.mustache", "model.swift.mustache", "module.py.mustache", "record.ll",
                "runtime.ll",
                "self_test.ll", "target-x86_64.ll",
                "target-aarch64.ll",
            ]),
        .target(
            name: "Artifacts",
            dependencies: [
                "Toolchain", "HostTensors", "CodegenTemplates",
                .product(name: "Mustache", package: "swift-mustache"),
            ]),
        .target(name: "Compiler", dependencies: ["Artifacts", "GraphPasses", "LLVMEmission"]),

        // Running it.
        .target(name: "Execution", dependencies: ["Compiler", "GraphTracing"]),
        .target(name: "Datasets", dependencies: ["HostTensors"]),
        .target(name: "CMPI"),
        .target(name: "Cluster", dependencies: ["CMPI"]),
        .target(
            name: "LaunchTemplates", path: "codegen-templates/launch",
            exclude: ["slurm.sh.mustache", "kubernetes.yaml.mustache"]),
        .target(
            name: "Launch", dependencies: ["LaunchTemplates", .product(name: "Mustache", package: "swift-mustache")]),
        .target(name: "Summaries", dependencies: ["GraphIR"]),
        .target(
            name: "Estimator",
            dependencies: [
                "Cluster", "Datasets", "Execution", "Summaries", "Training",
                .product(name: "Logging", package: "swift-log"),
            ]),
        .target(name: "Strata", dependencies: ["Estimator"]),
        .target(
            name: "Serving",
            dependencies: [
                "Execution", .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        .executableTarget(
            name: "StrataServe",
            dependencies: ["Serving", .product(name: "ArgumentParser", package: "swift-argument-parser")]),
        .target(
            name: "ONNX",
            dependencies: ["GraphTracing", .product(name: "SwiftProtobuf", package: "swift-protobuf")]),
        .target(name: "Benchmarking", dependencies: ["Execution", "Compiler", "GraphPasses", "Toolchain"]),
        .executableTarget(
            name: "StrataTool",
            dependencies: [
                "Strata", "Benchmarking", "Cluster", "Launch", "ONNX", "ExampleModels", "Toolchain",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .target(name: "ExampleModels", dependencies: ["Training"], path: "Examples/Models"),
        .executableTarget(name: "MoreModels", dependencies: ["Training"], path: "Examples/MoreModels"),
        .executableTarget(name: "WriteGraphs", dependencies: ["ExampleModels"], path: "Examples/WriteGraphs"),
        .executableTarget(name: "Quickstart", dependencies: ["Strata"], path: "Examples/Quickstart"),
        .executableTarget(
            name: "AmesHousing", dependencies: ["Strata"], path: "Examples/AmesHousing", exclude: ["Data"]),
        .executableTarget(
            name: "JaneAusten", dependencies: ["Strata", "ExampleModels"], path: "Examples/JaneAusten",
            exclude: ["Data"]),
        .executableTarget(name: "ClusterTraining", dependencies: ["Strata"], path: "Examples/ClusterTraining"),
        .executableTarget(name: "FashionTraining", dependencies: ["Strata"], path: "Examples/FashionTraining"),
        .executableTarget(
            name: "Scaling", dependencies: ["Strata", "Summaries", "Benchmarking", "ExampleModels"],
            path: "Examples/Scaling"),
        .executableTarget(name: "StepRate", dependencies: ["Strata"], path: "Examples/StepRate"),
        .executableTarget(
            name: "FashionDemo", dependencies: ["Strata", "ExampleModels"], path: "Examples/FashionMNIST",
            exclude: ["classify.c"]),

        // Tests group by intent.
        .target(
            name: "OpCases",
            dependencies: ["GraphIR", .product(name: "OrderedCollections", package: "swift-collections")],
            path: "Tests/OpCases"),
        .testTarget(
            name: "HostTensorsTests", dependencies: ["HostTensors"], resources: [.copy("Fixtures")]),
        .testTarget(
            name: "FrontendTests", dependencies: ["Training", "ExampleModels"], exclude: ["Data"]),
        .testTarget(name: "ComponentTests", dependencies: ["Training", "ExampleModels"], exclude: ["Reference"]),
        .testTarget(name: "ArtifactRuntimeTests", dependencies: ["CArtifactRuntime"]),
        .testTarget(
            name: "OpTests",
            dependencies: ["GraphIR", "OpCases", .product(name: "OrderedCollections", package: "swift-collections")],
            resources: [.copy("Reference")]),
        .testTarget(name: "LoweringTests", dependencies: ["Lowering", "OpCases"]),
        .testTarget(name: "KernelTests", dependencies: ["KernelIR"]),
        .testTarget(name: "ArtifactsTests", dependencies: ["Artifacts"], exclude: ["Programs", "Expected"]),
        .testTarget(name: "GraphTextTests", dependencies: ["GraphIR"]),
        .testTarget(name: "BenchmarkingTests", dependencies: ["Benchmarking"]),
        .testTarget(name: "ToolTests", dependencies: ["StrataTool", "Strata", "ExampleModels", "Toolchain"]),
        .testTarget(name: "ToolchainTests", dependencies: ["Toolchain"]),
        .testTarget(name: "ExecutionTests", dependencies: ["Execution", "Artifacts", "Toolchain"]),
        .executableTarget(
            name: "SlowCheckpoint", dependencies: ["Estimator"], path: "Tests/Programs/SlowCheckpoint"),
        .target(name: "ClusterTrial", dependencies: ["Cluster"], path: "Tests/ClusterTrial"),
        .executableTarget(
            name: "ClusterProgram", dependencies: ["ClusterTrial"], path: "Tests/Programs/ClusterProgram"),
        .testTarget(
            name: "ClusterTests",
            dependencies: ["Cluster", "ClusterTrial", "ClusterProgram", "ClusterTraining", "Programs"]),
        .testTarget(name: "LaunchTests", dependencies: ["Launch"]),
        .testTarget(name: "ONNXTests", dependencies: ["ONNX", "Execution"], exclude: ["Data"]),
        .testTarget(name: "SummariesTests", dependencies: ["Summaries"]),
        .testTarget(name: "DatasetsTests", dependencies: ["Datasets"], exclude: ["Fixtures"]),
        .executableTarget(
            name: "ResumableTraining", dependencies: ["Estimator"], path: "Tests/Programs/ResumableTraining"),
        .testTarget(
            name: "EstimatorTests", dependencies: ["Estimator", "SlowCheckpoint", "ResumableTraining", "AmesHousing"]),
        .testTarget(
            name: "ServingTests",
            dependencies: [
                "Serving", "Strata", "StrataServe", "StrataTool",
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        .testTarget(name: "GuideTests", dependencies: ["Strata", "Serving"]),
        .testTarget(name: "PassTests", dependencies: ["GraphPasses", "ExampleModels"], exclude: ["Cases"]),
        .testTarget(
            name: "CodegenTests", dependencies: ["Compiler", "CArtifactRuntime", "OpCases"], exclude: ["Driver"]),
        .testTarget(
            name: "AcceptanceTests", dependencies: ["Execution", "Compiler", "ExampleModels", "Toolchain"],
            exclude: ["Programs"]),
    ],
    swiftLanguageModes: [.v6]
)
