import Delivery
import DriverKit
import Timekeeping
import Vitals

extension DeviceSession {
    // MARK: What a turn says

    func deliver(_ turn: Turn) async {
        let clock = clockwork.wall(at: turn.now)
        // Whose it is when the bytes have come, whatever happens before it is on disk.
        let patient = setup.patient
        twin.counts.lost += turn.lost
        misfit?.hear(turn)
        var told: [DeviceWatch.Told] = []
        var observations: [Observation] = []
        var waveforms: [Waveform] = []
        var sessions: [Draft] = []
        var analysed = AnalysisTurn(
            device: setup.id, stamp: world.timekeeper.stamp(received: turn.now, clock: clock))
        for event in turn.events {
            switch event {
            case .reading(let reading):
                let observation = observe(reading, at: turn.now, clock: clock)
                guard join?.admits(observation) ?? true else {
                    twin.counts.joined += 1
                    analyses.hear(.known(observation), &analysed)
                    continue
                }
                observations.append(observation)
                told += watch.observe(observation)
                analyses.hear(.reading(observation), &analysed)
            case .waveform(let waveform):
                waveforms.append(waveform)
                analyses.hear(.waveform(waveform), &analysed)
            case .session(let session):
                if let draft = admit(session, at: turn.now, clock: clock, &analysed) { sessions.append(draft) }
            case .status: break
            case .information(let information): note(information)
            case .notice(let notice): note(notice, localTime: turn.localTime)
            case .fault(let fault): twin.note(fault)
            }
        }
        twin.counts.readings += observations.count
        twin.counts.waveformBlocks += waveforms.count
        if !turn.events.isEmpty { twin.lastHeard = world.timekeeper.stamp(received: turn.now, clock: clock) }
        let conclusions = conclude(analysed, clock: clock)
        await tell(told + conclusions.told, receivedAt: turn.now)
        observations += conclusions.observations
        sessions += conclusions.sessions
        feed.tell(observations, waveforms, of: setup.id)
        // Some are there for the analysis alone.
        if !setup.settings.reportsWaveforms { waveforms = [] }
        let blocks = waveforms.map { draft($0, patient: patient, at: turn.now, clock: clock) }
        let drafts = (sessions + ReadingMessage.drafts(observations) + blocks).received(at: turn.now)
        let keepsakes =
            (join?.takeKeepsakes() ?? []) + knownSessions.takeKeepsakes() + conclusions.keepsakes
        if !drafts.isEmpty || !conclusions.keepsakes.isEmpty {
            await world.courier.accept(drafts, keeping: keepsakes)
        }
        await publishTwin()
    }

    /// An alarm is on disk before anything else is said. All in one go, so that no other can come between.
    func tell(_ told: [DeviceWatch.Told], receivedAt: Instant? = nil) async {
        guard !told.isEmpty else { return }
        let drafts = told.flatMap(\.message.drafts).received(at: receivedAt)
        await world.courier.accept(drafts, keeping: told.map(\.keepsake))
        for message in told.map(\.message) {
            feed.tell(message)
            let step = "\(message.condition) \(message.phase.rawValue), \(message.priority.name) priority"
            world.log(.notice, "\(setup.id): alarm \(step)")
        }
    }

    /// `nil`: it was told before.
    private func admit(_ session: Session, at now: Instant, clock: WallClock, _ turn: inout AnalysisTurn) -> Draft?
    {
        guard knownSessions.admits(session) else {
            twin.counts.joined += 1
            return nil
        }
        var session = session
        let place = place(of: session, at: now, clock: clock)
        analyses.complete(&session, place)
        analyses.hear(.session(session, place), &turn)
        return draft(session, place)
    }

    /// Whose it is and when it was, by the device's clock where it comes from the device's memory.
    func place(of session: Session, at now: Instant, clock: WallClock) -> SessionPlace {
        guard session.source == .stored, let time = session.deviceTime else {
            return SessionPlace(
                patient: setup.patient,
                start: world.timekeeper.stamp(
                    received: session.begun ?? now, clock: clock, device: session.deviceTime),
                end: world.timekeeper.stamp(received: session.ended ?? now, clock: clock))
        }
        let (stored, isPlausible) = world.timekeeper.stamp(
            stored: time, received: now, clock: clock, deviceClock: deviceClock)
        let patient = isPlausible ? binding.patient(at: stored.utcNanoseconds) : binding.configured
        return SessionPlace(patient: patient, start: stored, isPlausible: isPlausible)
    }

    /// Shown to those who watch, too.
    func draft(_ session: Session, _ place: SessionPlace, origin: Origin = .measured) -> Draft {
        var session = session
        if !place.isPlausible { session.quality = session.quality.doubting(.clockUncertain) }
        feed.tell(session, at: place.start, of: setup.id)
        return SessionMessage.draft(
            session, device: setup.id, patient: place.patient, origin: setup.isTest ? .test : origin,
            start: place.start, end: place.end)
    }

    func observe(
        _ reading: Reading, at now: Instant, clock: WallClock, origin: Origin = .measured
    ) -> Observation {
        var reading = reading
        let stamp: Stamp
        var patient = setup.patient
        if reading.source == .stored, let time = reading.deviceTime {
            let (stored, isPlausible) = world.timekeeper.stamp(
                stored: time, received: now, clock: clock, deviceClock: deviceClock)
            stamp = stored
            patient = isPlausible ? binding.patient(at: stored.utcNanoseconds) : binding.configured
            if !isPlausible { reading.quality = reading.quality.doubting(.clockUncertain) }
        } else {
            stamp = world.timekeeper.stamp(received: now, clock: clock, device: reading.deviceTime)
        }
        if reading.metric == .batteryLevel {
            twin.batteryPercent = reading.value.flatMap { Int(exactly: $0.rounded()) }
        }
        return Observation(
            reading: reading, device: setup.id, patient: patient, origin: setup.isTest ? .test : origin,
            stamp: stamp)
    }

    private func draft(_ waveform: Waveform, patient: Identifier?, at now: Instant, clock: WallClock) -> Draft {
        // Received when its last sample was: the first is older by the length of the block.
        let length = Duration.seconds(
            Double(max(0, waveform.samples.count - 1)) / max(waveform.sampleRateHz, 0.001))
        return WaveformMessage.draft(
            waveform, device: setup.id, patient: patient, origin: setup.isTest ? .test : .measured,
            stamp: world.timekeeper.stamp(received: now - length, clock: clock))
    }

    private func note(_ information: DeviceInformation) {
        let merged = twin.information.merged(with: information)
        if merged != twin.information { twinHasChanged() }
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
        if twin.clockOffsetSeconds != deviceClock?.offsetSeconds { twinHasChanged() }
        twin.clockOffsetSeconds = deviceClock?.offsetSeconds
    }

    private func note(feature name: String, _ value: String) {
        if twin.note(feature: name, value: value) { twinHasChanged() }
    }
}
