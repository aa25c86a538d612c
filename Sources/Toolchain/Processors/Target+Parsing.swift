@_exported import KernelIR

extension Target {
    /// The triples that artifacts can be made for.
    public static var knownTriples: [String] {
        Architecture.allCases.map { Target(architecture: $0, level: .baseline).triple }
    }

    /// One target for each CPU level of an architecture, from the least to the most capable.
    public static func all(of architecture: Architecture) -> [Target] {
        CPULevel.levels(of: architecture).map { Target(architecture: architecture, level: $0) }
    }

    /// This machine, at the highest level that its processor and operating system offer.
    public static var host: Target { Target(architecture: HostProcessor.architecture, level: HostProcessor.level) }

    /// Reads a target as a user writes it.
    ///
    /// - Parameters:
    ///   - triple: `host`, a triple such as `x86_64-unknown-linux-gnu` (its vendor may be another or left out), or an
    ///     architecture alone.
    ///   - level: the name of a CPU level, or nil for the host's own level or, on a named target, the baseline.
    /// - Throws: `ToolchainError.unknownTriple` or `.unknownLevel`, which list what is known.
    public static func parse(triple: String, level: String?) throws -> Target {
        if triple == "host" {
            let host = Target.host
            return Target(
                architecture: host.architecture, level: try parse(level, of: host.architecture) ?? host.level)
        }
        guard let architecture = architecture(ofTriple: triple) else { throw ToolchainError.unknownTriple(triple) }
        return Target(architecture: architecture, level: try parse(level, of: architecture) ?? .baseline)
    }

    /// The triple and level as one phrase, for messages.
    public var summary: String { "\(triple) at level \(level.rawValue)" }

    private static func parse(_ level: String?, of architecture: Architecture) throws -> CPULevel? {
        guard let level else { return nil }
        let known = CPULevel.levels(of: architecture)
        guard let found = known.first(where: { $0.rawValue == level }) else {
            throw ToolchainError.unknownLevel(
                level, architecture: architecture.rawValue, known: known.map(\.rawValue))
        }
        return found
    }

    private static func architecture(ofTriple triple: String) -> Architecture? {
        let parts = triple.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard let first = parts.first, let architecture = Architecture(rawValue: first) else { return nil }
        switch parts.count {
        case 1: return architecture
        case 3 where parts[1...] == ["linux", "gnu"]: return architecture
        case 4 where parts[2...] == ["linux", "gnu"] && !parts[1].isEmpty: return architecture
        default: return nil
        }
    }
}
