import Bytes
import DriverKit
import Vitals

/// The device's clock: Current Time (2A2B), or Date Time (2A08), which A&D puts beside the measurement.
///
/// It tells what the clock shows, sets it once when that is wanted, and judges the age of what carries a time.
/// - Source: Bluetooth SIG, Current Time and Date Time; andengineering/AndroidSampleCode for 2A08.
struct SIGClock: Sendable {
    private let sets: Bool
    /// What it showed first, and then.
    private var found: Shown?
    /// What we set it to, and when.
    private var set: Shown?
    private var channelsSet: [Channel] = []

    private struct Shown: Sendable {
        var time: CivilTime
        var at: Instant

        func now(_ turn: Turn) -> CivilTime? {
            time.adding(seconds: (turn.now - at).wholeNanoseconds / 1_000_000_000)
        }
    }

    /// What is not older than this, by any clock that is known, was measured just now.
    static let liveSecondsMax: Int64 = 300

    static let currentTime = Channel("current-time")
    static let dateTimes = [
        Channel("blood-pressure-date-time"), Channel("thermometer-date-time"), Channel("weight-scale-date-time"),
    ]

    static let uses: [CharacteristicUse] =
        [
            CharacteristicUse(
                currentTime, service: BluetoothUUID(0x1805), characteristic: BluetoothUUID(0x2A2B),
                access: [.read, .subscribe, .write], isRequired: false)
        ]
        + zip(dateTimes, [0x1810, 0x1809, 0x181D] as [UInt16]).map { channel, service in
            CharacteristicUse(
                channel, service: BluetoothUUID(service), characteristic: BluetoothUUID(0x2A08),
                access: [.read, .write], isRequired: false)
        }

    init(sets: Bool) { self.sets = sets }

    mutating func receive(
        _ bytes: Span<UInt8>, from channel: Channel, _ turn: inout Turn
    ) throws(Truncated) -> Bool {
        guard channel == Self.currentTime || Self.dateTimes.contains(channel) else { return false }
        var reader = ByteReader(bytes)
        if let time = try reader.dateTime() {
            if found == nil { found = Shown(time: time, at: turn.now) }
            turn.report(.clock(time))
        } else {
            turn.report(.feature("clock", "not-set"))
        }
        setClock(channel, &turn)
        return true
    }

    private mutating func setClock(_ channel: Channel, _ turn: inout Turn) {
        guard sets, let time = turn.localTime, !channelsSet.contains(channel) else { return }
        channelsSet.append(channel)
        turn.send(channel == Self.currentTime ? time.currentTimeBytes : time.dateTimeBytes, to: channel)
        set = Shown(time: time, at: turn.now)
        turn.report(.clockSet(time))
    }

    /// Whether a record was measured just now or comes from memory, as far as its time tells.
    ///
    /// A time within ``liveSecondsMax`` of what the device's clock shows is of now, an older one is from memory. A
    /// device whose clock cannot be read is measured by the box's clock. With no clock to measure it by, or with a
    /// time that is still to come, it is taken for live, and its time is doubted.
    ///
    /// - Parameter isTimed: the message has a field for the time.
    func circumstances(of time: CivilTime?, isTimed: Bool, _ turn: Turn) -> Circumstances {
        guard isTimed else { return Circumstances() }
        guard let time else { return Circumstances(doubts: .clockUncertain) }
        let known = [found?.now(turn), set?.now(turn)].compactMap { $0 }
        let clocks = known.isEmpty ? [turn.localTime].compactMap { $0 } : known
        let ages = clocks.map { $0.secondsSince1970 - time.secondsSince1970 }
        if ages.contains(where: { (-Self.liveSecondsMax ... Self.liveSecondsMax).contains($0) }) {
            return Circumstances(deviceTime: time)
        }
        guard ages.contains(where: { $0 > 0 }) else {
            return Circumstances(doubts: .clockUncertain, deviceTime: time)
        }
        return Circumstances(source: .stored, deviceTime: time)
    }
}
