/// A manifest that has Kubernetes start a job: an MPIJob, which the Kubeflow MPI operator runs.
public struct KubernetesManifest: Sendable, Equatable {
    /// A volume that all processes see.
    public struct Volume: Sendable, Equatable {
        /// The name of its claim.
        public let claim: String
        /// Where the processes see it.
        public let path: String

        /// Describes a volume.
        ///
        /// Throws a `LaunchError` for a claim or path that Kubernetes would not take.
        public init(claim: String, path: String) throws {
            let option = "--volume \(claim):\(path)"
            guard isLabel(claim, dots: true, limit: 253) else {
                throw LaunchError(place: option, reason: "'\(claim)' is no claim's name", remedy: remedyForNames)
            }
            guard path.hasPrefix("/"), !path.contains(":") else {
                throw LaunchError(
                    place: option, reason: "'\(path)' is no place in a container",
                    remedy: "give a path that begins with / and has no ':'")
            }
            self.claim = claim
            self.path = path
        }
    }

    private let job: LaunchJob
    private let image: String
    private let volume: Volume?
    private let namespace: String?

    /// Describes a manifest.
    ///
    /// Throws a `LaunchError` for no image, and names that Kubernetes would not take.
    public init(_ job: LaunchJob, image: String?, volume: Volume? = nil, namespace: String? = nil) throws {
        guard let image, !image.isEmpty, !image.contains(where: \.isWhitespace) else {
            throw LaunchError(
                place: "--image\(image.map { " '\($0)'" } ?? "")", reason: "no container image is named",
                remedy: "give one with the program, MPI and an SSH server in it: --image registry.example/train:1")
        }
        if let name = job.name, !isLabel(name, limit: 40) || Self.beginsWithDigit(name) {
            throw LaunchError(
                place: "--name \(name)", reason: "not a name that Kubernetes takes",
                remedy: "\(remedyForNames), a letter first, at most 40, for names of pods and a service are made of it")
        }
        if let namespace, !isLabel(namespace, limit: 63) {
            throw LaunchError(
                place: "--namespace \(namespace)", reason: "not a name that Kubernetes takes", remedy: remedyForNames)
        }
        self.job = job
        self.image = image
        self.volume = volume
        self.namespace = namespace
    }

    /// The job's name. That of a service, which the operator makes of it, begins with a letter.
    private var name: String {
        let name = job.name ?? job.nameOfProgram
        return Self.beginsWithDigit(name) ? "job-\(name)" : name
    }

    private static func beginsWithDigit(_ name: String) -> Bool { name.utf8.first.map(LaunchJob.isDigit) == true }

    /// The manifest; equal jobs give equal texts.
    public var text: String {
        get throws {
            // A worker is a machine; without a number of them, each process has its own.
            let workers = job.nodes ?? job.processes
            let slots = (job.processes + workers - 1) / workers
            // Kubernetes puts variables in for $(NAME), and takes $$ for $.
            let words = (["mpirun"] + MPICommand(inContainers: job).arguments).map { $0.replacing("$", with: "$$") }
            return try LaunchTemplate.kubernetes.render([
                "name": YAMLText.quoted(name),
                "namespace": namespace.map { ["namespace": YAMLText.quoted($0)] },
                "slots": slots,
                "image": YAMLText.quoted(image),
                "command": words.map(YAMLText.quoted),
                "workers": workers,
                "processors": slots * (job.threads ?? 1),
                "volume": volume.map { ["path": YAMLText.quoted($0.path), "claim": YAMLText.quoted($0.claim)] },
            ])
        }
    }
}

private let remedyForNames = "use lower-case letters and digits, with '-' between them"

/// Whether a text is a label of RFC 1123, or labels with dots between them.
private func isLabel(_ text: String, dots: Bool = false, limit: Int) -> Bool {
    guard text.utf8.count <= limit else { return false }
    let labels = dots ? text.split(separator: ".", omittingEmptySubsequences: false) : [Substring(text)]
    return labels.allSatisfy { label in
        !label.isEmpty && label.first != "-" && label.last != "-"
            && label.utf8.allSatisfy { (97...122).contains($0) || LaunchJob.isDigit($0) || $0 == UInt8(ascii: "-") }
    }
}
