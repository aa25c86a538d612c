import Foundation
import HostTensors
import Testing

@Suite("Whole files")
struct WholeFileTests {
    private struct Interruption: Error {}

    @Test func missingFilesAndFoldersAreNamed() throws {
        #expect(
            message { _ = try WholeFile.read(path: "/absent/file") }
                == "/absent/file: the whole file: expected a readable file, found \"No such file or directory\"; "
                + "check the path and its permissions")
        #expect(
            message { _ = try WholeFile.read(path: "/") }
                == "/: the whole file: expected a file, found a folder; name a file in the folder")
        #expect(
            message { try WholeFile.write([1], path: "/absent/file") }
                == "/absent/file: the whole file: expected a folder to write to, found \"No such file or directory\"; "
                + "create /absent or check its permissions")
    }

    @Test func writingReplacesWholeFilesOnly() throws {
        try Fixture.withTemporaryFolder { folder in
            let path = "\(folder)/data"
            try WholeFile.write([1, 2, 3], path: path)
            #expect(throws: Interruption.self) {
                try WholeFile.write(path: path) { append in
                    try [9, 9].withUnsafeBytes { try append($0) }
                    throw Interruption()
                }
            }
            #expect(try WholeFile.read(path: path) == [1, 2, 3])
            try WholeFile.write([4], path: path)
            #expect(try WholeFile.read(path: path) == [4])
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["data"])
        }
    }

    /// What killed processes have left goes; what another is writing stays.
    @Test func whatIsLeftHalfWrittenGoesWithTheNextWriting() throws {
        try Fixture.withTemporaryFolder { folder in
            let path = "\(folder)/data"
            let others = try ["data.partial-x", "other.partial-0"].map {
                try WholeFile.write([1], path: "\(folder)/\($0)"); return $0
            }
            for number in [0, 2, 3] { try WholeFile.write([1], path: "\(path).partial-\(number)") }
            let inUse = open("\(path).partial-1", O_WRONLY | O_CREAT, 0o644)
            #expect(flock(inUse, LOCK_EX | LOCK_NB) == 0)
            try WholeFile.write([2], path: path)
            #expect(try WholeFile.read(path: path) == [2])
            func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }
            #expect(try names() == (["data", "data.partial-1", "data.partial-2", "data.partial-3"] + others).sorted())
            close(inUse)
            try WholeFile.write([3], path: path)
            #expect(try names() == (["data"] + others).sorted())
        }
    }

    @Test func whatIsNoFileIsWrittenIntoAndStays() throws {
        try Fixture.withTemporaryFolder { folder in
            let pipe = "\(folder)/pipe"
            try #require(mkfifo(pipe, 0o600) == 0)
            let reader = open(pipe, O_RDWR | O_NONBLOCK)
            defer { close(reader) }
            try WholeFile.write([1, 2, 3], path: pipe)
            var received = [UInt8](repeating: 0, count: 8)
            #expect(read(reader, &received, 8) == 3)
            #expect(received.prefix(3) == [1, 2, 3])
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["pipe"])
            #expect(try WholeFile.replacedPath(pipe) == nil)
            try WholeFile.write([1], path: "/dev/null")
            #expect(
                message { try WholeFile.write([1], path: "/dev/full") }
                    == "/dev/full: the whole file: expected room for 1 more bytes, found \"No space left on device\"; "
                    + "free disk space")
            #expect(
                message { try WholeFile.write([1], path: folder) }
                    == "\(folder): the whole file: expected a file to write, found a folder; name a file in the folder")
        }
    }

    @Test func aLinkStaysAndItsFileIsReplaced() throws {
        try Fixture.withTemporaryFolder { folder in
            let (link, path) = ("\(folder)/link", "\(folder)/data")
            try WholeFile.write([1], path: path)
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "data")
            try WholeFile.write([2], path: link)
            #expect(try WholeFile.read(path: path) == [2])
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "data")
        }
    }

    @Test func filesWithoutASizeAreRead() throws {
        #expect(try !WholeFile.read(path: "/proc/self/status").isEmpty)
    }
}
