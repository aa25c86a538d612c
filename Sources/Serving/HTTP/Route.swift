import NIOHTTP1

/// What a request asks for, by its method and path.
enum Route: Equatable {
    case live, ready, server, models, metrics
    case model(String)
    case modelReady(String)
    case infer(String)

    /// Reads a method and a path; throws a `RequestFailure` that names the paths, methods, models or versions there are.
    init(_ method: HTTPMethod, uri: String, models: [String]) throws {
        let path = Self.path(of: uri)
        var parts = path.split(separator: "/").map { $0.removingPercentEncoding ?? String($0) }
        var version: String?
        if parts.count >= 5, parts[0] == "v2", parts[1] == "models", parts[3] == "versions" {
            version = parts[4]
            parts.removeSubrange(3...4)
        }
        let name = parts.count > 2 ? parts[2] : ""
        let (route, allowed): (Route, HTTPMethod) =
            switch parts.count {
            case 1 where parts == ["metrics"]: (.metrics, .GET)
            case 1 where parts == ["v2"]: (.server, .GET)
            case 2 where parts == ["v2", "models"]: (.models, .GET)
            case 3 where parts == ["v2", "health", "live"]: (.live, .GET)
            case 3 where parts == ["v2", "health", "ready"]: (.ready, .GET)
            case 3 where parts.starts(with: ["v2", "models"]): (.model(name), .GET)
            case 4 where parts.starts(with: ["v2", "models"]) && parts[3] == "ready": (.modelReady(name), .GET)
            case 4 where parts.starts(with: ["v2", "models"]) && parts[3] == "infer": (.infer(name), .POST)
            default:
                throw RequestFailure(
                    status: .notFound,
                    message:
                        "there is nothing at '\(path)'; there are /v2, /v2/health/live, /v2/health/ready, /v2/models, "
                        + "/v2/models/NAME, /v2/models/NAME/ready, /v2/models/NAME/infer, /metrics")
            }
        if parts.count > 2, parts[1] == "models" {
            guard models.contains(name) else {
                let known = models.map { "'\($0)'" }.joined(separator: ", ")
                throw RequestFailure(status: .notFound, message: "there is no model '\(name)'; there are \(known)")
            }
            if let version, version != Metadata.version {
                throw RequestFailure(
                    status: .notFound,
                    message: "model '\(name)' has no version '\(version)'; it has '\(Metadata.version)'")
            }
        }
        // HEAD asks for what GET gives, without its body.
        guard method == allowed || (method, allowed) == (.HEAD, .GET) else {
            throw RequestFailure(
                status: .methodNotAllowed, message: "\(path) takes \(allowed.rawValue), not \(method.rawValue)",
                headers: [("Allow", allowed == .GET ? "GET, HEAD" : allowed.rawValue)])
        }
        self = route
    }

    /// The path of a request's target, which may begin with `http://HOST`, as proxies write it.
    private static func path(of uri: String) -> Substring {
        var rest = uri[...]
        for scheme in ["http://", "https://"] where uri.lowercased().hasPrefix(scheme) {
            rest = rest.dropFirst(scheme.count).drop { !"/?#".contains($0) }
        }
        return rest.prefix { $0 != "?" && $0 != "#" }
    }
}
