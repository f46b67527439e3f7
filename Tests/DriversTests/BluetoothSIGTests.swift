import DriverKit
import Drivers
import Testing
import Vitals

@Suite struct `A device with a service of the Bluetooth SIG` {
    /// Plays one message that comes at 0 seconds.
    static func told(
        _ channel: String, _ bytes: [UInt8], localTime: CivilTime? = nil, settings: DriverSettings = .init()
    ) -> [Turn.Event] {
        var events: [Turn.Event] = []
        var playback = Playback(BluetoothSIG(settings: settings), localTimeAtStart: localTime) { _, turn in
            events += turn.events
        }
        playback.begin()
        playback.receive(bytes.span, from: Channel(channel), at: .boot)
        return events
    }

    static func readings(_ events: [Turn.Event]) -> [Reading] {
        events.compactMap { if case .reading(let reading) = $0 { reading } else { nil } }
    }

    @Test(
        arguments: [
            (0, .questionable(.held)), (1, .invalid(.sensorFault)), (2, .questionable(.artefact)),
            (3, .questionable(.noSignal)), (4, .questionable(.noise)), (5, .questionable(.lowPerfusion)),
            (6, .questionable(.artefact)), (7, .invalid(.noSignal)), (8, .questionable(.artefact)),
            (9, .questionable(.searching)), (10, .questionable(.noise)), (11, .invalid(.sensorOff)),
            (12, .questionable(.sensorFault)), (13, .questionable(.sensorOff)), (14, .invalid(.sensorFault)),
            (15, .invalid(.sensorFault)), (16, .valid), (23, .valid),
        ] as [(Int, Quality)])
    func `says in the oximeter's sensor status why a value is doubtful or missing`(bit: Int, quality: Quality) {
        let status = (0 ..< 3).map { UInt8(truncatingIfNeeded: (1 << bit) >> (8 * $0)) }
        let readings = Self.readings(Self.told("spo2-continuous", [0x08, 98, 0, 72, 0] + status))
        #expect(readings.map(\.quality) == [quality, quality])
        #expect(readings.allSatisfy { ($0.value == nil) == (quality.name == "invalid") })
    }

    @Test(
        arguments: [
            (5, .valid), (6, .calibrating), (7, .valid), (8, .valid), (9, .valid), (10, .invalid(.noValue)),
            (11, .invalid(.noValue)), (12, .calibrating), (13, .invalid(.noValue)), (14, .questionable(.artefact)),
            (15, .invalid(.noValue)),
        ] as [(Int, Quality)])
    func `says in the oximeter's measurement status how far it is`(bit: Int, quality: Quality) {
        let status = [UInt8(truncatingIfNeeded: 1 << bit), UInt8(truncatingIfNeeded: (1 << bit) >> 8)]
        let readings = Self.readings(Self.told("spo2-spot-check", [0x02, 98, 0, 72, 0] + status))
        #expect(readings.map(\.quality) == [quality, quality])
        #expect(readings.allSatisfy { $0.source == (bit == 9 ? .stored : .live) })
    }

    @Test(
        arguments: [
            (0, Reading.Source.live, Quality.valid), (300, .live, .valid), (301, .stored, .valid),
            (-300, .live, .valid), (-301, .live, .questionable(.clockUncertain)), (86_400, .stored, .valid),
        ] as [(Int64, Reading.Source, Quality)])
    func `measured live what is not older than five minutes by the box's clock`(
        age: Int64, source: Reading.Source, quality: Quality
    ) throws {
        let now = try #require(CivilTime("2026-07-16T14:30:05"))
        let time = try #require(now.adding(seconds: -age))
        let message = [0x02, 120, 0, 80, 0, 0, 0] + time.dateTimeBytes
        let readings = Self.readings(Self.told("blood-pressure-measurement", message, localTime: now))
        #expect(readings.count == 2)
        #expect(readings.allSatisfy { $0.source == source && $0.quality == quality && $0.deviceTime == time })
    }

    @Test func `has its own clock, by which its records age, whatever the box shows`() throws {
        let box = try #require(CivilTime("2026-07-16T14:30:05"))
        let device = try #require(CivilTime("2014-01-01T00:10:00"))
        var readings: [Reading] = []
        var playback = Playback(BluetoothSIG(settings: .init()), localTimeAtStart: box) { _, turn in
            readings += Self.readings(turn.events)
        }
        playback.receive(device.currentTimeBytes.span, from: Channel("current-time"), at: .boot)
        for (age, at) in [(60, 0), (660, 0), (-600, 600)] as [(Int64, Int64)] {
            let time = try #require(device.adding(seconds: -age))
            let message = [0x02, 0x72, 0x01, 0x00, 0xFF] + time.dateTimeBytes
            playback.receive(
                message.span, from: Channel("temperature-measurement"),
                at: Instant(nanoseconds: at * 1_000_000_000))
        }
        #expect(readings.map(\.source) == [.live, .stored, .live])
        #expect(readings.allSatisfy { $0.quality == .valid })
    }

    @Test(arguments: ["spo2-spot-check", "spo2-continuous", "blood-pressure-measurement", "weight-measurement"])
    func `says nothing with a message that ends before its flags say`(channel: String) {
        let whole: [UInt8] = [0x1F] + [UInt8](repeating: 1, count: 30)
        let lengths = ["weight-measurement": 15, "blood-pressure-measurement": 19, "spo2-spot-check": 19]
        let length = lengths[channel, default: 20]
        for count in 1 ..< length {
            let events = Self.told(channel, Array(whole.prefix(count)))
            #expect(events == [.fault(.malformed(channel))], "\(count) bytes")
        }
        #expect(!Self.readings(Self.told(channel, Array(whole.prefix(length)))).isEmpty)
    }

    @Test(
        arguments: [
            ("Nonin3230_502", [0x1822], true), (nil, [0x180D], true), (nil, [0x1810], true), (nil, [0x1809], true),
            (nil, [0x181D], true), (nil, [0x180F, 0x180A], false), (nil, [], false), ("Polar H10", [], false),
            ("healthypi-5", [0x1822], false), ("HealthyPi Move", [0x180D], false),
        ] as [(String?, [UInt16], Bool)])
    func `is recognised by its services, unless its name is one of those that use them otherwise`(
        name: String?, services: [UInt16], isRecognised: Bool
    ) {
        let found = BluetoothSIG.manifest.bluetooth?.recognise(
            name: name, services: services.map { BluetoothUUID($0) })
        #expect((found != nil) == isRecognised)
    }

    @Test func `yields to a driver that knows the name`() throws {
        let services = [BluetoothUUID(0x180D)]
        let sig = try #require(BluetoothSIG.manifest.bluetooth?.recognise(name: "Polar H10 1", services: services))
        let polar = try #require(PolarH10.manifest.bluetooth?.recognise(name: "Polar H10 1", services: services))
        #expect(polar.score > sig.score)
        #expect(polar.model == "Polar H10")
    }

    @Test func `has no channel twice`() {
        let channels = BluetoothSIG.manifest.channels
        #expect(Set(channels).count == channels.count)
    }

    @Test func `is asked for its records only where it has the control point`() {
        for channels in [
            [Channel("spo2-spot-check")], [Channel("spo2-spot-check"), Channel("spo2-record-access")],
        ] {
            var requests: [Turn.Request] = []
            var playback = Playback(BluetoothSIG(settings: .init(fetchesStored: true)), channels: channels) {
                requests += $1.requests
            }
            playback.begin()
            #expect(requests.map(\.bytes) == (channels.count == 2 ? [[0x04, 0x01]] : []))
        }
    }
}

@Suite struct `A time in a GATT value` {
    @Test func `is seven bytes, or ten with the weekday`() throws {
        let time = try #require(CivilTime("2017-01-04T11:38:45"))
        #expect(time.dateTimeBytes == [0xE1, 0x07, 0x01, 0x04, 0x0B, 0x26, 0x2D])
        #expect(time.currentTimeBytes == [0xE1, 0x07, 0x01, 0x04, 0x0B, 0x26, 0x2D, 0x03, 0x00, 0x01])
        let sunday = try #require(CivilTime("2026-07-19T00:00:00"))
        #expect(sunday.currentTimeBytes[7] == 7)
    }
}
