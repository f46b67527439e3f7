public import Vitals

/// A strip that will be: told with the finding that asks for it, before its signal is complete.
public struct StripTicket: Hashable, Sendable {
    /// Counts strips from 0.
    public var number: Int
    /// What it was asked for by.
    public var kind: Finding.Kind
    /// Of the strip, since the start of the stream.
    public var startSeconds: Double
}

/// A finding, and the strip that will show it: one of its own, or one that is under way.
public struct StripRequest: Hashable, Sendable {
    public var finding: Finding.Kind
    public var ticket: StripTicket
}

/// An ECG from before a finding until after it, all leads, with its beats and all that was found in it.
public struct ECGStrip: Hashable, Sendable {
    public var ticket: StripTicket
    public var endSeconds: Double
    public var signals: [SessionSignal]
    public var annotations: [SessionAnnotation]
    /// The recording ended, or was broken off, before the strip was complete.
    public var isIncomplete: Bool

    /// As it is told; when it began and ended on the box's clock is for the caller to say.
    public var session: Session {
        var session = Session(.ecgStrip, quality: isIncomplete ? .questionable(.incomplete) : .valid)
        session.signals = signals
        session.analysis.annotations = annotations
        session.label = ticket.kind.rawValue
        return session
    }
}

extension SessionAnnotation.Kind {
    /// The mark of a beat.
    public init(_ beatClass: BeatClass) {
        switch beatClass {
        case .normal: self = .beatNormal
        case .supraventricular: self = .beatSupraventricular
        case .ventricular: self = .beatVentricular
        case .fusion: self = .beatFusion
        case .unclassifiable: self = .beatUnclassifiable
        }
    }

    /// The mark of a finding; both lists have the same names.
    public init?(_ kind: Finding.Kind) { self.init(rawValue: kind.rawValue) }
}
