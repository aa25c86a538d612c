import HostTensors

/// Puts the files of a checkpoint on a disk.
public protocol CheckpointFileWriter: Sendable {
    /// Writes a new file; it must have reached the disk when the call returns.
    func write(_ bytes: [UInt8], path: String) throws
}

/// Writes to the file system, and returns when the disk has the bytes.
public struct DiskFileWriter: CheckpointFileWriter {
    /// Makes a writer.
    public init() {}

    /// Writes a new file and flushes it to the disk; throws a `FileError` when there is no room.
    public func write(_ bytes: [UInt8], path: String) throws { try WholeFile.write(bytes, path: path) }
}
