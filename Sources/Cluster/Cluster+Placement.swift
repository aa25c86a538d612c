import CMPI
import Glibc

extension Cluster {
    /// How many threads this process should use: the processors that it may run on, shared with the processes of the same
    /// machine that may run on the same ones; at least 1.
    ///
    /// All processes call it together. Throws a `ClusterError` when a process failed or is elsewhere.
    public func processorsPerProcess() throws -> Int {
        let placement = Placement.ofThisProcess()
        let sharing = try gather(placement.bytes, "sharing processors").filter { $0 == placement.bytes }
        return max(1, placement.processors / max(1, sharing.count))
    }

    /// The least of the processes' values.
    ///
    /// All processes call it together. Throws a `ClusterError` when a process failed or is elsewhere.
    public func agreeOnLeast(_ value: Int, _ name: String) throws -> Int {
        let bytes = withUnsafeBytes(of: Int64(value).littleEndian) { Array($0) }
        return try gather(bytes, name)
            .map { $0.withUnsafeBytes { Int(Int64(littleEndian: $0.loadUnaligned(as: Int64.self))) } }
            .reduce(value, min)
    }
}

/// Where a process runs.
package struct Placement {
    /// The machine's name, or the container's.
    package var host: String
    /// The processors that the process may run on, a bit each.
    package var mask: [UInt8]
    /// How many processors' time the container may use; nil without a limit.
    package var quota: Int?

    package init(host: String, mask: [UInt8], quota: Int? = nil) {
        self.host = host
        self.mask = mask
        self.quota = quota
    }

    /// How many processors the process may use, with those it shares them with.
    package var processors: Int { min(mask.reduce(0) { $0 + $1.nonzeroBitCount }, quota ?? Int.max) }

    /// What processes that share processors have in common; as long for all.
    package var bytes: [UInt8] {
        let name = Array(host.utf8.prefix(Self.nameBytes))
        return name + Array(repeating: 0, count: Self.nameBytes - name.count) + mask
    }

    /// Linux's limit is 64.
    private static let nameBytes = 64

    static func ofThisProcess() -> Placement {
        Placement(host: hostName(), mask: affinity(), quota: controlGroup().flatMap(quota(ofGroup:)))
    }

    private static func hostName() -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: nameBytes + 1) { name in
            guard let text = name.baseAddress, gethostname(text, name.count) == 0 else { return "" }
            return String(cString: text)
        }
    }

    /// Where they are not known, all processors that are in use.
    private static func affinity() -> [UInt8] {
        var mask = [UInt8](repeating: 0, count: 1024)
        if strata_allowed_processors(&mask, mask.count) != 0 {
            for at in 0..<min(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))), mask.count * 8) {
                mask[at / 8] |= 1 << (at % 8)
            }
        }
        return mask
    }

    /// The folder of the control group that the process is in, in version 2 of them.
    private static func controlGroup() -> String? {
        guard let line = firstLine(of: "/proc/self/cgroup"), line.hasPrefix("0::") else { return nil }
        return "/sys/fs/cgroup" + line.dropFirst(3)
    }

    /// The limit on processor time, rounded up: `cpu.max` says `400000 100000` for four processors, `max 100000` for no limit.
    package static func quota(ofGroup folder: String) -> Int? {
        guard let line = firstLine(of: "\(folder)/cpu.max") else { return nil }
        let numbers = line.split(separator: " ").map { Int($0) }
        guard numbers.count == 2, let time = numbers[0], let period = numbers[1], period > 0 else { return nil }
        return max(1, (time + period - 1) / period)
    }

    private static func firstLine(of path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 4096)
        guard fgets(&buffer, Int32(buffer.count), file) != nil else { return nil }
        return String(decoding: buffer.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
