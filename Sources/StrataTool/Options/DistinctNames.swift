import ArgumentParser

/// That an option which may be repeated names nothing twice.
enum DistinctNames {
    /// Throws a `ValidationError` that names the option, as `--dim`, and the first name that comes a second time.
    static func require(_ names: [String], _ option: String, _ thing: String) throws {
        var seen: Set<String> = []
        for name in names where !seen.insert(name).inserted {
            throw ValidationError("\(option) \(name)=…: the \(thing) is given twice")
        }
    }
}
