import Dispatch

/// Threads wait at it until it is opened, once and for good.
final class Gate: Sendable {
    private let group = DispatchGroup()

    init() { group.enter() }

    func wait() { group.wait() }

    func open() { group.leave() }
}
