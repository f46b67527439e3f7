import Delivery
import Timekeeping
import Vitals

extension DeviceSession {
    /// What the analyses say, made into facts of this device and its patient.
    struct Conclusions {
        var told: [DeviceWatch.Told] = []
        var observations: [Observation] = []
        var sessions: [Draft] = []
        var keepsakes: [Keepsake] = []
    }

    /// What comes of something that is no turn of the driver.
    func heard(_ event: AnalysisEvent, at now: Instant) -> Conclusions {
        guard !analyses.isEmpty else { return Conclusions() }
        let clock = clockwork.wall(at: now)
        var turn = AnalysisTurn(device: setup.id, stamp: world.timekeeper.stamp(received: now, clock: clock))
        analyses.hear(event, &turn)
        return conclude(turn, clock: clock)
    }

    func conclude(_ turn: AnalysisTurn, clock: WallClock) -> Conclusions {
        var conclusions = Conclusions()
        guard !turn.isEmpty else { return conclusions }
        conclusions.keepsakes = turn.keepsakes
        for look in turn.looks { conclusions.told += watch.look(look, at: turn.stamp) }
        for (reading, at) in turn.readings {
            let observation = observe(reading, at: at, clock: clock, origin: .derived)
            conclusions.observations.append(observation)
            conclusions.told += watch.observe(observation)
        }
        for session in turn.sessions where knownSessions.admits(session) {
            let place = place(of: session, at: turn.stamp.received, clock: clock)
            conclusions.sessions.append(draft(session, place, origin: .derived))
        }
        // What one analysis derives, another may follow; nothing more is told of it.
        var heard = AnalysisTurn(device: setup.id, stamp: turn.stamp)
        for observation in conclusions.observations { analyses.hear(.derived(observation), &heard) }
        conclusions.keepsakes += heard.keepsakes
        return conclusions
    }

    /// Alarms first, as everywhere.
    func tell(_ conclusions: Conclusions) async {
        await tell(conclusions.told)
        feed.tell(conclusions.observations, [], of: setup.id)
        let drafts = conclusions.sessions + ReadingMessage.drafts(conclusions.observations)
        guard !drafts.isEmpty || !conclusions.keepsakes.isEmpty else { return }
        await world.courier.accept(drafts, keeping: knownSessions.takeKeepsakes() + conclusions.keepsakes)
    }
}
