public import DriverKit
import Vitals

/// Any spirometer, or a bridge to one, that speaks the open line format of `docs/open-spirometer.md`.
///
///     osp1 idle model=FLOW-1 serial=A42 firmware=1.2*CRC       once a second, when nothing goes on
///     osp1 session id=27 time=2026-01-15T09:30:00*CRC          and once a second between the blows
///     osp1 signal unit=mL/s rate=100 btps=1.026 calibrated=2026-01-10*CRC
///     osp1 blow number=1*CRC
///     osp1 s 0 0 12 340 2210*CRC                               the place of the first, then samples
///     osp1 done samples=612 verdict=good fvc=4.12 pef=7.45*CRC
///     osp1 end blows=1 best=1 grade=C*CRC
///
/// It only listens, and makes no number by itself.
public struct OpenSpirometer: Driver {
    public static let manifest = Manifest(
        id: "open-spirometer", family: "OpenSpirometer", vendor: "anyone",
        models: ["devices and bridges that speak docs/open-spirometer.md, version 1"],
        serial: SerialSettings(baud: 115_200), metrics: OpenBlow.results.map(\.metric), silenceSecondsMax: 5,
        evidence: .implementations,
        sources: ["docs/open-spirometer.md, our own", "the simulator of the system tests"])

    /// A device speaks every second, also between the blows: one that does not has been switched off.
    static let silenceMax = Duration.seconds(10)

    private var lines = OpenLines()
    private var information = DeviceInformation()
    private var session: Open?
    private var blow: OpenBlow?
    private var signal: OpenSignal?
    /// Said once until the next line in its place.
    private var hasToldStray = false

    private struct Open: Sendable {
        var id: Int
        var session: Session
        var doubts: QualityReasons = []
    }

    public init(settings: DriverSettings) {}

    public mutating func receive(_ bytes: Span<UInt8>, from channel: Channel, _ turn: inout Turn) {
        for index in bytes.indices {
            var isDamaged = false
            if let line = lines.take(bytes[index], isDamaged: &isDamaged, &turn) {
                take(line, &turn)
                turn.wake(at: session == nil ? .never : turn.now + Self.silenceMax)
            } else if isDamaged {
                if blow == nil { session?.doubts.insert(.incomplete) } else { blow?.doubt(.incomplete) }
            }
        }
    }

    /// Nothing has come for long.
    public mutating func wake(_ turn: inout Turn) { breakOff(&turn) }

    public mutating func end(_ turn: inout Turn) {
        breakOff(&turn)
        lines.close(&turn)
    }

    private mutating func take(_ line: OpenLine, _ turn: inout Turn) {
        session?.session.ended = turn.now
        switch line.kind {
        case "idle":
            note(line, &turn)
            breakOff(&turn)
        case "session": begin(line, &turn)
        case "signal": take(signal: line, &turn)
        case "blow": beginBlow(line, &turn)
        case "s": if blow?.take(line) != true { stray(line, &turn) }
        case "done": endBlow(line, &turn)
        case "end": finish(line, &turn)
        default: turn.report(.unknown("kind of line"))
        }
    }

    private mutating func begin(_ line: OpenLine, _ turn: inout Turn) {
        note(line, &turn)
        guard let id = line.count("id") else { return stray(line, &turn) }
        if session?.id == id { return closeBlow(nil) }
        breakOff(&turn)
        let time = line["time"].flatMap { CivilTime($0) }
        session = Open(id: id, session: Session(.spirometry, manoeuvres: [], deviceTime: time))
        session?.session.begun = turn.now
        hasToldStray = false
    }

    private mutating func take(signal line: OpenLine, _ turn: inout Turn) {
        closeBlow(nil)
        guard session != nil, let new = OpenSignal(line) else {
            signal = nil
            return stray(line, &turn)
        }
        signal = new
    }

    private mutating func beginBlow(_ line: OpenLine, _ turn: inout Turn) {
        closeBlow(nil)
        guard session != nil, let number = line.count("number", max: 99) else { return stray(line, &turn) }
        blow = OpenBlow(number: number, signal: signal)
        hasToldStray = false
    }

    private mutating func endBlow(_ line: OpenLine, _ turn: inout Turn) {
        guard blow != nil else { return stray(line, &turn) }
        closeBlow(line)
    }

    private mutating func closeBlow(_ line: OpenLine?) {
        guard let ended = blow.take() else { return }
        guard let count = session?.session.manoeuvres.count, count < Session.manoeuvresMax else {
            session?.doubts.insert(.incomplete)
            return
        }
        session?.session.manoeuvres.append(ended.manoeuvre(line))
    }

    private mutating func finish(_ line: OpenLine, _ turn: inout Turn) {
        guard session != nil else { return stray(line, &turn) }
        closeBlow(nil)
        if line.count("blows") != session?.session.manoeuvres.count { session?.doubts.insert(.incomplete) }
        session?.session.deviceBest = line.count("best", max: 99)
        session?.session.deviceGrade = line.name("grade")
        tell(&turn)
    }

    /// The session ends without its last line.
    private mutating func breakOff(_ turn: inout Turn) {
        closeBlow(nil)
        session?.doubts.insert(.incomplete)
        tell(&turn)
    }

    private mutating func tell(_ turn: inout Turn) {
        defer {
            signal = nil
            hasToldStray = false
        }
        guard let ended = session.take(), !ended.session.manoeuvres.isEmpty else { return }
        var session = ended.session
        session.quality = Quality(doubts: ended.doubts)
        turn.report(session)
    }

    /// A line that does not belong here: what came before it was lost, or we began to listen in the middle.
    private mutating func stray(_ line: OpenLine, _ turn: inout Turn) {
        if blow == nil { session?.doubts.insert(.incomplete) } else { blow?.doubt(.incomplete) }
        guard !hasToldStray else { return }
        hasToldStray = true
        turn.report(.malformed("line '\(line.kind)' here"))
    }

    private mutating func note(_ line: OpenLine, _ turn: inout Turn) {
        let newer = DeviceInformation(
            model: line.name("model"), serialNumber: line.name("serial"), firmware: line.name("firmware"))
        let merged = information.merged(with: newer)
        guard merged != information else { return }
        information = merged
        turn.report(newer)
    }
}
