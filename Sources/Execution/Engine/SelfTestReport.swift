import Artifacts
import HostTensors
import KernelIR

/// What a library found of itself on this machine.
public struct SelfTestReport: Sendable {
    /// What came out of one output, or of one state that a function updates, at one CPU level.
    public struct Result: Sendable, Hashable {
        /// The CPU level, as `v3`.
        public let variant: String
        /// The function.
        public let function: String
        /// The named dimensions it was called with, as `B=3, T=8`.
        public let sizes: String
        /// The output's name or the state's path.
        public let tensor: String
        /// Whether it is a state.
        public let isState: Bool
        /// Whether the error is at most the bound.
        public let passed: Bool
        /// The error relative to the largest element, of a state to its largest change.
        public let error: Double
        /// What the precision of the library allows.
        public let bound: Double
    }

    /// The name that the library was compiled under.
    public let name: String
    /// The file.
    public let library: String
    /// All results, by level, function and size.
    public let results: [Result]
    /// What the library says of the first that did not pass; nil when all did.
    public let failure: String?

    /// Whether every result is within its bound.
    public var passed: Bool { failure == nil }
}

extension SelfTestReport {
    /// Has a library that was compiled with a self-test run it.
    ///
    /// - Parameters:
    ///   - path: a shared library `libNAME.so`, its manifest, or a folder with one library, or that of an export.
    ///   - threads: how many threads to use; 0 for one for each processor this process may use.
    ///   - level: the CPU level to test; nil for all that the library has and this machine can run.
    /// - Throws: an `ExecutionError` for a file that is no library of this machine, has no self-test or can't run it.
    public init(of path: String, threads: Int = 0, level: CPULevel? = nil) throws {
        let manifestPath = try Model.manifestPath(for: path)
        name = try Self.name(of: manifestPath)
        library = "\(WholeFile.folder(of: manifestPath))/lib\(name).so"
        let shared = try SharedLibrary(path: library)
        defer { withExtendedLifetime(shared) {} }
        let information = try shared.function("\(name)_info", as: ArtifactFunctions.Information.self)
        let manifest = try Manifest(json: String(cString: information()), place: library)
        guard CompiledModel.threadCounts.contains(threads) else {
            throw ExecutionError(
                place: "self-test of \(library)",
                expected: "a thread count from 0 to \(CompiledModel.threadCounts.upperBound)", actual: "\(threads)",
                remedy: "give 0 to use every processor")
        }
        guard let capacity = manifest.selfTestResults else {
            throw ExecutionError(
                place: library, expected: "a library with a self-test", actual: "one without",
                remedy: "compile it with --self-test, or export it with selfTest: true")
        }
        let selfTest = try shared.function("\(name)_self_test", as: SelfTest.self)
        (results, failure) = try Self.run(selfTest, of: library, capacity, threads: threads, level: level)
    }

    /// The C structure `NAME_self_test_result`.
    private struct Found {
        var variant: UnsafePointer<CChar>?
        var function: UnsafePointer<CChar>?
        var sizes: UnsafePointer<CChar>?
        var tensor: UnsafePointer<CChar>?
        var isState: Int32 = 0
        var passed: Int32 = 0
        var error = 0.0
        var bound = 0.0
    }

    private typealias SelfTest =
        @convention(c) (
            UnsafeRawPointer, UnsafeMutableRawPointer?, Int64, UnsafeMutablePointer<Int64>
        ) -> Int32

    /// `NAME_SELF_TEST_FAILED`.
    private static let failedStatus: Int32 = 5

    private static func run(
        _ selfTest: SelfTest, of library: String, _ capacity: Int, threads: Int, level: CPULevel?
    ) throws -> ([Result], String?) {
        var found = [Found](repeating: Found(), count: capacity)
        var message = [CChar](repeating: 0, count: 1024)
        var count: Int64 = 0
        let status = message.withUnsafeMutableBufferPointer { buffer in
            var options = ArtifactFunctions.Options(
                size: UInt32(MemoryLayout<ArtifactFunctions.Options>.size), threads: Int32(threads),
                variant: level.map { Int32($0.rank) } ?? -1, errorBytes: UInt32(buffer.count),
                error: buffer.baseAddress)
            return found.withUnsafeMutableBytes { selfTest(&options, $0.baseAddress, Int64(capacity), &count) }
        }
        let reason = String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        guard status == 0 || status == failedStatus else {
            throw ExecutionError(
                place: "self-test of \(library)", expected: "a run", actual: "status \(status) (\(reason))",
                remedy: "choose a CPU level this machine has, or fewer threads")
        }
        let results = found.prefix(Int(min(count, Int64(capacity)))).map { one in
            Result(
                variant: text(one.variant), function: text(one.function), sizes: text(one.sizes),
                tensor: text(one.tensor), isState: one.isState != 0, passed: one.passed != 0, error: one.error,
                bound: one.bound)
        }
        return (results, status == 0 ? nil : reason)
    }

    private static func text(_ pointer: UnsafePointer<CChar>?) -> String { pointer.map { String(cString: $0) } ?? "" }

    /// The name in `NAME.json` or `libNAME.so`.
    private static func name(of manifest: String) throws -> String {
        let file = manifest.split(separator: "/").last ?? ""
        guard file.hasSuffix(".json"), file.count > 5 else {
            throw ExecutionError(
                place: manifest, expected: "a library libNAME.so, its manifest, or their folder",
                actual: "another file",
                remedy: "give what 'strata compile' or an export has written")
        }
        return String(file.dropLast(5))
    }
}
