import Delivery
import DriverKit
import Loop
import Timekeeping
import Vitals

/// One device's place in the agent: its driver while there is a link, its twin and its alarms always.
///
/// Used by the one task of its device, and by the farewell when everything stops; both on the device loop.
final class DeviceSession {
    let setup: DeviceSetup
    private let world: Surroundings
    private let clockwork: Clockwork
    private(set) var twin = DeviceTwin()
    private(set) var watch: DeviceWatch
    private var join: StoredJoin?
    private var driver: (any Driver)?
    private var link: (any Link)?
    private var deviceClock: DeviceClock?
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

    init(
        _ setup: DeviceSetup, world: Surroundings, clockwork: Clockwork, watch: DeviceWatch, keepsakes: [Keepsake]
    ) {
        self.setup = setup
        self.world = world
        self.clockwork = clockwork
        self.watch = watch
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
        }
        driver = setup.driver.init(settings: setup.settings)
        wakeAt = .never
        silence = .zero
        twin.connections += 1
        try await step(at: world.loop.now) { driver, turn in driver.begin(&turn) }
        while silence <= silenceBeforeReopening { try await hear(over: link) }
    }

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
        for request in turn.requests { try await link.send(request.bytes, to: request.channel) }
    }

    private func noticeSilence(_ link: any Link) async {
        twin.lineErrors = link.lineErrors
        guard silence > .seconds(setup.driver.manifest.silenceSecondsMax), twin.state == .connected else { return }
        await change(
            to: .silent,
            problem: "nothing heard for \(silence.wholeMilliseconds / 1000) s although the port is open: "
                + "switch the device on, put it on the patient, check the cable")
    }

    /// Delivers what is complete, says goodbye and closes: the task that reads the link ends with
    /// ``LinkError/closed``. What was measured comes first: a device that does not listen cannot hold it back.
    func farewell() async {
        var requests: [Turn.Request] = []
        if var driver {
            self.driver = nil
            let now = world.loop.now
            var turn = Turn(
                now: now, localTime: clockwork.localTime(at: now),
                channels: link?.channels ?? setup.driver.manifest.channels)
            driver.end(&turn)
            requests = turn.requests
            await deliver(turn)
        }
        await change(to: .stopped, problem: nil)
        guard let link else { return }
        do throws(LinkError) {
            for request in requests { try await link.send(request.bytes, to: request.channel) }
        } catch {
            world.log(.info, "\(setup.id): did not hear goodbye, \(error)")
        }
        link.close()
    }

    /// Enough waited for a goodbye.
    func close() { link?.close() }

    // MARK: What a turn says

    private func deliver(_ turn: Turn) async {
        let clock = clockwork.wall(at: turn.now)
        twin.counts.lost += turn.lost
        var told: [DeviceWatch.Told] = []
        var observations: [Observation] = []
        var waveforms: [Draft] = []
        for event in turn.events {
            switch event {
            case .reading(let reading):
                let observation = observe(reading, at: turn.now, clock: clock)
                guard join?.admits(observation) ?? true else {
                    twin.counts.joined += 1
                    continue
                }
                observations.append(observation)
                told += watch.observe(observation)
            case .waveform(let waveform): waveforms.append(draft(waveform, at: turn.now, clock: clock))
            case .status: break
            case .information(let information): note(information)
            case .notice(let notice): note(notice, localTime: turn.localTime)
            case .fault(let fault): twin.note(fault)
            }
        }
        twin.counts.readings += observations.count
        twin.counts.waveformBlocks += waveforms.count
        if !turn.events.isEmpty { twin.lastHeard = world.timekeeper.stamp(received: turn.now, clock: clock) }
        await tell(told, receivedAt: turn.now)
        let drafts = (ReadingMessage.drafts(observations) + waveforms).received(at: turn.now)
        if !drafts.isEmpty { await world.courier.accept(drafts, keeping: join?.takeKeepsakes() ?? []) }
        await publishTwin()
    }

    /// An alarm is on disk before anything else is said. All in one go, so that no other can come between.
    private func tell(_ told: [DeviceWatch.Told], receivedAt: Instant? = nil) async {
        guard !told.isEmpty else { return }
        let drafts = told.flatMap(\.message.drafts).received(at: receivedAt)
        await world.courier.accept(drafts, keeping: told.map(\.keepsake))
        for message in told.map(\.message) {
            let step = "\(message.condition) \(message.phase.rawValue), \(message.priority.name) priority"
            world.log(.notice, "\(setup.id): alarm \(step)")
        }
    }

    private func observe(_ reading: Reading, at now: Instant, clock: WallClock) -> Observation {
        var reading = reading
        let stamp: Stamp
        if reading.source == .stored, let time = reading.deviceTime {
            let (stored, isPlausible) = world.timekeeper.stamp(
                stored: time, received: now, clock: clock, deviceClock: deviceClock)
            stamp = stored
            if !isPlausible { reading.quality = reading.quality.doubting(.clockUncertain) }
        } else {
            stamp = world.timekeeper.stamp(received: now, clock: clock, device: reading.deviceTime)
        }
        if reading.metric == .batteryLevel {
            twin.batteryPercent = reading.value.flatMap { Int(exactly: $0.rounded()) }
        }
        return Observation(
            reading: reading, device: setup.id, patient: setup.patient, origin: setup.isTest ? .test : .measured,
            stamp: stamp)
    }

    private func draft(_ waveform: Waveform, at now: Instant, clock: WallClock) -> Draft {
        // Received when its last sample was: the first is older by the length of the block.
        let length = Duration.seconds(
            Double(max(0, waveform.samples.count - 1)) / max(waveform.sampleRateHz, 0.001))
        return WaveformMessage.draft(
            waveform, device: setup.id, patient: setup.patient, origin: setup.isTest ? .test : .measured,
            stamp: world.timekeeper.stamp(received: now - length, clock: clock))
    }

    private func note(_ information: DeviceInformation) {
        let merged = twin.information.merged(with: information)
        if merged != twin.information { isTwinChanged = true }
        twin.information = merged
    }

    private func note(_ notice: DeviceNotice, localTime: CivilTime?) {
        switch notice {
        case .clock(let time):
            guard let localTime else { return }
            // Once set, the clock before that was another: what it stamped stays unchecked.
            let since = deviceClock?.since
            deviceClock = DeviceClock(device: time, local: localTime)
            deviceClock?.since = since
            noteClockOffset()
        case .clockSet(let time):
            deviceClock = DeviceClock(setTo: time)
            noteClockOffset()
        case .feature(let name, let value): note(feature: name, value)
        case .hasStored(let has): note(feature: "has-stored", has ? "yes" : "no")
        case .disconnecting, .storedSegment, .storedComplete, .answered:
            world.log(.info, "\(setup.id): \(notice)")
        }
    }

    private func noteClockOffset() {
        if twin.clockOffsetSeconds != deviceClock?.offsetSeconds { isTwinChanged = true }
        twin.clockOffsetSeconds = deviceClock?.offsetSeconds
    }

    private func note(feature name: String, _ value: String) {
        if twin.note(feature: name, value: value) { isTwinChanged = true }
    }

    // MARK: State

    func change(to state: DeviceTwin.LinkState, problem: String?) async {
        guard twin.state != state || twin.problem != problem else { return }
        twin.state = state
        twin.problem = problem
        isTwinChanged = true
        let isTrouble = problem != nil
        world.log(
            isTrouble ? .warning : .notice, "\(setup.id): \(state.rawValue)\(problem.map { ", \($0)" } ?? "")")
        await publishTwin()
    }

    /// Alarms look at the clock: values may have grown old.
    func tick() async {
        tickedAt = world.loop.now
        await tell(watch.tick(at: world.timekeeper.stamp(received: tickedAt, clock: clockwork.wall(at: tickedAt))))
    }

    /// A person takes charge of a condition. `false`: there was nothing to acknowledge.
    func acknowledge(_ condition: String) async -> Bool {
        let now = world.loop.now
        let told = watch.acknowledge(
            condition, at: world.timekeeper.stamp(received: now, clock: clockwork.wall(at: now)))
        await tell(told)
        return !told.isEmpty
    }

    private func publishTwin() async {
        let now = world.loop.now
        guard isTwinChanged || now - twinPublishedAt >= Self.twinInterval else { return }
        isTwinChanged = false
        twinPublishedAt = now
        await world.courier.publish(state: Topic.device(setup.id), schema: "device", body: twin.body(setup))
    }
}
