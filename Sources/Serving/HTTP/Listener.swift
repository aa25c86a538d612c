import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// The socket of a running server, its connections, and the threads that serve them.
final class Listener: Sendable {
    let address: InferenceServer.Address
    let channel: any Channel
    private let group: MultiThreadedEventLoopGroup
    private let service: InferenceService
    private let connections: Connections

    /// Listens; throws a `ServingError` with the system's reason when that can't be.
    init(_ models: [ServedModel], _ configuration: ServerConfiguration, _ logger: Logger) async throws {
        group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, min(4, System.coreCount / 2)))
        service = InferenceService(models, configuration: configuration, timers: group, logger: logger)
        connections = Connections()
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { [service, connections] child in
                child.eventLoop.makeCompletedFuture {
                    connections.add(child)
                    let pipeline = child.pipeline.syncOperations
                    // A client that does not read its answers is not read from.
                    try pipeline.addHandler(BackPressureHandler())
                    try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
                    try pipeline.addHandler(IdleStateHandler(allTimeout: TimeAmount(configuration.idleTimeout)))
                    try pipeline.addHandler(
                        ConnectionHandler(
                            service, maxBodyBytes: configuration.maxBodyBytes, isStopping: { connections.isStopping }))
                }
            }
        do {
            channel = try await bootstrap.bind(host: configuration.host, port: configuration.port).get()
        } catch {
            await service.shutdown()
            try? await group.shutdownGracefully()
            throw ServingError(
                "server, \(configuration.host):\(configuration.port)", expected: "an address to listen at",
                actual: "\"\(error)\"", remedy: "choose another --host or --port; port 0 takes a free one")
        }
        address = InferenceServer.Address(
            host: configuration.host, port: channel.localAddress?.port ?? configuration.port)
    }

    /// Accepts no more connections, waits for answers that are on their way, and ends all threads.
    func shutdown(timeout: Duration, _ logger: Logger) async {
        try? await channel.close().get()
        let open = connections.stop()
        for connection in open { connection.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
        let limit = group.next().scheduleTask(in: TimeAmount(timeout)) { [connections] in
            for connection in connections.open {
                logger.warning("a connection was cut: its request wasn't finished in time")
                connection.close(promise: nil)
            }
        }
        for connection in open { try? await connection.closeFuture.get() }
        limit.cancel()
        await service.shutdown()
        try? await group.shutdownGracefully()
    }
}

/// The connections that are open.
private final class Connections: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isStopping = false
    }

    private let state = Mutex(State())

    var isStopping: Bool { state.withLock { $0.isStopping } }
    var open: [any Channel] { state.withLock { Array($0.channels.values) } }

    func add(_ channel: any Channel) {
        let key = ObjectIdentifier(channel)
        let isLate = state.withLock { state in
            state.channels[key] = channel
            return state.isStopping
        }
        channel.closeFuture.whenComplete { [self] _ in _ = state.withLock { $0.channels.removeValue(forKey: key) } }
        if isLate { channel.close(promise: nil) }
    }

    /// Lets no more in, and gives those that are there.
    func stop() -> [any Channel] {
        state.withLock { state in
            state.isStopping = true
            return Array(state.channels.values)
        }
    }
}
