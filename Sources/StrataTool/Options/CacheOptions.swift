import ArgumentParser
import Foundation
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
        guard let cache else { return }
        if noCache { throw ValidationError("--cache and --no-cache exclude each other") }
        do {
            try FileManager.default.createDirectory(atPath: cache, withIntermediateDirectories: true)
        } catch {
            throw ValidationError(
                "--cache \(cache): the folder can't be made: \(error.systemReason); name another, or use --no-cache")
        }
    }

    /// The cache asked for; nil for none.
    var buildCache: BuildCache? { noCache ? nil : cache.map { BuildCache(folder: $0) } ?? .standard }
}
