/// What can go wrong with other programs and with files, each with its place.
public enum ProgramError: Error, Hashable, Sendable {
    /// A program that could not be started.
    case cannotStart(program: String, reason: String)
    /// A file that could not be read, written or removed.
    case fileFailed(path: String, operation: String, reason: String)
    /// Intermediate files that could not be made in the folder of temporary files.
    case temporaryFailed(folder: String, reason: String)
    /// Bytes that are no 64-bit little-endian ELF file.
    case malformedELF(reason: String)
}

extension ProgramError: CustomStringConvertible {
    /// The place and what was wrong, as one message.
    public var description: String {
        switch self {
        case .cannotStart(let program, let reason): "\(program) can't be started: \(reason)"
        case .fileFailed(let path, let operation, let reason): "\(path) can't be \(operation): \(reason)"
        case .temporaryFailed(let folder, let reason):
            "temporary files can't be made in \(folder): \(reason): make room there, or set TMPDIR to another folder"
        case .malformedELF(let reason): "not a 64-bit little-endian ELF file: \(reason)"
        }
    }

    /// The command that installs a package of Debian.
    package static func install(_ package: String) -> String {
        "sudo apt-get install --no-install-recommends \(package)"
    }
}
