import DriverKit
import Loop
import Vitals

/// A port that is there and that the configuration does not name. Used by the one task that serves it.
final class PluggedPort {
    let identity: PortIdentity
    let usb: PortIdentity.USB
    private(set) var isThere = true
    /// What is open on it now.
    private var link: (any Link)?
    private let pulled: Bell
    private let loop: EventLoop
    /// Its failure has been told.
    var hasFailed = false
    /// The device that was recognised on it.
    var device: Identifier?
    /// Drivers that the frames have spoken against since it was plugged in.
    var refuted: Set<String> = []

    init(_ identity: PortIdentity, _ usb: PortIdentity.USB, on loop: EventLoop) {
        self.identity = identity
        self.usb = usb
        self.loop = loop
        pulled = Bell(on: loop)
    }

    /// Opens it, for as long as it is there.
    func open(_ settings: SerialSettings, by connector: any Connector) async throws(LinkError) -> any Link {
        let link = try await connector.connect(to: .serial(path: identity.path, settings))
        guard isThere else {
            link.close()
            throw .gone(identity.path)
        }
        self.link = link
        return link
    }

    func close() {
        link?.close()
        link = nil
    }

    /// It was pulled out, or everything ends.
    func leave() {
        isThere = false
        close()
        pulled.ring()
    }

    /// Waits, but not longer than it is there.
    func rest(_ length: Duration) async {
        let end = loop.now + length
        while isThere, loop.now < end, await pulled.wait(before: end) == .ready {}
    }

    /// Waits until it is pulled out.
    func restForGood() async { while isThere { _ = await pulled.wait() } }
}

/// What was heard while a port was probed is heard again by the session: the first measurement may be the only one.
final class HeardLink: Link {
    private let link: any Link
    private var heard: ArraySlice<Chunk>

    init(_ link: any Link, heard: [Chunk]) {
        self.link = link
        self.heard = heard[...]
    }

    var lineErrors: LineErrors { link.lineErrors }
    var channels: [Channel] { link.channels }

    func receive(before deadline: Instant) async throws(LinkError) -> Chunk? {
        if let chunk = heard.popFirst() { return chunk }
        return try await link.receive(before: deadline)
    }

    func send(_ bytes: [UInt8], to channel: Channel) async throws(LinkError) {
        try await link.send(bytes, to: channel)
    }

    func close() {
        heard = []
        link.close()
    }
}
