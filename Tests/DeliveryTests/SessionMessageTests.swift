import Delivery
import Foundation
import Testing
import Vitals

@Suite struct `The message of a session` {
    private func stamp(_ time: CivilTime? = nil, received: Int64 = 1) -> Stamp {
        Stamp(
            device: time, bootID: "boot", received: Instant(nanoseconds: received * 1000), utcNanoseconds: 0,
            uncertaintyMilliseconds: nil, clock: .unsynchronized, correction: .reception)
    }

    private func session(blows: Int, samples: Int, time: CivilTime? = nil) -> Session {
        let curve = Curve(
            .flowTime, sampleRateHz: 500,
            tracks: [Curve.Track(.flow, scale: 0.001, samples: (0 ..< Int32(samples)).map { 10_000 + $0 })])
        return Session(
            .spirometry,
            manoeuvres: (0 ..< blows).map { number in
                Manoeuvre(
                    number: number + 1, results: [ManoeuvreResult(.peakExpiratoryFlow, 7.4448)],
                    curves: samples > 0 ? [curve] : [],
                    quality: samples > 0 ? .valid : .questionable(.resultsOnly))
            }, deviceTime: time)
    }

    private func draft(_ session: Session, patient: String? = "p-1") throws -> (Draft, [String: Any]) {
        let device = try #require(Identifier("spirometer"))
        let draft = SessionMessage.draft(
            session, device: device, patient: patient.flatMap { Identifier($0) }, origin: .measured,
            start: stamp(session.deviceTime), end: nil)
        let text = Data([0x7B] + draft.body + [0x7D])
        return (draft, try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any]))
    }

    @Test func `has all manoeuvres, their results in litres a second, and every sample`() throws {
        let (draft, body) = try draft(session(blows: 8, samples: 2000))
        #expect(draft.lane == .session)
        #expect(draft.topic == "patient/p-1/session/spirometry")
        let manoeuvres = try #require(body["manoeuvres"] as? [[String: Any]])
        #expect(manoeuvres.count == 8)
        for manoeuvre in manoeuvres {
            let result = try #require((manoeuvre["results"] as? [[String: Any]])?.first)
            #expect(result["unit"] as? String == "L/s")
            #expect(result["value"] as? Double == 7.445)
            let curve = try #require((manoeuvre["curves"] as? [[String: Any]])?.first)
            #expect(curve["keptOneOf"] == nil)
            let track = try #require((curve["tracks"] as? [[String: Any]])?.first)
            #expect((track["samples"] as? [Int])?.count == 2000)
        }
    }

    @Test func `of nobody's device goes to nobody, and says where there is no curve`() throws {
        let (draft, body) = try draft(session(blows: 1, samples: 0), patient: nil)
        #expect(draft.topic == "unassigned/session/spirometry")
        #expect(body["patient"] is NSNull)
        let manoeuvre = try #require((body["manoeuvres"] as? [[String: Any]])?.first)
        #expect(manoeuvre["reasons"] as? [String] == ["results-only"])
    }

    @Test func `is never longer than the outbox takes, and tells what was left out`() throws {
        let whole = session(blows: Session.manoeuvresMax, samples: Curve.samplesMax)
        let (draft, body) = try draft(whole)
        #expect(draft.body.count <= SessionMessage.bytesMax)
        #expect(draft.body.count > SessionMessage.bytesMax / 4)
        let manoeuvres = try #require(body["manoeuvres"] as? [[String: Any]])
        #expect(manoeuvres.count == Session.manoeuvresMax)
        let curve = try #require((manoeuvres[0]["curves"] as? [[String: Any]])?.first)
        let kept = try #require(curve["keptOneOf"] as? Int)
        let samples = try #require(((curve["tracks"] as? [[String: Any]])?.first)?["samples"] as? [Int])
        #expect(kept > 1)
        #expect(samples.count == (Curve.samplesMax + kept - 1) / kept)
        #expect(Array(samples.prefix(2)) == [10_000, 10_000 + kept])
    }

    @Test func `names the record by the device's time and content, else by its reception`() throws {
        let device = try #require(Identifier("s"))
        let time = CivilTime(year: 2026, month: 1, day: 15, hour: 9)
        let stored = session(blows: 1, samples: 3, time: time)
        let first = SessionMessage.identity(of: stored, device: device, start: stamp(time))
        #expect(first == SessionMessage.identity(of: stored, device: device, start: stamp(time, received: 99)))
        #expect(first.hasPrefix("s/spirometry/2026-01-15T09:00:00/"))
        let other = session(blows: 1, samples: 4, time: time)
        #expect(first != SessionMessage.identity(of: other, device: device, start: stamp(time)))
        let live = session(blows: 1, samples: 3)
        let now = SessionMessage.identity(of: live, device: device, start: stamp())
        #expect(now.hasPrefix("s/spirometry/boot+1/"))
        #expect(now != SessionMessage.identity(of: live, device: device, start: stamp(received: 2)))
    }
}
