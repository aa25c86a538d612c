import GraphIR
import HostTensors
import KernelIR

/// A machine that a model is compiled for.
public struct CompilationTarget: Sendable, Hashable {
    /// The instruction-set family.
    public let architecture: Architecture
    /// The CPU levels to make a variant for, from the least to the most capable.
    public let levels: [CPULevel]

    /// Makes a target; without `levels`, every level of the architecture.
    public init(architecture: Architecture, levels: [CPULevel]? = nil) {
        self.architecture = architecture
        self.levels = levels ?? CPULevel.levels(of: architecture)
    }

    /// The name of its folder in an export: `x86_64-linux`.
    public var folderName: String {
        switch architecture {
        case .x86_64: "x86_64-linux"
        case .aarch64: "aarch64-linux"
        }
    }
}

/// Where a compiled model's files are.
public struct CompiledFiles: Sendable, Hashable {
    /// The shared object.
    public let library: String
    /// The manifest, JSON.
    public let manifest: String
    /// All files, in the order they were written.
    public let all: [String]

    /// Names the files of one compilation.
    public init(library: String, manifest: String, all: [String]) {
        self.library = library
        self.manifest = manifest
        self.all = all
    }
}

/// Turns a graph into a library: what execution needs of the compiler, and nothing else.
public protocol ModuleCompiler: Sendable {
    /// The CPU level of code that runs on this machine; nil for the best it has.
    var level: CPULevel? { get }

    /// Compiles a module into `folder`, which is made if needed; `weights` become the states' initial values.
    func compile(
        _ module: GraphModule, for target: CompilationTarget, weights: NamedTensors, to folder: String
    ) throws -> CompiledFiles

    /// The same, and the library tests itself.
    func compileWithSelfTest(
        _ module: GraphModule, for target: CompilationTarget, weights: NamedTensors, to folder: String
    ) throws -> CompiledFiles
}

extension ModuleCompiler {
    /// The best level of this machine.
    public var level: CPULevel? { nil }

    /// Throws: not every compiler makes tests.
    public func compileWithSelfTest(
        _ module: GraphModule, for target: CompilationTarget, weights: NamedTensors, to folder: String
    ) throws -> CompiledFiles {
        throw ExecutionError(
            place: "export with a self-test", expected: "a compiler that makes one", actual: "\(Self.self)",
            remedy: "export with selfTest: false, or leave out the configuration's compiler")
    }
}
