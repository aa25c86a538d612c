import LaunchTemplates
import Mustache

/// The templates of what engines are given, part of the program.
enum LaunchTemplate {
    case slurm, kubernetes

    /// The template with its values put in; those that are nil leave out the lines that are about them.
    func render(_ values: [String: Any?]) throws -> String {
        let text = String(cString: self == .slurm ? strata_template_slurm_text() : strata_template_kubernetes_text())
        return try MustacheTemplate(string: text).render(values.compactMapValues { $0 })
    }
}
