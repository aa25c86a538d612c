import ArgumentParser
import Foundation

/// `strata tour`: for `strata tour > docs/tour.md` after something changed that the page shows.
struct TourCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tour", abstract: "Print the text of docs/tour.md, from dumps of every stage.",
        shouldDisplay: false)

    @Option(help: ArgumentHelp("The folder of the repository, for the model's source.", valueName: "folder"))
    var root = "."

    func run() throws {
        let path = "\(root)/\(TourPage.sourcePath)"
        guard let source = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw Failure("can't read \(path): run this in the repository, or name its folder with --root")
        }
        Standard.output(try TourPage(source: source).text())
    }
}
