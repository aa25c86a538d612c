import CArtifactRuntime
import Foundation
import Testing

@Suite struct WeightsTests {
    static let good =
        #"{"__metadata__":{"a":"b"},"we\u0069ght":{"dtype":"F32","shape":[2,3],"data_offsets":[8,32]},"#
        + #""other":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}"#

    @Test func readsStatesAndLeavesTheRest() throws {
        try withFile(header: Self.good, data: [UInt8](repeating: 0, count: 8) + bytes((10...15).map { Float($0) })) {
            context, path in
            #expect(strata_rt_load(context, path) == 0, "\(message(context))")
            #expect(weight(context) == [10, 11, 12, 13, 14, 15])
        }
    }

    @Test func whatIsSavedCanBeLoaded() throws {
        try withFile(header: "{}", data: []) { context, path in
            #expect(strata_rt_set(context, "step", [Int64(77)], 8) == 0)
            #expect(strata_rt_set(context, "weight", [Float](repeating: 0.5, count: 6), 24) == 0)
            #expect(strata_rt_save(context, path) == 0, "\(message(context))")
            try TestLibrary().withContext { other in
                #expect(strata_rt_load(other, path) == 0, "\(message(other))")
                #expect(weight(other) == [Float](repeating: 0.5, count: 6))
                var step: Int64 = 0
                #expect(strata_rt_get(other, "step", &step, 8) == 0)
                #expect(step == 77)
            }
            #expect(try Self.filesBeside(path) == [""])
        }
    }

    /// What is left of a save that was killed is gone with the next; what another process writes stays.
    @Test func whatAKilledProcessLeftIsGone() throws {
        try withFile(header: "{}", data: []) { context, path in
            for isLocked in [false, true] {
                try Data([1, 2, 3]).write(to: URL(fileURLWithPath: path + ".partial"))
                let folder = open(URL(fileURLWithPath: path).deletingLastPathComponent().path, O_RDONLY)
                try #require(folder >= 0)
                defer { close(folder) }
                if isLocked { try #require(flock(folder, LOCK_EX) == 0) }
                #expect(strata_rt_save(context, path) == 0, "\(message(context))")
                #expect(strata_rt_load(context, path) == 0, "\(message(context))")
                #expect(try Self.filesBeside(path) == (isLocked ? ["", ".partial"] : [""]))
            }
        }
    }

    /// Ends of the names of files that begin with a file's.
    private static func filesBeside(_ path: String) throws -> [String] {
        let file = URL(fileURLWithPath: path)
        let names = try FileManager.default.contentsOfDirectory(atPath: file.deletingLastPathComponent().path)
        return names.filter { $0.hasPrefix(file.lastPathComponent) }
            .map { String($0.dropFirst(file.lastPathComponent.count)) }.sorted()
    }

    /// A file that took the place of a device would remove it.
    @Test func devicesAndPipesAreRefusedAndStay() throws {
        try withFile(header: "{}", data: []) { context, file in
            let (pipe, link) = (file + ".pipe", file + ".link")
            try #require(mkfifo(pipe, 0o600) == 0 && symlink("/dev/null", link) == 0)
            defer { for name in [pipe, link] { unlink(name) } }
            for (path, kind) in [(pipe, S_IFIFO), (link, S_IFLNK)] {
                for (caller, result) in [
                    ("save", strata_rt_save(context, path)), ("save_image", strata_rt_save_image(context, path, nil)),
                ] {
                    #expect(result != 0, "\(caller) \(path)")
                }
                #expect(
                    message(context)
                        == "save_image '\(path)': expected the name of a file, got a device or a pipe")
                var status = stat()
                #expect(lstat(path, &status) == 0 && status.st_mode & S_IFMT == kind)
            }
        }
    }

    static let bad: [(header: String, data: Int, message: String)] = [
        (
            #"{"weight":{"dtype":"F32","shape":[3,2],"data_offsets":[0,24]}}"#, 24,
            "tensor 'weight': expected f32[2,3], got f32[3,2]"
        ),
        (
            #"{"weight":{"dtype":"F16","shape":[2,3],"data_offsets":[0,12]}}"#, 24,
            "tensor 'weight': expected f32[2,3], got f16[2,3]"
        ),
        (
            #"{"weight":{"dtype":"F32","shape":[2,3],"data_offsets":[0,20]}}"#, 24,
            "tensor 'weight': bytes of data: expected 24, got 20"
        ),
        (
            #"{"weight":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}"#, 23,
            "tensor 'weight': the file is truncated: bytes of data in the file: expected at least 24, got 23"
        ),
        ("{}", 0, "tensor 'weight': expected f32[2,3], got no such tensor"),
        (#"{"weight":}"#, 0, "malformed header at byte 18: expected '{'"),
        (
            #"{"weight":{"dtype":"F32"}}"#, 0,
            #"malformed header at byte 32: expected "dtype", "shape" and "data_offsets""#
        ),
        (#"{"weight"#, 0, "malformed header at byte 16: expected the end of a string"),
        (
            #"{"weight":{"dtype":"F32","shape":[99999999999999999999]}}"#, 0,
            "malformed header at byte 60: expected a smaller number"
        ),
        ("", 0, "malformed header at byte 8: expected '{'"),
    ]

    @Test(arguments: bad)
    func refusesWithoutTouchingTheStates(header: String, data: Int, message expected: String) throws {
        try withFile(header: header, data: [UInt8](repeating: 9, count: data)) { context, path in
            #expect(strata_rt_load(context, path) == STRATA_RT_FILE.status)
            #expect(message(context) == "load '\(path)': " + expected)
            #expect(weight(context) == [1, 2, 3, 4, 5, 6])
        }
    }

    /// Every prefix of a good file is refused, whole files apart.
    @Test func refusesEveryTruncation() throws {
        try withFile(header: Self.good, data: [UInt8](repeating: 1, count: 32)) { context, path in
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            for length in 0..<whole.count {
                try whole.prefix(length).write(to: URL(fileURLWithPath: path))
                #expect(strata_rt_load(context, path) == STRATA_RT_FILE.status, "\(length) bytes")
            }
            #expect(weight(context) == [1, 2, 3, 4, 5, 6])
        }
    }

    /// Whatever single bytes of a file become, reading ends with a status, and a failure changes no state.
    @Test func survivesDamage() throws {
        try withFile(header: Self.good, data: [UInt8](repeating: 1, count: 32)) { context, path in
            let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
            var random: UInt64 = 1
            func next(_ bound: Int) -> Int {
                random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Int(random >> 33) % bound
            }
            for _ in 0..<400 {
                var damaged = whole
                for _ in 0...next(3) { damaged[next(whole.count)] = UInt8(next(256)) }
                try Data(damaged).write(to: URL(fileURLWithPath: path))
                let before = weight(context)
                let status = strata_rt_load(context, path)
                #expect(status == 0 || status == STRATA_RT_FILE.status)
                if status != 0 { #expect(weight(context).elementsEqual(before) { $0.bitPattern == $1.bitPattern }) }
            }
        }
    }

    @Test func refusesFilesThatAreNotThere() throws {
        try TestLibrary().withContext { context in
            #expect(strata_rt_load(context, "/nowhere/x") == STRATA_RT_FILE.status)
            #expect(message(context) == "load '/nowhere/x': cannot be opened")
            #expect(strata_rt_load(context, nil) == STRATA_RT_INVALID_ARGUMENT.status)
            #expect(message(context) == "load: the path is NULL")
            #expect(strata_rt_save(context, "/nowhere/x") == STRATA_RT_FILE.status)
            #expect(message(context) == "save '/nowhere/x': cannot be created")
        }
    }

    private func weight(_ context: OpaquePointer) -> [Float] {
        var weight = [Float](repeating: 0, count: 6)
        #expect(strata_rt_get(context, "weight", &weight, 24) == 0)
        return weight
    }

    private func bytes(_ scalars: [Float]) -> [UInt8] { scalars.withUnsafeBytes { Array($0) } }

    private func withFile(header: String, data: [UInt8], _ body: (OpaquePointer, String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/weights"
        let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
        try Data(length + Array(header.utf8) + data).write(to: URL(fileURLWithPath: path))
        try TestLibrary().withContext { try body($0, path) }
    }
}
