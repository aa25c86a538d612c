import Foundation
import Testing
import Toolchain

@Suite struct BuildCacheTests {
    private static func files(_ cache: BuildCache) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: cache.folder)) ?? []).sorted()
    }

    private static func withCache(byteLimit: Int = 1 << 20, _ body: (BuildCache) throws -> Void) throws {
        try TemporaryFolder.with { try body(BuildCache(folder: $0 + "/some/cache", byteLimit: byteLimit)) }
    }

    @Test func whatIsKeptIsNotMadeAgain() throws {
        try Self.withCache { cache in
            let made = Optional(cache).bytes("key") { [1, 2, 3] }
            let kept = Optional(cache).bytes("key") {
                Issue.record("made again")
                return []
            }
            #expect(made == [1, 2, 3])
            #expect(kept == [1, 2, 3])
            #expect(cache.read("other") == nil)
            #expect(Self.files(cache) == ["key"])
        }
    }

    @Test func withoutACacheEverythingIsMade() {
        #expect(BuildCache?.none.bytes("key") { [4] } == [4])
    }

    /// One byte changed, bytes missing, nothing left, and a folder where the file should be.
    @Test(arguments: ["changed", "shortened", "empty", "folder"])
    func aDamagedEntryIsMadeAgain(damage: String) throws {
        try Self.withCache { cache in
            cache.keep(Array("content".utf8), under: "key")
            let path = cache.folder + "/key"
            var bytes = try #require(FileManager.default.contents(atPath: path))
            switch damage {
            case "changed": bytes[bytes.count - 1] ^= 1
            case "shortened": bytes.removeLast()
            default: bytes = Data()
            }
            try FileManager.default.removeItem(atPath: path)
            if damage == "folder" {
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            } else {
                try bytes.write(to: URL(fileURLWithPath: path))
            }
            #expect(cache.read("key") == nil)
            #expect(Optional(cache).bytes("key") { [7] } == [7])
            if damage != "folder" { #expect(cache.read("key") == [7]) }
        }
    }

    @Test func aFolderThatCanNotBeMadeMakesNoDifference() {
        let cache = BuildCache(folder: "/proc/no/such")
        #expect(Optional(cache).bytes("key") { [5] } == [5])
        #expect(cache.read("key") == nil)
        cache.trim()
    }

    @Test func whatWasNotUsedForLongestGoes() throws {
        try Self.withCache(byteLimit: 10_000) { cache in
            for name in ["a", "b", "c", "d"] {
                cache.keep([UInt8](repeating: 1, count: 2_000), under: name)
                let time = Double(name.utf8.first ?? 0)
                try FileManager.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSince1970: time)], ofItemAtPath: cache.folder + "/" + name)
            }
            cache.trim()
            #expect(Self.files(cache) == ["a", "b", "c", "d"])
            #expect(cache.read("a") != nil)
            cache.keep([UInt8](repeating: 1, count: 3_000), under: "e")
            cache.trim()
            #expect(Self.files(cache) == ["a", "d", "e"])
        }
    }

    @Test func manyWritersLeaveOneWholeEntry() throws {
        try Self.withCache { cache in
            let content = [UInt8](repeating: 9, count: 100_000)
            DispatchQueue.concurrentPerform(iterations: 16) { _ in
                let bytes = Optional(cache).bytes("key") { content }
                #expect(bytes == content)
            }
            #expect(Self.files(cache) == ["key"])
            #expect(cache.read("key") == content)
        }
    }

    @Test func aKeyIsOfAllPartsAndTheirBorders() {
        let keys = [["ab", "c"], ["a", "bc"], ["abc"], ["ab", "c", ""], ["ab", "d"]].map(BuildCache.key)
        #expect(Set(keys).count == keys.count)
        #expect(keys.allSatisfy { $0.count == 64 })
    }

    @Test func aFileIsAnotherWhenItChanges() throws {
        try TemporaryFolder.with { folder in
            let path = folder + "/a tool"
            try Data("one".utf8).write(to: URL(fileURLWithPath: path))
            let identity = try FileIdentity(path: path)
            #expect(identity.isCurrent)
            #expect(FileIdentity(text: identity.text).isCurrent)
            try Data("three".utf8).write(to: URL(fileURLWithPath: path))
            #expect(!identity.isCurrent)
            try FileManager.default.removeItem(atPath: path)
            #expect(!identity.isCurrent)
            #expect(throws: ProgramError.self) { try FileIdentity(path: path) }
        }
    }

    @Test func anObjectDependsOnTextTargetAndPasses() throws {
        let ir = "define i32 @f() {\n  ret i32 1\n}\n"
        let host = Target(architecture: .x86_64, level: .v3)
        let keys = [
            try LLVMCompiler.key(irs: [ir], target: host),
            try LLVMCompiler.key(irs: [ir + "\n"], target: host),
            try LLVMCompiler.key(irs: [ir], target: Target(architecture: .x86_64, level: .v4)),
            try LLVMCompiler.key(irs: [ir], target: Target(architecture: .aarch64, level: .baseline)),
            try LLVMCompiler.key(irs: [ir], target: host, optimize: .none),
        ]
        #expect(Set(keys).count == keys.count)
    }
}
