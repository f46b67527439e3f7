import Bytes
import DriverKit
import Vitals

/// What PMD can measure, of what is used here.
enum PolarType: UInt8, Sendable {
    case ecg = 0
    case acceleration = 2

    var name: String { self == .ecg ? "ecg" : "acceleration" }
}

/// The control point of Polar Measurement Data: reads what there is, asks for the settings, starts, stops.
///
///     < 0F bits…                   read: 01 ECG, 04 acceleration
///     > 01 type                    settings        < F0 01 type error more settings…
///     > 02 type settings…          start           < F0 02 type error more [factor]
///     > 03 type                    stop
///     < 01 type…                   stopped by the device
///
/// - Source: Polar, Measurement Data Specification for 3rd Party.
struct PolarControl: Sendable {
    /// Still to be started, the next one first.
    private var queue: [PolarType]
    private var running: [PolarType] = []
    private var asked: UInt8?
    private var chosen = PolarSettings()
    /// An answer of which more will come.
    private var partial: [UInt8] = []
    private var tries = 0
    private(set) var deadline = Instant.never
    /// How the streams that have been started are set.
    private(set) var ecg: PolarSettings?
    private(set) var acceleration: PolarSettings?

    static let channel = Channel("pmd-control")
    static let data = Channel("pmd-data")

    static let uses: [CharacteristicUse] = [
        CharacteristicUse(
            channel, service: pmd(0xFB00_5C80), characteristic: pmd(0xFB00_5C81),
            access: [.read, .subscribe, .write], isRequired: false),
        CharacteristicUse(
            data, service: pmd(0xFB00_5C80), characteristic: pmd(0xFB00_5C82), access: .subscribe,
            isRequired: false),
    ]

    /// `xxxxxxxx-02e7-f387-1cad-8acd2d8df0c8`
    private static func pmd(_ first: UInt64) -> BluetoothUUID {
        BluetoothUUID(high: first << 32 | 0x02E7_F387, low: 0x1CAD_8ACD_2D8D_F0C8)
    }

    /// Without word of what the device has, it is asked all the same.
    static let featureSecondsMax: Int64 = 2
    /// With too small an MTU, or without notifications, it does not answer at all.
    static let answerSecondsMax: Int64 = 3
    static let retryPauseSeconds: Int64 = 5
    static let triesMax = 5
    static let partialBytesMax = 512

    private static let errors = [
        "ok", "unknown command", "unknown measurement", "not supported", "wrong length", "wrong parameter",
        "already running", "wrong resolution", "wrong sample rate", "wrong range", "MTU too small",
        "wrong number of channels", "wrong state", "in the charger", "memory full",
    ]

    init(wanted: [PolarType]) { queue = wanted }

    mutating func begin(_ turn: inout Turn) {
        guard turn.channels.contains(Self.channel), turn.channels.contains(Self.data) else { queue = []; return }
        if !queue.isEmpty { deadline = turn.now + .seconds(Self.featureSecondsMax) }
    }

    mutating func wake(_ turn: inout Turn) {
        guard turn.now >= deadline else { return }
        if let command = asked {
            turn.report(.noAnswer(name(of: command)))
            failed(isFinal: false, pauseSeconds: 0, &turn)
        } else {
            askNext(&turn)
        }
    }

    mutating func end(_ turn: inout Turn) {
        for type in running { turn.send([0x03, type.rawValue], to: Self.channel) }
        running = []
    }

    mutating func receive(_ bytes: Span<UInt8>, _ turn: inout Turn) {
        guard !bytes.isEmpty else { return }
        if !partial.isEmpty {
            receiveRest(bytes, &turn)
            return
        }
        switch bytes[0] {
        case 0x0F: receiveFeatures(bytes, &turn)
        case 0xF0 where bytes.count >= 4: receiveAnswer((0 ..< bytes.count).map { bytes[$0] }, &turn)
        case 0x01: receiveStopped(bytes, &turn)
        default: turn.report(.unknown("\(Self.channel.name) message"))
        }
    }

    private mutating func receiveFeatures(_ bytes: Span<UInt8>, _ turn: inout Turn) {
        guard bytes.count >= 2 else {
            turn.report(.malformed("\(Self.channel.name) features"))
            return
        }
        let has = [PolarType.ecg, .acceleration].filter { bytes[1] >> $0.rawValue & 1 != 0 }
        turn.report(.feature("streams", has.isEmpty ? "none" : has.map(\.name).joined(separator: ",")))
        guard asked == nil else { return }
        queue.removeAll { !has.contains($0) }
        askNext(&turn)
    }

    private mutating func askNext(_ turn: inout Turn) {
        deadline = .never
        asked = nil
        guard let type = queue.first else { return }
        ask([0x01, type.rawValue], &turn)
    }

    private mutating func ask(_ bytes: [UInt8], _ turn: inout Turn) {
        turn.send(bytes, to: Self.channel)
        asked = bytes[0]
        deadline = turn.now + .seconds(Self.answerSecondsMax)
    }

    private func name(of command: UInt8) -> String {
        "\(command == 0x02 ? "start" : "settings")-\(queue.first?.name ?? "nothing")"
    }
}

// Answers.
extension PolarControl {
    /// `F0 command type error more …`; a refusal may be without the last two, and with command 00.
    private mutating func receiveAnswer(_ bytes: [UInt8], _ turn: inout Turn) {
        let error = bytes[3]
        guard let command = asked, let type = queue.first,
            bytes[1] == command && bytes[2] == type.rawValue || bytes[1] == 0 && error != 0
        else {
            // The goodbye of an earlier stream, or of another program on the same strap.
            turn.report(.unknown("\(Self.channel.name) answer to \(bytes[1])"))
            return
        }
        let isRunning = command == 0x02 && error == 6
        guard error == 0 || isRunning else {
            let text = Int(error) < Self.errors.count ? Self.errors[Int(error)] : "error \(error)"
            turn.report(.answered(command: name(of: command), result: text))
            failed(isFinal: (1 ... 3).contains(error), pauseSeconds: Self.retryPauseSeconds, &turn)
            return
        }
        if bytes.count > 4, bytes[4] != 0 {
            partial = bytes
            deadline = turn.now + .seconds(Self.answerSecondsMax)
        } else {
            conclude(command, type, Array(bytes.dropFirst(5)), &turn)
        }
    }

    /// The rest of a long answer: whether still more will come, then settings.
    private mutating func receiveRest(_ bytes: Span<UInt8>, _ turn: inout Turn) {
        for index in 1 ..< max(1, bytes.count) { partial.append(bytes[index]) }
        guard bytes[0] == 0 || partial.count > Self.partialBytesMax else { return }
        let whole = partial
        partial = []
        guard let command = asked, let type = queue.first else { return }
        conclude(command, type, Array(whole.dropFirst(5)), &turn)
    }

    private mutating func conclude(
        _ command: UInt8, _ type: PolarType, _ parameters: [UInt8], _ turn: inout Turn
    ) {
        // Behind the answer to a start some straps send a byte that no document explains.
        guard let settings = PolarSettings(parameters) ?? (command == 0x02 ? PolarSettings() : nil) else {
            turn.report(.malformed("\(Self.channel.name) \(name(of: command))"))
            failed(isFinal: false, pauseSeconds: Self.retryPauseSeconds, &turn)
            return
        }
        if command == 0x01 {
            chosen = settings.choice(for: type)
            ask([0x02, type.rawValue] + chosen.bytes, &turn)
            return
        }
        turn.report(.answered(command: name(of: command), result: "ok"))
        chosen.factor = settings.factor
        if type == .ecg { ecg = chosen } else { acceleration = chosen }
        running.append(type)
        queue.removeFirst()
        askNext(&turn)
    }

    private mutating func failed(isFinal: Bool, pauseSeconds: Int64, _ turn: inout Turn) {
        asked = nil
        partial = []
        tries += 1
        if isFinal || tries >= Self.triesMax, !queue.isEmpty { queue.removeFirst() }
        deadline = queue.isEmpty ? .never : turn.now + .seconds(pauseSeconds)
        if pauseSeconds == 0 { askNext(&turn) }
    }

    private mutating func receiveStopped(_ bytes: Span<UInt8>, _ turn: inout Turn) {
        for index in 1 ..< max(1, bytes.count) {
            guard let type = PolarType(rawValue: bytes[index] & 0x3F), running.contains(type) else { continue }
            turn.report(.answered(command: "start-\(type.name)", result: "stopped by the device"))
            running.removeAll { $0 == type }
            tries += 1
            guard tries < Self.triesMax else { continue }
            queue.append(type)
            if asked == nil { deadline = turn.now + .seconds(Self.retryPauseSeconds) }
        }
    }
}
