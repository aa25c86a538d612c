import CArtifactRuntime
import Foundation
import Testing

/// Images of contexts: what they hold, who sees what is written, and what is refused.
@Suite struct ImageTests {
    @Test func holdsTheStatesAndWhatIsKept() throws {
        try withImage { path in
            try TestLibrary().withContext { context in
                #expect(strata_rt_map_image(context, path, nil) == 0, "\(message(context))")
                #expect(weight(context) == [2, 3, 4, 5, 6, 7])
                // What is kept was taken once, for the image, and is not taken again.
                for _ in 0..<2 { #expect(scaled(context) == [2, 4, 6]) }
                #expect(renewals(context) == 1)
            }
        }
    }

    @Test func aStateThatIsSetRenewsWhatIsKeptAndStaysItsContexts() throws {
        try withImage { path in
            let whole = try contents(path)
            try TestLibrary().withContext { one in
                try TestLibrary().withContext { other in
                    for context in [one, other] { #expect(strata_rt_map_image(context, path, nil) == 0) }
                    #expect(strata_rt_set(one, "weight", [Float](repeating: 9, count: 6), 24) == 0)
                    for _ in 0..<2 { #expect(scaled(one) == [9, 18, 27]) }
                    #expect(renewals(one) == 2)
                    #expect(scaled(other) == [2, 4, 6])
                    #expect(renewals(other) == 1)
                }
            }
            #expect(try contents(path) == whole)
        }
    }

    @Test func equalStatesGiveEqualBytes() throws {
        try withImage { path in
            let whole = try contents(path)
            // Another context, whose kept memory held something else before; and one that was mapped itself.
            try TestLibrary().withContext { context in
                #expect(scaled(context) == [1, 2, 3])
                #expect(strata_rt_set(context, "weight", Self.saved, 24) == 0)
                #expect(strata_rt_set(context, "step", [Int64(0)], 8) == 0)
                #expect(strata_rt_save_image(context, path + "2", "here") == 0)
                let other = try contents(path + "2")
                #expect(other == whole)
            }
            try TestLibrary().withContext { context in
                #expect(strata_rt_map_image(context, path, nil) == 0)
                #expect(strata_rt_save_image(context, path, "here") == 0)
                let same = try contents(path)
                #expect(same == whole)
                #expect(scaled(context) == [2, 4, 6])
            }
        }
    }

    @Test func anotherImageTakesThePlaceOfOneThatIsMapped() throws {
        try withImage { path in
            try TestLibrary().withContext { reader in
                #expect(strata_rt_map_image(reader, path, nil) == 0)
                try TestLibrary().withContext { writer in
                    #expect(strata_rt_set(writer, "weight", [Float](repeating: 8, count: 6), 24) == 0)
                    #expect(strata_rt_save_image(writer, path, nil) == 0)
                }
                #expect(scaled(reader) == [2, 4, 6])
                #expect(strata_rt_map_image(reader, path, nil) == 0)
                #expect(scaled(reader) == [8, 16, 24])
                let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["image"])
            }
        }
    }

    /// What is wrong with an image, or with what maps it.
    struct Bad: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let status: Int32
        let message: String
        var damage: @Sendable (inout [UInt8]) -> Void = { _ in }
        var name = "test"
        var level = "baseline"
        var identity = "build 1"
        var source: String?
    }

    private static let again = ": write it again with save_image"
    private static let file = STRATA_RT_FILE.status
    private static let unsupported = STRATA_RT_UNSUPPORTED.status

    static let bad = [
        Bad(
            testDescription: "empty", status: file,
            message: "expected an image written by save_image, got a file of another kind", damage: { $0 = [] }),
        Bad(
            testDescription: "another kind of file", status: file,
            message: "expected an image written by save_image, got a file of another kind",
            damage: { $0 = Array(repeating: 7, count: 20_000) }),
        Bad(
            testDescription: "cut in its header", status: file, message: "truncated within its header" + again,
            damage: { $0.removeSubrange(100...) }),
        Bad(
            testDescription: "cut by a byte", status: file,
            message: "truncated or damaged: expected 12288 bytes, got 12287" + again, damage: { $0.removeLast() }),
        Bad(
            testDescription: "a byte more", status: file,
            message: "truncated or damaged: expected 12288 bytes, got 12289" + again, damage: { $0.append(0) }),
        Bad(
            testDescription: "another format", status: unsupported,
            message: "of format 2, this library reads 1" + again, damage: { $0[16] = 2 }),
        Bad(
            testDescription: "another size", status: file, message: "its header is damaged" + again,
            damage: { $0[24] ^= 1 }),
        Bad(
            testDescription: "another library", status: unsupported,
            message: "of library 'test', expected 'other'" + again, name: "other"),
        Bad(
            testDescription: "another CPU level", status: unsupported,
            message: "of CPU level baseline, this context uses plain: choose that variant, or write an image of this "
                + "one",
            level: "plain"),
        Bad(
            testDescription: "another build", status: unsupported,
            message: "of another build of 'test', with other states, options or code" + again, identity: "build 2"),
        Bad(
            testDescription: "other weights", status: unsupported,
            message: "made from 'here', expected 'there'" + again,
            source: "there"),
    ]

    @Test(arguments: bad) func refusesAndStaysAsItWas(bad: Bad) throws {
        try withImage { path in
            var bytes = try contents(path)
            bad.damage(&bytes)
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            let library = TestLibrary(name: bad.name, levels: [(bad.level, 0)], identity: bad.identity)
            try library.withContext { context in
                #expect(strata_rt_map_image(context, path, bad.source) == bad.status)
                #expect(message(context) == "map_image '\(path)': " + bad.message)
                #expect(weight(context) == [1, 2, 3, 4, 5, 6])
                #expect(scaled(context) == [1, 2, 3])
            }
        }
    }

    @Test func refusesDamageAnywhereInItsHeaderAndEveryLength() throws {
        try withImage { path in
            let whole = try contents(path)
            try TestLibrary().withContext { context in
                // Magic, format, size, four texts, checksum.
                for place in 0..<(16 + 8 + 8 + 256 + 32 + 96 + 1024 + 8) {
                    var damaged = whole
                    damaged[place] ^= 0x55
                    try Data(damaged).write(to: URL(fileURLWithPath: path))
                    #expect(strata_rt_map_image(context, path, nil) != 0, "byte \(place)")
                }
                for length in stride(from: 0, to: whole.count, by: 97) {
                    try Data(whole.prefix(length)).write(to: URL(fileURLWithPath: path))
                    #expect(strata_rt_map_image(context, path, nil) == Self.file, "\(length) bytes")
                }
                #expect(weight(context) == [1, 2, 3, 4, 5, 6])
            }
        }
    }

    @Test func refusesPathsAndSourcesThatCanNotBe() throws {
        try TestLibrary().withContext { context in
            let long = String(repeating: "s", count: 1024)
            let invalid = STRATA_RT_INVALID_ARGUMENT.status
            let cases: [(Int32, Int32, String)] = [
                (strata_rt_map_image(context, nil, nil), invalid, "map_image: the path is NULL"),
                (strata_rt_save_image(context, nil, nil), invalid, "save_image: the path is NULL"),
                (
                    strata_rt_save_image(context, "/nowhere/x", long), invalid,
                    "save_image: the source: got 1024 bytes, allowed at most 1023"
                ),
                (strata_rt_map_image(nil, "/nowhere/x", nil), invalid, "the context is NULL"),
            ]
            for (status, expected, _) in cases { #expect(status == expected) }
            #expect(message(context) == cases[2].2)
            #expect(strata_rt_map_image(context, "/nowhere/x", nil) == Self.file)
            #expect(message(context) == "map_image '/nowhere/x': cannot be opened")
            #expect(strata_rt_map_image(context, "/tmp", nil) == Self.file)
            #expect(
                message(context)
                    == "map_image '/tmp': expected an image written by save_image, got a file of another kind")
            #expect(strata_rt_save_image(context, "/nowhere/x", nil) == Self.file)
            #expect(message(context) == "save_image '/nowhere/x': cannot be created")
            #expect(strata_rt_save_image(context, "/proc/x", nil) == Self.file)
            #expect(message(context) == "save_image '/proc/x': cannot be created")
        }
    }

    private static let saved: [Float] = [2, 3, 4, 5, 6, 7]

    /// An image with weights 2…7 from "here", in a folder of its own.
    private func withImage(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.path + "/image"
        try TestLibrary().withContext { context in
            #expect(strata_rt_set(context, "weight", Self.saved, 24) == 0)
            #expect(strata_rt_save_image(context, path, "here") == 0, "\(message(context))")
        }
        try body(path)
    }

    private func contents(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    private func weight(_ context: OpaquePointer) -> [Float] {
        var weight = [Float](repeating: 0, count: 6)
        #expect(strata_rt_get(context, "weight", &weight, 24) == 0)
        return weight
    }

    /// How often the function has computed what it keeps.
    private func renewals(_ context: OpaquePointer) -> Int64 {
        var step: Int64 = 0
        #expect(strata_rt_get(context, "step", &step, 8) == 0)
        return step
    }

    private func scaled(_ context: OpaquePointer) -> [Float] {
        let input: [Float] = [1, 2, 3]
        var output: [Float] = [0, 0, 0]
        let status = input.withUnsafeBytes { input in
            output.withUnsafeMutableBytes { output in
                strata_rt_call_named(context, "scale", [1], [input.baseAddress], [output.baseAddress])
            }
        }
        #expect(status == 0)
        return output
    }
}
