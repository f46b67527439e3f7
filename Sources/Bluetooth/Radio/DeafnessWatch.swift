import Vitals

/// Tells a radio that hears nothing from a home in which nothing speaks, and says what to do next.
///
/// The kernel's own scan for known devices reports nobody else. So a silence is first looked into by listening to
/// everybody for a while; only when nobody at all is heard then, the remedies follow, each one heavier, with a
/// while of listening behind each, and after the last one a longer and longer rest.
struct DeafnessWatch: Hashable, Sendable {
    enum Step: Hashable, Sendable {
        case listen(until: Instant), restartScanner, powerCycle, resetUSB
    }

    /// Nothing from anybody for so long, although somebody is waited for.
    static let silenceLimit: Duration = .seconds(90)
    /// The same while a person looks at the scan.
    static let silenceLimitLooking: Duration = .seconds(30)
    /// Listening to everybody, and the time in which a remedy has to help.
    static let listening: Duration = .seconds(12)
    /// From the last remedy to the next round; doubled each time.
    static let restFirst: Duration = .seconds(300)
    static let restLongest: Duration = .seconds(3_600)

    private enum Stage: Hashable { case quiet, probing, restarted, cycled, reset, resting }
    private var stage = Stage.quiet
    /// When this stage is over.
    private var over = Instant.boot
    private var rest = restFirst
    private var listenedSince = Instant.boot
    private(set) var heardLast: Instant?

    /// A silence that has been looked into, and is one.
    var isDeaf: Bool { stage != .quiet && stage != .probing }

    /// The radio is set up anew, after which silence is counted again.
    mutating func begin(at now: Instant) {
        listenedSince = now
        if !isDeaf { stage = .quiet }
    }

    mutating func heard(at now: Instant) {
        heardLast = now
        stage = .quiet
        rest = Self.restFirst
    }

    /// - Parameters:
    ///   - isExpecting: a known device is not connected, or a person looks.
    ///   - isCarrying: there are connections, which the heavier remedies would end; and they prove that it lives.
    mutating func next(at now: Instant, isExpecting: Bool, isLooking: Bool, isCarrying: Bool) -> Step? {
        guard isExpecting else {
            if stage == .probing { stage = .quiet }
            listenedSince = now
            return nil
        }
        if stage == .quiet {
            let since = max(heardLast ?? .boot, listenedSince)
            guard now - since >= (isLooking ? Self.silenceLimitLooking : Self.silenceLimit) else { return nil }
            return enter(.probing, for: Self.listening, at: now, .listen(until: now + Self.listening))
        }
        guard now >= over else { return nil }
        switch stage {
        case .quiet, .resting:
            return enter(.probing, for: Self.listening, at: now, .listen(until: now + Self.listening))
        case .probing: return enter(.restarted, for: Self.listening, at: now, .restartScanner)
        case .restarted where isCarrying, .reset: return beginRest(at: now)
        case .restarted: return enter(.cycled, for: Self.listening, at: now, .powerCycle)
        case .cycled:
            return isCarrying ? beginRest(at: now) : enter(.reset, for: Self.listening, at: now, .resetUSB)
        }
    }

    private mutating func enter(_ stage: Stage, for length: Duration, at now: Instant, _ step: Step) -> Step {
        self.stage = stage
        over = now + length
        return step
    }

    private mutating func beginRest(at now: Instant) -> Step? {
        stage = .resting
        over = now + rest
        rest = min(rest * 2, Self.restLongest)
        return nil
    }
}
