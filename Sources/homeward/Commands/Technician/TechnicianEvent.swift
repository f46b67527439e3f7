import FoundationEssentials

/// One line of the daemon, as far as this program understands it.
enum TechnicianEvent {
    case status(StatusEvent)
    case devices([DeviceEntry])
    case sightings(SightingsEvent)
    case step(StepEvent)
    case question(QuestionEvent)
    case reading(ReadingEvent)
    case waveform(WaveformEvent)
    case session(SessionEvent)
    case alert(AlertEvent)
    case link(LinkEvent)
    case dropped(Int)
    case paired(PairedEvent)
    /// Of `unpaired`, `assigned` and `unassigned`.
    case changed(ChangedEvent)
    case recording(RecordingEvent)
    case frames([String])
    case recorded(RecordedEvent)
    case done
    case failure(FailureEvent)
    /// Of a daemon that is newer than this program: passed over.
    case unknown

    /// `nil`: no JSON object, or a known event with members of other types than expected.
    init?(_ line: [UInt8]) {
        let data = Data(line)
        let decoder = JSONDecoder()
        func decode<Body: Decodable>(_ type: Body.Type) -> Body? { try? decoder.decode(type, from: data) }
        guard let head = decode(Head.self) else { return nil }
        let event: TechnicianEvent? =
            if let failure = head.error {
                .failure(failure)
            } else if head.done == true {
                .done
            } else {
                switch head.event {
                case "status": decode(StatusEvent.self).map(Self.status)
                case "devices": decode(DevicesEvent.self).map { .devices($0.devices) }
                case "sightings": decode(SightingsEvent.self).map(Self.sightings)
                case "step": decode(StepEvent.self).map(Self.step)
                case "question": decode(QuestionEvent.self).map(Self.question)
                case "reading": decode(ReadingEvent.self).map(Self.reading)
                case "waveform": decode(WaveformEvent.self).map(Self.waveform)
                case "session": decode(SessionEvent.self).map(Self.session)
                case "alert": decode(AlertEvent.self).map(Self.alert)
                case "link": decode(LinkEvent.self).map(Self.link)
                case "dropped": decode(DroppedEvent.self).map { .dropped($0.count) }
                case "paired": decode(PairedEvent.self).map(Self.paired)
                case "unpaired", "assigned", "unassigned": decode(ChangedEvent.self).map(Self.changed)
                case "recording": decode(RecordingEvent.self).map(Self.recording)
                case "frames": decode(FramesEvent.self).map { .frames($0.lines) }
                case "recorded": decode(RecordedEvent.self).map(Self.recorded)
                default: .unknown
                }
            }
        guard let event else { return nil }
        self = event
    }

    private struct Head: Decodable {
        var event: String?
        var done: Bool?
        var error: FailureEvent?
    }

    private struct DevicesEvent: Decodable { var devices: [DeviceEntry] }
    private struct FramesEvent: Decodable { var lines: [String] }
    private struct DroppedEvent: Decodable { var count: Int }
}

struct FailureEvent: Decodable {
    var code: String
    var text: String?
    var remedy: String?
}

struct StatusEvent: Decodable {
    var gateway: String?
    var version: String?
    var uptimeSeconds: Double?
    var radio: Radio?
    var devices: [DeviceEntry]?
    /// How many more there are.
    var devicesOmitted: Int?
    var alarms: [Alarm]?
    var delivery: Delivery?

    /// What `health` tells too.
    struct Delivery: Decodable {
        var broker: Broker?
        var lanes: [String: Lane]?

        struct Broker: Decodable {
            var state: String?
            var troubleLast: String?
            var storeFaultLast: String?
            var publishRefusedLast: String?
        }

        struct Lane: Decodable {
            var depth: Double?
            var oldestAgeMilliseconds: Double?
        }
    }

    struct Radio: Decodable {
        var state: String?
        var problem: String?
        var adapter: String?
        var connectedCount: Int?
        var heardLastMilliseconds: Double?
        var scannerRestarts: Int?
        var powerCycles: Int?
        var usbResets: Int?
        var adapterLosses: Int?
        var bluetoothd: Bool?
    }

    struct Alarm: Decodable {
        var device: String?
        var condition: String?
        var priority: String?
        var state: String?
    }
}

struct DeviceEntry: Decodable {
    var device: String
    var driver: String?
    var model: String?
    var manufacturer: String?
    var address: String?
    var name: String?
    var link: String?
    var problem: String?
    var paired: Bool?
    var patient: String?
    var origin: String?
    var batteryPercent: Double?
    var lastHeardMilliseconds: Double?
    var assignments: [Assignment]?

    struct Assignment: Decodable {
        var patient: String?
        var from: String?
        var to: String?
        var by: String?
        var missingAfterSeconds: Int?
    }
}

struct SightingsEvent: Decodable {
    var radio: String?
    var sightings: [Sighting]

    struct Sighting: Decodable {
        var address: String
        var name: String?
        var driver: String?
        var model: String?
        var rssiDBm: Double?
        var paired: Bool?
        var device: String?
        var lastHeardMilliseconds: Double?
        var isConnectable: Bool?
    }
}

struct StepEvent: Decodable {
    var step: String
    var text: String?
}

struct QuestionEvent: Decodable {
    var kind: String
    var passkey: String?
}

struct ReadingEvent: Decodable {
    var device: String?
    var metric: String
    var value: Double?
    var unit: String?
    var quality: String?
    var reasons: [String]?
    var time: String?
}

struct WaveformEvent: Decodable {
    var device: String?
    var metric: String
    var sampleRateHz: Double?
    /// value = sample × scale + offset
    var scale: Double?
    var offset: Double?
    var unit: String?
    var samples: [Double]
}

struct SessionEvent: Decodable {
    var device: String?
    var kind: String
    var time: String?
    var quality: String?
    var reasons: [String]?
    var manoeuvres: Int?
    var signals: Int?
    var deviceGrade: String?
    /// The number of the manoeuvre whose results stand here.
    var shown: Int?
    var results: [Result]?

    struct Result: Decodable {
        var metric: String
        var value: Double?
        var unit: String?
    }
}

struct AlertEvent: Decodable {
    var device: String?
    var condition: String?
    var phase: String?
    var priority: String?
    var text: String?
}

struct LinkEvent: Decodable {
    var device: String
    var link: String?
    var problem: String?
}

struct PairedEvent: Decodable {
    var device: String
    var driver: String?
    var model: String?
    var address: String?
    var bonded: Bool?
}

struct ChangedEvent: Decodable {
    var event: String
    var device: String
    var patient: String?
    var from: String?
}

/// The head of a capture.
struct RecordingEvent: Decodable {
    var device: String
    var isWhole: Bool?
    var lines: [String]
}

struct RecordedEvent: Decodable {
    var device: String
    var frames: Int?
    var dropped: Int?
    var hasEnded: Bool?
}
