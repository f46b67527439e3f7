import Glibc
public import Loop
public import Vitals

/// The real connection: libmosquitto without its thread, its reconnecting and its queue.
public final class MosquittoLink: BrokerLink {
    private let settings: BrokerSettings
    private let loop: EventLoop
    private var client: MosquittoClient?
    private var watch: Watch?
    private var interest: Interest = .readable
    private var handler: ((BrokerEvent) -> Void)?
    private var ticked = Instant.boot

    /// The library looks at its keepalive only when asked.
    private static let tickInterval: Duration = .seconds(1)
    /// Bytes that the other end does not confirm for so long end the connection.
    private static let userTimeoutMilliseconds: Int32 = 20_000

    public init(settings: BrokerSettings, loop: EventLoop) {
        self.settings = settings
        self.loop = loop
    }

    public var protocolName: String { "MQTT " + settings.version.rawValue }
    public var nextTick: Instant { client == nil ? .never : ticked + Self.tickInterval }

    public func connect(
        will: BrokerMessage, _ handler: @escaping (BrokerEvent) -> Void
    ) throws(BrokerLinkError) {
        close()
        let client = try MosquittoClient(settings, will: will)
        try client.connect(settings)
        self.client = client
        self.handler = handler
        ticked = loop.now
        boundSilence(client.socket)
        // Readable and writable at first: TLS may want either.
        interest = [.readable, .writable]
        do throws(WatchError) {
            watch = try loop.waiter.watch(client.socket, for: interest) { [weak self] in self?.ready() }
        } catch {
            close()
            throw .lost(error.description)
        }
    }

    public func publish(_ message: BrokerMessage, token: UInt64) throws(BrokerLinkError) {
        guard let client else { throw .lost("there is no connection") }
        try client.publish(message, token: token)
        settle()
    }

    public func subscribe(to filter: String) throws(BrokerLinkError) {
        guard let client else { throw .lost("there is no connection") }
        try client.subscribe(to: filter)
        settle()
    }

    public func tick() {
        ticked = loop.now
        client?.tick()
        settle()
    }

    public func disconnect() {
        client?.disconnect()
        // What does not fit into the socket at once is lost with it: leave-taking is a courtesy.
        if client?.wantsWrite == true { client?.exchange() }
        close()
    }

    public func close() {
        handler = nil
        endWatch()
        client = nil
    }

    private func ready() {
        client?.exchange()
        confirmAtOnce()
        settle()
    }

    /// A broker that leaves Nagle's algorithm on holds its second acknowledgement until our kernel has confirmed
    /// the first, which it would put off for 40 ms. The kernel forgets this wish, so it is told after each read.
    private func confirmAtOnce() {
        guard let socket = client?.socket, socket >= 0 else { return }
        var isWanted: Int32 = 1
        _ = unsafe setsockopt(
            socket, Int32(IPPROTO_TCP), TCP_QUICKACK, &isWanted, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Tells what came, and watches for what is wanted now.
    private func settle() {
        guard let client else { return }
        if client.socket < 0 {
            endWatch()
        } else if let watch {
            let wanted: Interest = client.wantsWrite ? [.readable, .writable] : .readable
            if wanted != interest {
                interest = wanted
                try? loop.waiter.change(watch, to: wanted)
            }
        }
        for event in client.takeEvents() { handler?(event) }
    }

    private func endWatch() {
        if let watch { loop.waiter.end(watch) }
        watch = nil
    }

    private func boundSilence(_ socket: Int32) {
        var milliseconds = Self.userTimeoutMilliseconds
        _ = unsafe setsockopt(
            socket, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &milliseconds, socklen_t(MemoryLayout<Int32>.size))
    }
}
