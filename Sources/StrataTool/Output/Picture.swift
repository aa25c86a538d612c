import ArgumentParser
import HostTensors
import Toolchain

/// A picture that is drawn as SVG, and written in the format that its file's name ends with.
struct Picture {
    /// The drawing.
    let svg: String

    /// Writes the picture; `.png` needs librsvg's `rsvg-convert`.
    ///
    /// Throws a `ValidationError` for another ending, and a `Failure` when the converter is not there or refuses.
    func write(to path: String) throws {
        if try Self.ending(of: path) == "svg" { return try WholeFile.write(Array(svg.utf8), path: path) }
        try convert(to: path)
    }

    /// `svg` or `png`; throws a `ValidationError` for another ending.
    @discardableResult
    static func ending(of path: String) throws -> String {
        if let ending = path.split(separator: ".").last.map({ $0.lowercased() }), ["svg", "png"].contains(ending) {
            return ending
        }
        throw ValidationError("can't write a picture to '\(path)': its name must end with .svg or .png")
    }

    private func convert(to path: String) throws {
        guard let converter = Subprocess.find("rsvg-convert") else {
            throw Failure(
                "PNG pictures are made by rsvg-convert, which is not on the PATH: "
                    + "sudo apt-get install --no-install-recommends librsvg2-bin, or write .svg")
        }
        let outcome = try TemporaryFolder.with { folder in
            let drawing = "\(folder)/drawing.svg"
            try WholeFile.write(Array(svg.utf8), path: drawing)
            // Twice the size, for screens with small pixels.
            return try Subprocess.run(converter, ["--zoom", "2", "--format", "png", "--output", path, drawing])
        }
        guard outcome.isSuccess else {
            throw Failure("rsvg-convert can't write '\(path)': \(outcome.standardError)")
        }
    }
}
