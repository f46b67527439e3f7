public import DriverKit
public import Loop
public import Vitals

/// The Bluetooth adapter of the box: powered, loaded with the keys, listening, and brought back when it is stuck.
///
/// One task runs ``run()`` and reads the management channel. Others of the same actor look, pair and open links
/// meanwhile; they send commands themselves and are woken by ``changed``.
public final class Radio: RadioControl {
    let kernel: any BluetoothKernel
    let state: any StateFolder
    let loop: EventLoop
    let log: @Sendable (RadioLog, String) -> Void
    var chance: RadioChance

    public internal(set) var status = RadioStatus(state: .starting)

    /// What was asked for while nothing could be awaited is noticed after this long at most.
    static let wakeInterval: Duration = .milliseconds(250)
    /// The kernel answers within milliseconds, but for powering on; a command without an answer is a stuck channel.
    static let answerLimit: Duration = .seconds(10)
    static let powerLimit: Duration = .seconds(30)
    /// A connection that nobody uses is ended after this long.
    static let unusedLimit: Duration = .seconds(30)
    /// A device just paired may be connected to for so long before it is made known.
    static let guestLimit: Duration = .seconds(300)
    /// A device whose bond is stale is tried again after this long, should it have been a whim.
    static let staleRest: Duration = .seconds(600)
    /// Opening the attribute channel of a device that is connected.
    static let openLimit: Duration = .seconds(15)
    /// Commands that wait to be sent.
    static let choresMax = 64

    var channel: ManagementChannel?
    /// Controllers that the kernel has, by number.
    var controllers: Set<UInt16> = []
    var adapter: Adapter?
    var setUpAt = Instant.boot
    /// Set-ups and channels that failed one after the other.
    var failures = 0
    var bonds = Bonds()
    var bondsAreChanged = false
    var bondsAreSaving = false
    var bondsWereDamaged = false
    var bondsSaveAt = Instant.boot

    var known: [BluetoothAddress: KnownDevice] = [:]
    /// Paired in this session, until then.
    var guests: [BluetoothAddress: Instant] = [:]
    /// Which the kernel connects by itself.
    var listed: Set<BluetoothAddress> = []
    var listAt = Instant.boot
    var connections: [BluetoothAddress: Connection] = [:]
    var connectionNumbers: UInt64 = 0
    var histories: [BluetoothAddress: History] = [:]
    var waiting: Set<BluetoothAddress> = []
    /// Attribute channels opened by a pairing and not yet asked for.
    var held: [BluetoothAddress: Held] = [:]
    var paces: [BluetoothAddress: BluetoothProfile.Pace] = [:]
    var pacesAreChanged = false

    var table = SightingTable()
    var lookEnd = Instant.boot
    var listenEnd = Instant.boot
    var isDiscovering = false
    var discoverAt = Instant.boot
    var discoveryFailures = 0
    /// In one discovery the controller tells of a device once: one that has to be connected and may have been told
    /// already is heard only in another.
    var discoveryIsSpent = false
    var watch = DeafnessWatch()
    var talk: PairingTalk?
    /// Commands noted where nothing can be awaited.
    var chores: [ManagementCommand] = []
    var askedSystemAt: Instant?
    var isStopped = false
    /// Rings whenever something changed that somebody may wait for.
    let changed: Bell

    struct Adapter {
        var index: UInt16
        var address: BluetoothAddress
        var settings: ControllerSettings
        /// Powered, with the keys loaded.
        var isReady = false
    }

    struct Connection {
        /// Never used twice, so that whoever is done with one does not end the next.
        var number: UInt64
        var since: Instant
        var isUsed = false
        /// We asked for its end then.
        var endingSince: Instant?
    }

    /// What went wrong with a device lately.
    struct History {
        var connectFailures = 0
        var disconnected: (reason: DisconnectReason, at: Instant)?
        /// The device has forgotten the bond; not tried again before.
        var staleUntil: Instant?
    }

    struct Held {
        var link: any Link
        var until: Instant
    }

    /// - Parameters:
    ///   - seed: of the chance in its pauses.
    ///   - log: each line once, with what to do where something is to be done.
    public init(
        kernel: any BluetoothKernel, state: any StateFolder, on loop: EventLoop, seed: UInt64,
        log: @escaping @Sendable (RadioLog, String) -> Void
    ) {
        self.kernel = kernel
        self.state = state
        self.loop = loop
        self.log = log
        chance = RadioChance(seed: seed)
        changed = Bell(on: loop)
    }

    public func stop() {
        isStopped = true
        for one in held.values { one.link.close() }
        held = [:]
        channel?.close()
        changed.ring()
    }

    public func look(until end: Instant) { lookEnd = end }

    public var sightings: [Sighting] { table.lately(at: loop.now) }

    public func setKnown(_ devices: [KnownDevice]) {
        known = Dictionary(devices.map { ($0.address, $0) }, uniquingKeysWith: { $1 })
        table.known = Set(known.keys)
        histories = histories.filter { known[$0.key] != nil || guests[$0.key] != nil }
        listAt = .boot
        changed.ring()
    }

    public func isPaired(_ address: BluetoothAddress) -> Bool { bonds.has(address, on: adapter?.address) }

    /// How fast the next connection to the device is to be.
    func prefer(_ pace: BluetoothProfile.Pace, for device: BluetoothAddress) {
        guard paces[device] != pace else { return }
        paces[device] = pace
        pacesAreChanged = true
    }

    /// A person wants it to be connected.
    func isWanted(_ device: BluetoothAddress) -> Bool {
        known[device] != nil || guests[device].map { $0 > loop.now } == true
    }

    /// What the run task does when it comes to it. A flood of foreign requests is not answered one by one.
    func later(_ command: ManagementCommand) {
        if chores.count < Self.choresMax { chores.append(command) }
    }

    /// Why nothing can be asked of the adapter; `nil`: it can.
    var adapterProblem: LinkError? {
        if isStopped { return .closed }
        if adapter?.isReady == true, channel != nil { return nil }
        switch status.state {
        case .blocked: return .bluetooth(.radioBlocked, "")
        case .denied: return .bluetooth(.notPermitted, "")
        case .missing: return .bluetooth(.adapterMissing, "")
        case .starting, .ready, .deaf, .recovering:
            return .bluetooth(.adapterMissing, "it is being set up, try again in some seconds")
        }
    }

    /// From a task other than the one that runs the radio.
    func request(
        _ command: ManagementCommand, within limit: Duration = answerLimit
    ) async throws(LinkError) -> ManagementChannel.Answer {
        if let adapterProblem { throw adapterProblem }
        guard let channel, let adapter else { throw .bluetooth(.adapterMissing, "") }
        let request = try await channel.send(command, to: adapter.index)
        if let answer = await channel.wait(for: request, before: loop.now + limit) { return answer }
        channel.drop(request)
        if channel.isClosed { throw adapterProblem ?? .closed }
        giveUp(channel, waitingFor: command.code)
        throw .system(call: "\(command.code)", errno: Self.timedOut, "the Bluetooth management channel")
    }

    /// `ETIMEDOUT`
    static let timedOut: Int32 = 110

    /// The run task opens another.
    func giveUp(_ channel: ManagementChannel, waitingFor code: ManagementCommand.Code) {
        status.managementErrors += 1
        log(.warning, "bluetooth: the kernel did not answer '\(code)'; the management channel is opened anew")
        channel.close()
    }
}
