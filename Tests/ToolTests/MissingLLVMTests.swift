import Foundation
import HostTensors
import Testing
import Toolchain

/// The tool on a machine without LLVM: what needs none works, the rest says what is missing.
@Suite struct MissingLLVMTests {
    /// Runs the tool with files that are no libraries where the dynamic linker looks for LLVM first.
    private static func run(_ arguments: [String]) throws -> Tool.Result {
        try Tool.withFolder { folder in
            for name in LLVMLibrary.standardCandidates {
                try Data("no library".utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
            }
            var environment = ProcessInfo.processInfo.environment
            let others = environment["LD_LIBRARY_PATH"].map { ":" + $0 } ?? ""
            environment["LD_LIBRARY_PATH"] = folder + others
            return try Tool.run(arguments, environment: environment)
        }
    }

    @Test func whatCompilesNothingWorks() throws {
        try Tool.withGraph { graph, folder in
            let input = folder + "/x.npy"
            try NPY.write(HostTensor([1, 2, 3] as [Float], shape: [1, 3]), path: input)
            let calls = [
                ["--help"], ["dump", graph, "--stage", "graph"], ["dump", graph, "--stage", "llvm"],
                ["explain", graph], ["run", graph, "--interpreted", "--input", "x=\(input)"],
            ]
            for arguments in calls {
                let result = try Self.run(arguments)
                #expect(result.code == 0, "\(arguments): \(result.errors)")
                #expect(!result.output.isEmpty)
            }
        }
    }

    @Test func whatCompilesSaysWhatToInstall() throws {
        try Tool.withGraph { graph, folder in
            let calls = [
                ["compile", graph, "-o", folder + "/out", "--no-cache"], ["dump", graph, "--stage", "asm"],
            ]
            for arguments in calls {
                let result = try Self.run(arguments)
                #expect(result.code == 1)
                #expect(result.output.isEmpty)
                #expect(result.errors.hasPrefix("error: LLVM 19, which compiles, can't be loaded as libLLVM-19.so or "))
                #expect(
                    result.errors.hasSuffix("): sudo apt-get install --no-install-recommends llvm-19-dev\n"))
            }
            let doctor = try Self.run(["doctor"])
            #expect(doctor.code == 1)
            #expect(doctor.output.contains("\nLLVM: missing, turns kernels into machine code: sudo apt-get install "))
        }
    }
}
