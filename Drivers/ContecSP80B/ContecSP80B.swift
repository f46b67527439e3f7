public import DriverKit
import Vitals

/// Contec's SP80B spirometer over Bluetooth LE: what it has stored, test after test, each with its curve.
///
/// One question at a time; the next one comes when the answer is there. The commands that delete (`91 7F`, `93`)
/// and the one that writes the patient's data (`8B`) are never sent: the memory is left as it is (`91 7E`).
public struct ContecSP80B: Driver {
    public static let manifest = Manifest(
        id: "contec-sp80b", family: "ContecSP80B", vendor: "Contec", models: ["SP80B"],
        bluetooth: BluetoothProfile(
            recognition: [
                BluetoothProfile.Recognition(namePrefixes: names, services: [service]),
                BluetoothProfile.Recognition(namePrefixes: names),
            ],
            characteristics: [
                CharacteristicUse(
                    answers, service: service, characteristic: BluetoothUUID(0xFF02), access: .subscribe,
                    framing: .stream),
                CharacteristicUse(
                    commands, service: service, characteristic: BluetoothUUID(0xFF01),
                    access: .writeWithoutResponse,
                    writeBytesMax: 20),
            ] + StandardServices.uses),
        metrics: SPRecord.metrics + [.batteryLevel], canFetchStored: true, canSetClock: true,
        silenceSecondsMax: 86_400, evidence: .implementations, sources: ["tikhonp/contec-spirometer-ios-app"])

    private static let answers = Channel("answers")
    private static let commands = Channel("commands")
    /// Three kinds of Contec devices have this service: the name decides.
    private static let service = BluetoothUUID(0xFF12)
    private static let names = ["SP80B"]

    /// An answer that has not begun or ended by then does not come.
    static let answerMax = Duration.seconds(3)
    /// The one known client waits so long behind a curve, and passes over what comes.
    static let pauseBehindCurve = Duration.milliseconds(300)
    static let asksMax = 2
    /// More than it can hold; whatever it says that it has.
    static let recordsMax = 2000

    private let settings: DriverSettings
    private var standard = StandardServices()
    private var answer = SPAnswer()
    private var question = Question.none
    private var asks = 0
    private var records = 0
    private var told = 0
    private var missing = 0
    private var announced = 0
    /// The record that waits for its curve.
    private var manoeuvre: Manoeuvre?

    private enum Question: Sendable { case none, hello, clock, version, predicted, count, record, curve, pause }

    public init(settings: DriverSettings) { self.settings = settings }

    public mutating func begin(_ turn: inout Turn) { ask(.hello, &turn) }

    public mutating func receive(_ bytes: Span<UInt8>, from channel: Channel, _ turn: inout Turn) {
        if standard.receive(bytes, from: channel, &turn) { return }
        for index in bytes.indices {
            if let whole = answer.take(bytes[index], &turn) { take(whole, &turn) }
        }
        // A curve of many notifications is on its way.
        if question == .curve, !answer.bytes.isEmpty { turn.wake(after: Self.answerMax) }
    }

    public mutating func wake(_ turn: inout Turn) {
        switch question {
        case .none: return
        case .pause: next(&turn)
        default:
            answer.abandon(&turn)
            if asks < Self.asksMax { return send(question, &turn) }
            turn.report(.noAnswer("\(question)"))
            if question == .curve { tell(nil, &turn) }
            if announced > 0 { finish(&turn) } else { rest(&turn) }
        }
    }

    public mutating func end(_ turn: inout Turn) {
        if manoeuvre != nil { tell(nil, &turn) }
        answer.abandon(&turn)
    }

    // MARK: Questions

    private mutating func ask(_ new: Question, _ turn: inout Turn) {
        question = new
        asks = 0
        send(new, &turn)
    }

    private mutating func send(_ question: Question, _ turn: inout Turn) {
        asks += 1
        switch question {
        case .none, .pause: return
        case .hello: write([0x80], check: 0x00, &turn)
        case .clock:
            guard let now = turn.localTime else { return }
            let parts = [now.year % 100, now.month, now.day, now.hour, now.minute, now.second, 0, 0]
            write([0x83] + parts.map { UInt8(truncatingIfNeeded: $0) & 0x7F }, &turn)
        case .version: write([0x82], &turn)
        case .predicted: write([0x94], &turn)
        case .count: write([0x90], &turn)
        case .record: write([0x91, records == 0 ? 0x00 : 0x01, 0x01], &turn)
        case .curve: write([0x92, 0x00], &turn)
        }
        turn.wake(after: Self.answerMax)
    }

    private func write(_ bytes: [UInt8], check: UInt8? = nil, _ turn: inout Turn) {
        let sum = bytes.reduce(0, &+) & 0x7F
        turn.send(bytes + [check ?? sum], to: Self.commands)
    }

    // MARK: Answers

    private mutating func take(_ bytes: [UInt8], _ turn: inout Turn) {
        switch (bytes[0], question) {
        case (0xF0, .hello): ask(settings.setsClock && turn.localTime != nil ? .clock : .version, &turn)
        case (0xF3, .clock):
            if let now = turn.localTime { turn.report(.clockSet(now)) }
            ask(.version, &turn)
        case (0xF2, .version): ask(.predicted, &turn)
        case (0xE4, .predicted): ask(.count, &turn)
        case (0xE0, .count): takeCount(SPAnswer.number(bytes, 1), &turn)
        case (0xE1, .record): takeRecord(bytes, &turn)
        case (0xE2, .curve):
            tell(SPCurve.curve(bytes), &turn)
            question = .pause
            turn.wake(after: Self.pauseBehindCurve)
        default: turn.report(.unknown("answer that nobody asked for"))
        }
    }

    private mutating func takeCount(_ count: Int, _ turn: inout Turn) {
        announced = min(count, Self.recordsMax)
        turn.report(.hasStored(count > 0))
        guard announced > 0, settings.fetchesStored else { return rest(&turn) }
        ask(.record, &turn)
    }

    private mutating func takeRecord(_ bytes: [UInt8], _ turn: inout Turn) {
        guard SPRecord.isRecord(bytes) else { return finish(&turn) }
        records += 1
        manoeuvre = SPRecord.manoeuvre(bytes)
        if manoeuvre == nil { turn.report(.unknown("kind of test")) }
        // The curve is asked for in any case: the device goes on to the next record behind it.
        ask(.curve, &turn)
    }

    /// The record that waits, with its curve or the word that there is none.
    private mutating func tell(_ curve: Curve?, _ turn: inout Turn) {
        guard var manoeuvre = manoeuvre.take() else { return missing += 1 }
        if let curve {
            manoeuvre.curves = [curve]
        } else {
            manoeuvre.quality = manoeuvre.quality.doubting(.resultsOnly)
        }
        told += 1
        turn.report(
            Session(
                .spirometry, manoeuvres: [manoeuvre], quality: manoeuvre.quality, source: .stored,
                deviceTime: manoeuvre.deviceTime))
    }

    private mutating func next(_ turn: inout Turn) {
        if records < announced { ask(.record, &turn) } else { finish(&turn) }
    }

    /// The device is told that we have done, and keeps what it has.
    private mutating func finish(_ turn: inout Turn) {
        turn.report(.storedComplete(records: told, missing: max(missing, announced - told)))
        write([0x91, 0x7E, 0x01], &turn)
        rest(&turn)
    }

    private mutating func rest(_ turn: inout Turn) {
        question = .none
        turn.cancelWake()
    }
}
