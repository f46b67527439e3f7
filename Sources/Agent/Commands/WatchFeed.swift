import Alarms
import Delivery
import DriverKit
import Vitals

/// What happens now, for those who watch. It costs nothing while nobody does.
final class WatchFeed {
    /// One who watches: what was not taken yet, and how much found no room.
    final class Watcher {
        let device: Identifier?
        let kinds: Set<Kind>
        private var lines: [[UInt8]] = []
        /// Found no room behind the lines.
        private var overflowCount = 0
        /// Was not taken, nor was that told.
        private var untoldCount = 0
        private let wake: () -> Void

        /// About half a minute of ten devices; a waveform counts like a reading.
        static let linesMax = 256

        fileprivate init(_ device: Identifier?, _ kinds: Set<Kind>, wake: @escaping () -> Void) {
            self.device = device
            self.kinds = kinds
            self.wake = wake
        }

        fileprivate func add(_ line: [UInt8]) {
            if lines.count < Self.linesMax { lines.append(line) } else { overflowCount += 1 }
            wake()
        }

        /// Hands over what has come, in its order, and then what was dropped behind it. What the client does not
        /// take counts as dropped too, and is told when it takes something again.
        func hand(to send: ([UInt8]) -> Bool) {
            for line in lines {
                if untoldCount > 0, send(Self.dropped(untoldCount)) { untoldCount = 0 }
                if untoldCount > 0 || !send(line) { untoldCount += 1 }
            }
            lines.removeAll(keepingCapacity: true)
            untoldCount += overflowCount
            overflowCount = 0
            if untoldCount > 0, send(Self.dropped(untoldCount)) { untoldCount = 0 }
        }

        private static func dropped(_ count: Int) -> [UInt8] {
            Conversation.line("dropped") { $0.member("count", count) }
        }
    }

    enum Kind: String, Hashable, CaseIterable { case reading, waveform, session, alert, link }

    private var watchers: [Watcher] = []

    func add(
        device: Identifier?, kinds: Set<Kind> = Set(Kind.allCases), wake: @escaping () -> Void
    ) -> Watcher {
        let watcher = Watcher(device, kinds, wake: wake)
        watchers.append(watcher)
        return watcher
    }

    func remove(_ watcher: Watcher) { watchers.removeAll { $0 === watcher } }

    // MARK: What happens

    func tell(_ observations: [Observation], _ waveforms: [Waveform], of device: Identifier) {
        guard !watchers.isEmpty else { return }
        for observation in observations {
            tell(.reading, of: device) { json in
                json.member("device", device.text)
                json.reading(observation.reading)
                json.member("time", rfc3339(utcNanoseconds: observation.stamp.utcNanoseconds))
            }
        }
        for waveform in waveforms {
            tell(.waveform, of: device) { json in
                json.member("device", device.text)
                json.member("metric", waveform.metric.rawValue)
                json.member("sampleRateHz", waveform.sampleRateHz)
                json.member("scale", waveform.scale)
                json.member("offset", waveform.offset)
                json.member("unit", waveform.metric.unit)
                json.array("samples", integers: waveform.samples)
            }
        }
    }

    /// Without its curves: how it went, and the numbers of the manoeuvre that the device calls the best, else of
    /// the last one that has any.
    func tell(_ session: Session, at start: Stamp, of device: Identifier) {
        let shown =
            session.manoeuvres.first { $0.number == session.deviceBest }
            ?? session.manoeuvres.last { !$0.results.isEmpty }
        tell(.session, of: device) { json in
            json.member("device", device.text)
            json.member("kind", session.kind.rawValue)
            json.member("time", rfc3339(utcNanoseconds: start.utcNanoseconds))
            json.member("source", session.source.rawValue)
            json.member("quality", session.quality.name)
            json.array("reasons", session.quality.reasons.names)
            json.member("manoeuvres", session.manoeuvres.count)
            json.member("signals", session.signals.count)
            json.member("deviceGrade", ifPresent: session.deviceGrade)
            guard let shown else { return }
            json.member("shown", shown.number)
            json.array("results", objects: shown.results.count) { index, json in
                let result = shown.results[index]
                json.member("metric", result.metric.rawValue)
                json.member("value", decimal: decimal(result.value, fractionDigits: result.fractionDigits))
                json.member("unit", result.unit)
            }
        }
    }

    func tell(_ alert: AlertMessage) {
        tell(.alert, of: alert.device) { json in
            json.member("device", alert.device.text)
            json.member("condition", alert.condition)
            json.member("phase", alert.phase.rawValue)
            json.member("priority", alert.priority.name)
            json.member("text", alert.text)
        }
    }

    func tell(link state: DeviceTwin.LinkState, problem: String?, of device: Identifier) {
        tell(.link, of: device) { json in
            json.member("device", device.text)
            json.member("link", state.rawValue)
            if let problem { json.member("problem", problem) } else { json.null("problem") }
        }
    }

    /// Written once, and only when somebody wants it.
    private func tell(_ kind: Kind, of device: Identifier, _ write: (inout JSONText) -> Void) {
        let interested = watchers.filter { $0.kinds.contains(kind) && ($0.device ?? device) == device }
        guard !interested.isEmpty else { return }
        let line = Conversation.line(kind.rawValue, write)
        for watcher in interested { watcher.add(line) }
    }
}

extension JSONText {
    /// metric, value, unit, quality, reasons
    mutating func reading(_ reading: Reading) {
        let definition = reading.metric.definition
        member("metric", reading.metric.rawValue)
        if let value = reading.value {
            member("value", decimal: decimal(value, fractionDigits: definition.fractionDigits))
        } else {
            null("value")
        }
        member("unit", definition.unit)
        member("quality", reading.quality.name)
        array("reasons", reading.quality.reasons.names)
    }
}
