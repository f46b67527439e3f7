import Delivery
import DriverKit
import Vitals

/// What is known of a device now: published retained, so that whoever comes later knows it too.
struct DeviceTwin {
    enum LinkState: String { case waiting, connected, silent, gone, busy, denied, failed, stopped }

    var state = LinkState.waiting
    /// What the last failure said, with what to do.
    var problem: String?
    var problemCode: BluetoothProblem?
    var information = DeviceInformation()
    var features: [(name: String, value: String)] = []
    var batteryPercent: Int?
    var lastHeard: Stamp?
    var clockOffsetSeconds: Int64?
    var connections = 0
    var counts = Counts()
    var lineErrors = LineErrors()

    /// Since this program started.
    struct Counts: Hashable {
        var bytes = 0
        var readings = 0
        var joined = 0
        var waveformBlocks = 0
        var droppedBytes = 0
        var checksumFaults = 0
        var otherFaults = 0
        var unanswered = 0
        var lost = 0
    }

    static let featuresMax = 16

    mutating func note(_ fault: Fault) {
        switch fault {
        case .dropped(let bytes): counts.droppedBytes += bytes
        case .checksum: counts.checksumFaults += 1
        case .malformed, .unknown: counts.otherFaults += 1
        case .noAnswer: counts.unanswered += 1
        }
    }

    /// `true` when that is new.
    mutating func note(feature name: String, value: String) -> Bool {
        if let index = features.firstIndex(where: { $0.name == name }) {
            guard features[index].value != value else { return false }
            features[index].value = value
            return true
        }
        guard features.count < Self.featuresMax else { return false }
        features.append((name, value))
        return true
    }

    func body(_ setup: DeviceSetup, _ binding: DeviceBinding) -> [UInt8] {
        let manifest = setup.driver.manifest
        return JSONText.members { json in
            json.member("device", setup.id.text)
            if let patient = setup.patient { json.member("patient", patient.text) } else { json.null("patient") }
            json.assignment(binding.current)
            json.member("driver", manifest.id)
            json.member("evidence", manifest.evidence.rawValue)
            json.member("port", setup.address.description)
            json.member("link", state.rawValue)
            json.member("problem", ifPresent: problem)
            json.member("problemCode", ifPresent: problemCode?.rawValue)
            json.member("model", ifPresent: information.model ?? binding.model)
            json.member("manufacturer", ifPresent: information.manufacturer)
            json.member("serialNumber", ifPresent: information.serialNumber)
            json.member("firmware", ifPresent: information.firmware)
            json.member("batteryPercent", ifPresent: batteryPercent)
            json.member("clockOffsetSeconds", ifPresent: clockOffsetSeconds)
            if let lastHeard { json.member("lastHeard", rfc3339(utcNanoseconds: lastHeard.utcNanoseconds)) }
            json.object("features") { json in for feature in features { json.member(feature.name, feature.value) } }
            json.object("counts") { write(counts, &$0) }
        }
    }

    private func write(_ counts: Counts, _ json: inout JSONText) {
        json.member("connections", connections)
        json.member("bytes", counts.bytes)
        json.member("readings", counts.readings)
        json.member("joined", counts.joined)
        json.member("waveformBlocks", counts.waveformBlocks)
        json.member("droppedBytes", counts.droppedBytes)
        json.member("checksumFaults", counts.checksumFaults)
        json.member("otherFaults", counts.otherFaults)
        json.member("unanswered", counts.unanswered)
        json.member("lostEvents", counts.lost)
        json.member("lineBreaks", lineErrors.breaks)
        json.member("framingErrors", lineErrors.framing)
        json.member("parityErrors", lineErrors.parity)
        json.member("overruns", lineErrors.overruns)
    }
}

extension JSONText {
    /// Since when and by whom a device belongs to its patient; nothing where the configuration says whose it is.
    mutating func assignment(_ assignment: Assignment?) {
        guard let assignment else { return }
        object("assignment") { json in
            json.member("from", rfc3339(utcNanoseconds: assignment.from))
            json.member("by", assignment.by)
        }
    }
}
