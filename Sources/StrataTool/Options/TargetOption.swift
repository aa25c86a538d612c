import ArgumentParser
import Toolchain

/// A machine and a CPU level as options name them.
enum TargetOption {
    /// The target; throws a `ValidationError` that lists what is known, for a machine or a level that is not.
    static func parse(_ triple: String = "host", level: String?) throws -> Target {
        do { return try Target.parse(triple: triple, level: level) } catch { throw ValidationError("\(error)") }
    }
}
