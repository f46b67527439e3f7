import Delivery
import Trends
import Vitals

/// The trends of every patient of the home, over all their devices.
///
/// Used on the device loop only. One of a patient's devices speaks for all: the first that asks, and another when
/// it has been silent.
final class TrendBook {
    /// One patient.
    struct Entry {
        var trends: PatientTrends
        /// Its alarms are those that stand: after a restart it speaks again.
        var speaker: Identifier?
        /// `nil`: not since the program started.
        var spokenAt: Instant?
        var savedAt = Instant.boot
        var isChanged = false
        /// The latest heart rate that an ECG gave.
        var heartRate: (rate: Double, at: Instant)?
        /// Of the score that was told last: lower bound, highest possible, when.
        var score: (low: Int, high: Int, at: Instant)?
    }

    private var entries: [Identifier: Entry] = [:]
    private var kept: [Identifier: String] = [:]
    private var keptSpeakers: [Identifier: Identifier] = [:]
    private let settings: [Identifier: TrendSettings]

    static let prefix = "trends/"
    static let speakerSuffix = "/speaker"
    /// A speaker that was silent for longer is replaced.
    static let speakerSilence = Duration.seconds(300)

    init(_ settings: [Identifier: TrendSettings]) { self.settings = settings }

    func remember(_ keepsakes: [Keepsake]) {
        for keepsake in keepsakes where keepsake.key.hasPrefix(Self.prefix) {
            guard let value = keepsake.value else { continue }
            let text = String(decoding: value, as: UTF8.self)
            let name = keepsake.key.dropFirst(Self.prefix.count)
            if let patient = Identifier(name) {
                kept[patient] = text
            } else if name.hasSuffix(Self.speakerSuffix),
                let patient = Identifier(name.dropLast(Self.speakerSuffix.count))
            {
                keptSpeakers[patient] = Identifier(text)
            }
        }
    }

    /// Changes a patient's entry in its place. What cannot be read back is begun anew.
    func change<Result>(_ patient: Identifier, _ work: (inout Entry) -> Result) -> Result {
        work(&entries[patient, default: begin(patient)])
    }

    private func begin(_ patient: Identifier) -> Entry {
        let settings = settings[patient] ?? TrendSettings()
        let trends = kept[patient].flatMap { PatientTrends(text: $0, settings: settings) }
        return Entry(trends: trends ?? PatientTrends(settings), speaker: keptSpeakers[patient])
    }

    static func keepsake(speaker: Identifier, of patient: Identifier) -> Keepsake {
        Keepsake(prefix + patient.text + speakerSuffix, Array(speaker.text.utf8))
    }

    static func keepsake(_ entry: Entry, of patient: Identifier) -> Keepsake {
        Keepsake(prefix + patient.text, Array(entry.trends.text.utf8))
    }
}
