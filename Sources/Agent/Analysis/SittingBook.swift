import Delivery
import Spirometry
import Vitals

/// The last good sitting of every patient at whatever spirometer, so that one after a bronchodilator finds it.
///
/// Used on the device loop only.
final class SittingBook {
    private var histories: [Identifier: SittingHistory] = [:]

    static let prefix = "sitting/"

    func remember(_ keepsakes: [Keepsake]) {
        for keepsake in keepsakes where keepsake.key.hasPrefix(Self.prefix) {
            guard let patient = Identifier(keepsake.key.dropFirst(Self.prefix.count)), let value = keepsake.value
            else { continue }
            histories[patient] = SittingHistory(text: String(decoding: value, as: UTF8.self))
        }
    }

    func compare(
        _ session: inout Session, at utcSeconds: Int64, of patient: Identifier, _ person: AnalysisSettings.Person
    ) {
        histories[patient, default: SittingHistory()].compare(
            &session, at: utcSeconds, with: person.subject, by: person.equation)
    }

    /// `nil`: nothing is known of the patient.
    func keepsake(of patient: Identifier) -> Keepsake? {
        histories[patient].map { Keepsake(Self.prefix + patient.text, Array($0.text.utf8)) }
    }
}
