import Bytes
import DriverKit
import Vitals

/// What the host says, one request at a time: who are you, set the clock, give what is stored, then every second
/// the numbers and the wave.
struct OxyConversation: Sendable {
    static let answerWithin = Duration.seconds(2)
    static let pollInterval = Duration.seconds(1)
    /// A request before live data is sent so often.
    static let triesMax = 3

    /// The next moment at which something must be done.
    private(set) var deadline = Instant.never
    private var step = Step.idle
    private var tries = 0
    private var askedAt = Instant.boot
    private var pollAt = Instant.boot
    private var isSilent = false
    private var clockSent: CivilTime?
    private var download = OxyDownload()
    private var live = OxyLive()
    private let settings: DriverSettings

    private enum Step: Hashable, Sendable {
        /// Nothing is under way; `pause`: until the next poll; `tell`: a stored file is being told.
        case idle, pause, tell
        case info, clock, open, read, close, numbers, wave
    }

    init(_ settings: DriverSettings) { self.settings = settings }

    mutating func begin(_ turn: inout Turn) { ask(.info, &turn) }

    mutating func wake(_ turn: inout Turn) {
        guard turn.now >= deadline else { return }
        switch step {
        case .idle: deadline = .never
        case .pause: ask(.numbers, &turn)
        case .tell: goOnTelling(&turn)
        default: hearNothing(&turn)
        }
    }

    mutating func end(_ turn: inout Turn) {
        download.close(&turn)
        step = .idle
        deadline = .never
    }

    private mutating func ask(_ next: Step, _ turn: inout Turn) {
        if next != step { tries = 0 }
        step = next
        tries += 1
        if next == .numbers { pollAt = turn.now + Self.pollInterval }
        askedAt = turn.now
        deadline = turn.now + Self.answerWithin
        turn.send(request(turn.localTime), to: ViatomOxy.requests)
    }

    private mutating func request(_ localTime: CivilTime?) -> [UInt8] {
        switch step {
        case .clock:
            clockSent = localTime
            let time = localTime?.description.replacing("T", with: ",") ?? ""
            return OxyPacket.request(0x16, Array("{\"SetTIME\":\"\(time)\"}".utf8))
        case .open: return OxyPacket.request(0x03, Array(download.name.utf8) + [0])
        case .read: return OxyPacket.request(0x04, block: download.block)
        case .close: return OxyPacket.request(0x05)
        case .numbers: return OxyPacket.request(0x17)
        case .wave: return OxyPacket.request(0x1B, [0x00])
        default: return OxyPacket.request(0x14)
        }
    }

    private static func name(_ step: Step) -> String {
        switch step {
        case .info: "14 information"
        case .clock: "16 set the clock"
        case .open: "03 open file"
        case .read: "04 read file"
        case .close: "05 close file"
        case .numbers: "17 live numbers"
        case .wave: "1B live wave"
        case .idle, .pause, .tell: "nothing"
        }
    }
}

// What the device answers.
extension OxyConversation {
    mutating func hear(_ reply: OxyReply, _ turn: inout Turn) {
        guard step != .idle, step != .pause, step != .tell else {
            turn.report(.unknown("reply that nothing asked for"))
            return
        }
        guard reply.status == 0 else { return hearRefusal(reply.status, &turn) }
        guard fits(reply) else {
            turn.report(.malformed("reply of \(reply.count) bytes to \(Self.name(step))"))
            return
        }
        isSilent = false
        switch step {
        case .info: hearInfo(OxyInfo(reply.payload), &turn)
        case .clock:
            if let clockSent { turn.report(.clockSet(clockSent)) }
            nextFile(&turn)
        case .open:
            download.open(size: reply.littleEndian32(0), &turn)
            ask(download.isWhole ? .close : .read, &turn)
        case .read:
            download.append(reply.payload)
            tries = 0
            ask(download.isWhole || reply.count == 0 ? .close : .read, &turn)
        case .close: closed(&turn)
        case .numbers:
            live.tellNumbers(reply, &turn)
            if settings.reportsWaveforms { ask(.wave, &turn) } else { pause(turn) }
        case .wave:
            live.tellWave(reply, &turn)
            pause(turn)
        case .idle, .pause, .tell: break
        }
    }

    /// Replies do not name their request, so a late one is told by its form.
    private func fits(_ reply: OxyReply) -> Bool {
        switch step {
        case .info: reply[0] == UInt8(ascii: "{")
        case .clock, .close: reply.count == 0
        case .open: reply.count == 4
        case .numbers: OxyLive.isNumbers(reply)
        case .wave: OxyLive.isWave(reply)
        case .read, .idle, .pause, .tell: true
        }
    }

    private mutating func hearInfo(_ info: OxyInfo, _ turn: inout Turn) {
        if info.information != DeviceInformation() { turn.report(info.information) }
        if let battery = info.batteryPercent { turn.report(Reading(.batteryLevel, Double(battery))) }
        if let clock = info.clock { turn.report(.clock(clock)) }
        if let files = info.files {
            turn.report(.hasStored(!files.isEmpty))
            if settings.fetchesStored { download.names = files[...] }
        }
        if settings.setsClock, let local = turn.localTime, info.clock.map({ Self.differ($0, local) }) ?? true {
            ask(.clock, &turn)
        } else {
            nextFile(&turn)
        }
    }

    /// A clock that is right to the second may show the next one.
    private static func differ(_ one: CivilTime, _ other: CivilTime) -> Bool {
        abs(one.secondsSince1970 - other.secondsSince1970) > 1
    }

    private mutating func hearRefusal(_ status: UInt8, _ turn: inout Turn) {
        turn.report(.answered(command: Self.name(step), result: "refused-\(Hex.text([status]))"))
        isSilent = false
        switch step {
        case .numbers, .wave: pause(turn)
        default: giveUp(&turn)
        }
    }
}

// What comes next.
extension OxyConversation {
    private mutating func hearNothing(_ turn: inout Turn) {
        if !isSilent { turn.report(.noAnswer(Self.name(step))) }
        switch step {
        case .numbers, .wave:
            isSilent = true
            ask(.numbers, &turn)
        case .read:
            // A late block could be taken for the next one; closing and opening again leaves no doubt.
            if !download.interrupt() { download.isInterrupted = false }
            ask(.close, &turn)
        default:
            if tries < Self.triesMax { ask(step, &turn) } else { giveUp(&turn) }
        }
    }

    /// The device does not do what this step is for.
    private mutating func giveUp(_ turn: inout Turn) {
        switch step {
        case .read:
            download.isInterrupted = false
            ask(.close, &turn)
        case .close: closed(&turn)
        case .open: finishFile(&turn)
        default: nextFile(&turn)
        }
    }

    private mutating func closed(_ turn: inout Turn) {
        if download.isInterrupted { ask(.open, &turn) } else { finishFile(&turn) }
    }

    private mutating func finishFile(_ turn: inout Turn) {
        guard download.finish(&turn) else { return nextFile(&turn) }
        step = .tell
        deadline = turn.now
    }

    private mutating func goOnTelling(_ turn: inout Turn) {
        if download.tell(&turn) { nextFile(&turn) } else { deadline = turn.now }
    }

    private mutating func nextFile(_ turn: inout Turn) {
        if download.beginNext() { ask(.open, &turn) } else { ask(.numbers, &turn) }
    }

    private mutating func pause(_ turn: borrowing Turn) {
        step = .pause
        deadline = max(turn.now, pollAt)
    }
}
