import Agent
import Delivery
import DriverKit
import Testing
import Vitals

@Suite struct `The heart of a patient with a patch` {
    /// What stands in the alert of that phase and condition.
    private func alert(_ record: Stage.Record, _ phase: String, _ condition: String) throws -> String {
        try #require(
            record.drafts.first {
                $0.schema == "alert" && field("phase", in: $0.text) == phase
                    && field("condition", in: $0.text) == condition
            }
        ).text
    }

    @Test func `prints`() throws {
        for script: [(seconds: Int, heart: Heart)] in [
            [(40, .sinus(72)), (15, .still), (60, .sinus(72))],
            [(40, .sinus(72)), (15, .ventricular(170)), (60, .sinus(72))],
            [(40, .sinus(72)), (30, .electrodeOff), (60, .sinus(72))],
            [(120, .sinus(72))],
        ] {
            let record = try Stage.patch(script).play()
            print("=====", script)
            for draft in record.drafts where ["alert"].contains(draft.schema) { print(draft.topic, draft.text.prefix(1800)) }
            print(record.alerts)
            for draft in record.drafts where ["session"].contains(draft.schema) { print(draft.topic, draft.text.prefix(500), draft.text.suffix(900)) }
            print(record.values("heart-rate"))
            print(record.values("rr-interval").count, record.drafts.filter { $0.schema == "waveform" }.count)
        }
    }
}
