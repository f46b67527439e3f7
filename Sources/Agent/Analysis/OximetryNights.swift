import Oximetry
import Vitals

/// Gathers the nights of one oximeter: what is streamed, what its memory gives, and one session for both.
struct OximetryNights {
    /// A night that is being gathered.
    private struct Open {
        var record: NightRecord
        /// Of a live one: when its first value was received.
        var begun: Instant?
        /// Of a stored one: the device's time of its beginning.
        var deviceTime: CivilTime?
        var quality: Quality = .valid
        /// When something was last heard of it, and when that was usable.
        var heard: Instant
        var lastValid: Int64
    }

    private var live: Open?
    private var stored: Open?
    private let waitsForStored: Bool
    private let told: ToldNights

    /// A pause longer than this ends a night, s.
    static let pauseSecondsMax: Int64 = 1800
    /// Shorter is no night, s of values that count.
    static let validSecondsMin = 1800
    /// So long nothing more has come of a download: it is over.
    static let downloadPause = Duration.seconds(60)
    /// A streamed night waits so long for the device's own record of it, s.
    static let storedWaitSeconds: Int64 = 7200
    /// The device's record came, and nothing was streamed for so long: the night is over, s.
    static let streamPauseSeconds: Int64 = 300

    init(waitsForStored: Bool, told: ToldNights) {
        self.waitsForStored = waitsForStored
        self.told = told
    }

    mutating func hearLive(_ observation: Observation, _ turn: inout AnalysisTurn) {
        let reading = observation.reading
        let second = observation.stamp.utcNanoseconds / 1_000_000_000
        let isUsable = Self.isUsable(reading)
        if let open = live, second - open.lastValid > pauseSeconds { closeLive(&turn) }
        guard live != nil || isUsable && reading.metric == .oxygenSaturation else { return }
        let now = observation.stamp.received
        var open =
            live
            ?? Open(record: NightRecord(startSecond: second), begun: now, heard: now, lastValid: second)
        // By the monotonic clock: the wall clock may be set in the middle of the night.
        let elapsed = (now - (open.begun ?? now)).wholeMilliseconds / 1000
        Self.add(reading, at: open.record.startSecond &+ elapsed, to: &open.record)
        open.heard = now
        if isUsable { open.lastValid = max(open.lastValid, second) }
        live = open
        if open.record.saturations.count >= NightRecord.secondsMax { closeLive(&turn) }
    }

    /// A record from the device's memory, also one that was streamed before.
    mutating func hearStored(_ observation: Observation, _ turn: inout AnalysisTurn) {
        let reading = observation.reading
        guard reading.metric == .oxygenSaturation || reading.metric == .pulseRate,
            let time = observation.stamp.device ?? reading.deviceTime
        else { return }
        let second = observation.stamp.utcNanoseconds / 1_000_000_000
        if let open = stored,
            second < open.record.startSecond || second - open.record.endSecond > Self.pauseSecondsMax
        {
            closeStored(&turn)
        }
        var open =
            stored
            ?? Open(
                record: NightRecord(startSecond: second), deviceTime: time, heard: turn.stamp.received,
                lastValid: second)
        Self.add(reading, at: second, to: &open.record)
        if reading.quality.reasons.contains(.clockUncertain) { open.quality = .questionable(.clockUncertain) }
        open.heard = turn.stamp.received
        stored = open
    }

    mutating func tick(_ turn: inout AnalysisTurn) {
        let now = turn.stamp.received
        if let open = stored, now - open.heard > Self.downloadPause { closeStored(&turn) }
        guard let open = live, turn.stamp.utcNanoseconds / 1_000_000_000 - open.lastValid > pauseSeconds else {
            return
        }
        closeLive(&turn)
    }

    private var pauseSeconds: Int64 { waitsForStored ? Self.storedWaitSeconds : Self.pauseSecondsMax }

    mutating func end(_ turn: inout AnalysisTurn) {
        closeStored(&turn)
        closeLive(&turn)
    }

    private mutating func closeLive(_ turn: inout AnalysisTurn) {
        guard let open = live else { return }
        live = nil
        tell(open, &turn)
    }

    private mutating func closeStored(_ turn: inout AnalysisTurn) {
        guard let open = stored else { return }
        stored = nil
        if var streamed = live, streamed.record.overlaps(open.record) {
            streamed.record.merge(open.record)
            live = streamed
            let now = turn.stamp.utcNanoseconds / 1_000_000_000
            if now - streamed.lastValid > Self.streamPauseSeconds { closeLive(&turn) }
        } else if !told.has(open.record, of: turn.device) {
            tell(open, &turn)
        }
    }

    private func tell(_ open: Open, _ turn: inout AnalysisTurn) {
        guard let session = OximetrySession.session(of: open.record, quality: open.quality) else { return }
        var night = session
        if let deviceTime = open.deviceTime {
            night.source = .stored
            night.deviceTime = deviceTime
        } else {
            night.begun = open.begun
            night.ended = (open.begun ?? turn.stamp.received) + .seconds(open.record.saturations.count)
        }
        turn.report(night)
        turn.keep(told.add(open.record, of: turn.device))
        for reading in OximetrySession.readings(of: night) { turn.report(reading, at: night.ended) }
    }

    private static func isUsable(_ reading: Reading) -> Bool {
        reading.value != nil && reading.quality != .calibrating
            && reading.quality.reasons.isDisjoint(with: OximetryParameters.refused)
    }

    private static func add(_ reading: Reading, at second: Int64, to record: inout NightRecord) {
        let value = isUsable(reading) ? reading.value : nil
        record.set(
            second: second, saturation: reading.metric == .oxygenSaturation ? value : nil,
            pulseRate: reading.metric == .pulseRate ? value : nil,
            hasContact: reading.quality.reasons.isDisjoint(with: OximetryParameters.contactLost))
    }
}
