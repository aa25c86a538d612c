import ArgumentParser
import Toolchain

/// Where compiled code is kept between runs.
struct CacheOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Keep compiled code in this folder. (default: $XDG_CACHE_HOME/strata, or ~/.cache/strata)", valueName: "dir"
        ))
    var cache: String?

    @Flag(help: "Compile everything anew, and keep nothing.")
    var noCache = false

    func validate() throws {
        if noCache, cache != nil { throw ValidationError("--cache and --no-cache exclude each other") }
    }

    /// The cache asked for; nil for none.
    var buildCache: BuildCache? { noCache ? nil : cache.map { BuildCache(folder: $0) } ?? .standard }
}
