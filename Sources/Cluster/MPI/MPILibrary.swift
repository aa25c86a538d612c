import CMPI

/// An MPI library, loaded when a program asks for a cluster and not before, so that all else works without it.
///
/// Sendable because its table is never changed and never freed; who calls it from several threads does so one at a time.
package struct MPILibrary: @unchecked Sendable {
    /// The file it came from, as it was looked for.
    let file: String
    /// Its functions.
    let functions: OpaquePointer

    /// Loads the first of some libraries, by names or paths, that is one of MPI.
    ///
    /// Throws a `ClusterError` that names the package to install.
    package static func load(_ candidates: [String]) throws -> MPILibrary {
        var reasons: [String] = []
        for file in candidates {
            var message: UnsafeMutablePointer<CChar>?
            defer { strata_mpi_free(message) }
            if let functions = strata_mpi_load(file, &message) { return MPILibrary(file: file, functions: functions) }
            let reason = message.map { String(cString: $0) } ?? "no reason given"
            if !reason.hasSuffix("cannot open shared object file: No such file or directory") { reasons.append(reason) }
        }
        let detail = reasons.isEmpty ? "" : " (\(reasons.joined(separator: "; ")))"
        throw ClusterError(
            place: "MPI", reason: "there is no library under \(candidates.joined(separator: ", "))\(detail)",
            remedy:
                "install one, on Debian by 'sudo apt-get install --no-install-recommends openmpi-bin', or give the path "
                + "of another to Cluster.mpi(library:)")
    }

    /// What the library calls itself, as `Open MPI 4.1.4`.
    var version: String {
        let text = Self.text { _ = strata_mpi_version(functions, $0) }
        let words = text.prefix { $0 != "," && !$0.isNewline }.split { $0.isWhitespace }
        return words.filter { $0 != "Version:" }
            .map { $0.first == "v" && $0.dropFirst().first?.isNumber == true ? $0.dropFirst() : $0 }
            .joined(separator: " ")
    }

    /// How far MPI is in this process.
    var phase: strata_mpi_phase { strata_mpi_phase(functions) }

    /// Throws a `ClusterError` with what the library says of a code that is not success.
    func check(_ code: Int32, _ place: String, remedy: String) throws {
        guard code != 0 else { return }
        let reason = Self.text { strata_mpi_error_text(functions, code, $0) }
        throw ClusterError(place: place, reason: "\(version) says: \(reason)", remedy: remedy)
    }

    private static func text(_ write: (UnsafeMutablePointer<CChar>) -> Void) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(strata_mpi_text_bytes)) { buffer in
            guard let text = buffer.baseAddress else { return "" }
            text.pointee = 0
            write(text)
            return String(cString: text)
        }
    }
}
