import Delivery
import DriverKit
import Loop
import Timekeeping
import Vitals

/// One device's place in the agent: its driver while there is a link, its twin and its alarms always.
///
/// Used by the one task of its device, and by the farewell when everything stops; both on the device loop.
final class DeviceSession {
    /// Its patient is the one to whom it belongs now.
    private(set) var setup: DeviceSetup
    private(set) var binding: DeviceBinding
    let world: Surroundings
    let clockwork: Clockwork
    let feed: WatchFeed
    let recorder: DeviceRecorder
    var twin = DeviceTwin()
    var watch: DeviceWatch
    var analyses: DeviceAnalyses
    private let analysis: AnalysisSettings
    private let book: AnalysisBook
    var join: StoredJoin?
    var knownSessions: KnownSessions
    private var driver: (any Driver)?
    private var link: (any Link)?
    var deviceClock: DeviceClock?
    /// Nothing is said with it: it is being paired, or it was unpaired.
    var isHeld = false
    /// Its task waits for a link, which may take days.
    var isConnecting = false
    /// Its port was plugged in while it waited.
    var hasArrived = false { didSet { if hasArrived { arrival.ring() } } }
    private let arrival: Bell
    /// Heard since the last value, while its driver is a guess; `nil`: somebody named the driver.
    var misfit: Misfit?
    private var wakeAt = Instant.never
    /// How long the link has been listened to without a byte. Time in which nobody listened is not silence.
    private var silence = Duration.zero
    private var twinPublishedAt = Instant.boot
    private var isTwinChanged = true
    private var tickedAt = Instant.boot

    /// A silent device is opened anew after this long: a bridge chip may be stuck. One that is used now and then is
    /// given more time, for its silence means nothing.
    static let silenceBeforeReopeningContinuous: Duration = .seconds(60)
    static let silenceBeforeReopeningSpot: Duration = .seconds(600)
    /// `lastHeard` and the counts of the twin are refreshed this often.
    static let twinInterval: Duration = .seconds(60)
    /// Alarms look at the clock this often.
    static let tickInterval: Duration = .seconds(1)

    /// Its watch is for the patient of `setup`.
    init(
        _ setup: DeviceSetup, binding: DeviceBinding, watch: DeviceWatch, keepsakes: [Keepsake],
        analysis: AnalysisSettings, book: AnalysisBook, world: Surroundings, clockwork: Clockwork, feed: WatchFeed
    ) {
        self.setup = setup
        self.binding = binding
        self.watch = watch
        self.analysis = analysis
        self.book = book
        analyses = DeviceAnalyses(setup, analysis, book)
        self.world = world
        self.clockwork = clockwork
        self.feed = feed
        recorder = DeviceRecorder(ringBytesMax: world.recordings?.settings.bytesMaxPerDevice)
        knownSessions = KnownSessions(device: setup.id, remembering: keepsakes)
        arrival = Bell(on: world.loop)
        if setup.settings.fetchesStored { join = StoredJoin(device: setup.id, remembering: keepsakes) }
    }

    // MARK: With a link

    /// The whole life of one connection. It ends by a ``LinkError``, or returns when the device has been silent for
    /// so long that the port is better opened anew.
    func converse(over link: any Link) async throws(LinkError) {
        self.link = link
        defer {
            link.close()
            self.link = nil
            driver = nil
            endRecording()
        }
        recorder.begin(at: world.loop.now, channels: link.channels)
        driver = setup.driver.init(settings: driverSettings)
        wakeAt = .never
        silence = .zero
        twin.connections += 1
        misfit = binding.origin == .plugged ? Misfit(since: world.loop.now) : nil
        do throws(LinkError) {
            try await step(at: world.loop.now) { driver, turn in driver.begin(&turn) }
            while silence <= silenceBeforeReopening, !isMisfit { try await hear(over: link) }
        } catch {
            // What was complete before the cable was pulled is told; there is nobody left to say goodbye to.
            _ = await finish()
            throw error
        }
        _ = await finish()
    }

    /// Waveforms that are not published may still be looked at.
    private var driverSettings: DriverSettings {
        var settings = setup.settings
        if analyses.wantsWaveforms { settings.reportsWaveforms = true }
        return settings
    }

    /// What comes is not of its driver.
    var isMisfit: Bool { misfit?.isProved(at: world.loop.now) ?? false }

    /// Nobody reads it now, so that nobody else lets its alarms look at the clock.
    var isWaiting: Bool { isConnecting || isHeld || binding.origin == .plugged && link == nil }

    /// Until then, or until its port is plugged in.
    func rest(before deadline: Instant) async { _ = await arrival.wait(before: deadline) }

    private var silenceBeforeReopening: Duration {
        switch setup.expectation {
        case .spot: Self.silenceBeforeReopeningSpot
        case .continuous: Self.silenceBeforeReopeningContinuous
        }
    }

    private func hear(over link: any Link) async throws(LinkError) {
        let now = world.loop.now
        let chunk = try await link.receive(before: min(wakeAt, now + Self.tickInterval))
        // Not before something could be received: a port that opens and then fails is not connected again and
        // again. And a device that was silent stays so until it is heard.
        if driver != nil, chunk != nil || twin.state != .silent { await change(to: .connected, problem: nil) }
        if let chunk {
            silence = .zero
            twin.counts.bytes += chunk.bytes.count
            recorder.note(chunk.bytes, .fromDevice, chunk.channel, at: chunk.at)
            try await step(at: chunk.at) { driver, turn in
                driver.receive(chunk.bytes.span, from: chunk.channel, &turn)
            }
        } else {
            silence += world.loop.now - now
        }
        if world.loop.now >= wakeAt {
            wakeAt = .never
            try await step(at: world.loop.now) { driver, turn in driver.wake(&turn) }
        }
        guard world.loop.now - tickedAt >= Self.tickInterval else { return }
        await tick()
        await noticeSilence(link)
    }

    private func step(at now: Instant, _ work: (inout any Driver, inout Turn) -> Void) async throws(LinkError) {
        // Taken out while it works: a driver that is held twice would be copied for every chunk.
        guard var driver = driver.take() else { return }
        var turn = Turn(
            now: now, localTime: clockwork.localTime(at: now),
            channels: link?.channels ?? setup.driver.manifest.channels)
        work(&driver, &turn)
        self.driver = driver
        if let asked = turn.wakeAt { wakeAt = asked }
        await deliver(turn)
        // Behind a farewell nothing is said, and the link is left to it.
        guard let link, self.driver != nil else { return }
        for request in turn.requests { try await send(request, over: link) }
    }

    private func send(_ request: Turn.Request, over link: any Link) async throws(LinkError) {
        recorder.note(request.bytes, .toDevice, request.channel, at: world.loop.now)
        try await link.send(request.bytes, to: request.channel)
    }

    private func noticeSilence(_ link: any Link) async {
        twin.lineErrors = link.lineErrors
        guard silence > .seconds(setup.driver.manifest.silenceSecondsMax), twin.state == .connected else { return }
        await change(
            to: .silent,
            problem: "nothing heard for \(silence.wholeMilliseconds / 1000) s although the \(setup.address.silence)"
        )
    }

    /// Delivers what is complete, says goodbye and closes: the task that reads the link ends with
    /// ``LinkError/closed``. What was measured comes first: a device that does not listen cannot hold it back.
    func farewell() async {
        let requests = await finish()
        await tell(heard(.end, at: world.loop.now))
        await change(to: .stopped, problem: nil)
        defer { endRecording() }
        guard let link else { return }
        do throws(LinkError) {
            for request in requests { try await send(request, over: link) }
        } catch {
            world.log(.info, "\(setup.id): did not hear goodbye, \(error)")
        }
        link.close()
    }

    /// The driver's last turn. What it would say to the device.
    private func finish() async -> [Turn.Request] {
        guard var driver = driver.take() else { return [] }
        let now = world.loop.now
        var turn = Turn(
            now: now, localTime: clockwork.localTime(at: now),
            channels: link?.channels ?? setup.driver.manifest.channels)
        driver.end(&turn)
        await deliver(turn)
        await tell(heard(.unlinked, at: now))
        return turn.requests
    }

    /// Enough waited for a goodbye.
    func close() { link?.close() }

    // MARK: State

    func change(to state: DeviceTwin.LinkState, problem: String?, code: BluetoothProblem? = nil) async {
        guard twin.state != state || twin.problem != problem else { return }
        twin.state = state
        twin.problem = problem
        twin.problemCode = code
        isTwinChanged = true
        let isTrouble = problem != nil
        world.log(
            isTrouble ? .warning : .notice, "\(setup.id): \(state.rawValue)\(problem.map { ", \($0)" } ?? "")")
        feed.tell(link: state, problem: problem, of: setup.id)
        await publishTwin()
    }

    /// Alarms look at the clock: values may have grown old.
    func tick() async {
        tickedAt = world.loop.now
        await tell(watch.tick(at: world.timekeeper.stamp(received: tickedAt, clock: clockwork.wall(at: tickedAt))))
        await tell(heard(.tick, at: tickedAt))
    }

    /// A person takes charge of a condition. `false`: there was nothing to acknowledge.
    func acknowledge(_ condition: String) async -> Bool {
        let now = world.loop.now
        let told = watch.acknowledge(
            condition, at: world.timekeeper.stamp(received: now, clock: clockwork.wall(at: now)))
        await tell(told)
        return !told.isEmpty
    }

    /// Whose it is from now on: the next reading goes there, and nobody watches the patient before through it.
    ///
    /// - Parameters:
    ///   - watch: for the new patient, made for `setup(of:)`.
    ///   - reason: told where an alarm ends by it.
    func bind(_ binding: DeviceBinding, _ watch: DeviceWatch, because reason: String) async {
        let now = world.loop.now
        let last = heard(.end, at: now)
        let ends = self.watch.farewell(
            at: world.timekeeper.stamp(received: now, clock: clockwork.wall(at: now)), because: reason)
        self.binding = binding
        self.watch = watch
        setup = binding.applied(to: setup)
        analyses = DeviceAnalyses(setup, analysis, book)
        isTwinChanged = true
        await tell(last)
        await tell(ends)
        await publishTwin()
    }

    /// Paired anew, perhaps at another address or for another driver: so is its next connection.
    func change(to newSetup: DeviceSetup, _ binding: DeviceBinding) {
        let isAnother = newSetup.driver.manifest.id != setup.driver.manifest.id
        setup = self.binding.applied(to: newSetup)
        if isAnother { analyses = DeviceAnalyses(setup, analysis, book) }
        self.binding.name = binding.name
        self.binding.model = binding.model
        isTwinChanged = true
    }

    func twinHasChanged() { isTwinChanged = true }

    func publishTwin() async {
        let now = world.loop.now
        guard isTwinChanged || now - twinPublishedAt >= Self.twinInterval else { return }
        isTwinChanged = false
        twinPublishedAt = now
        await world.courier.publish(
            state: Topic.device(setup.id), schema: "device", body: twin.body(setup, binding))
    }
}

extension Address {
    /// What it means when nothing is heard there.
    fileprivate var silence: String {
        switch self {
        case .serial: "port is open: switch the device on, put it on the patient, check the cable"
        case .bluetooth: "device is connected: wake it, put it on the patient"
        }
    }
}
