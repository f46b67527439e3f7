import Delivery
import Foundation
import Testing
import Vitals

@Suite struct `The message of a session with signals` {
    private func body(_ session: Session) throws -> (count: Int, [String: Any]) {
        let stamp = Stamp(
            device: nil, bootID: "boot", received: Instant(nanoseconds: 1000), utcNanoseconds: 0,
            uncertaintyMilliseconds: nil, clock: .unsynchronized, correction: .reception)
        let draft = SessionMessage.draft(
            session, device: try #require(Identifier("d")), patient: nil, origin: .derived, start: stamp, end: nil)
        let text = Data([0x7B] + draft.body + [0x7D])
        return (draft.body.count, try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any]))
    }

    private func segments(_ body: [String: Any]) throws -> [[String: Any]] {
        let signal = try #require((body["signals"] as? [[String: Any]])?.first)
        return try #require(signal["segments"] as? [[String: Any]])
    }

    @Test func `writes runs where values stay, samples where they change, and nothing where there are none`() throws
    {
        var session = Session(.overnightOximetry)
        session.signals = [
            SessionSignal(
                .oxygenSaturation, sampleRateHz: 1,
                samples: [97, 97, 97, 97, 96, nil, nil, 90, 91, 92] as [Int32?])
        ]
        let (_, body) = try body(session)
        #expect(body["manoeuvres"] == nil)
        let segments = try segments(body)
        #expect(segments.map { $0["firstSample"] as? Int } == [0, 7])
        #expect(segments[0]["runs"] as? [Int] == [97, 4, 96, 1])
        #expect(segments[1]["samples"] as? [Int] == [90, 91, 92])
    }

    @Test func `holds a night of twelve hours whole, and thins out what is too long`() throws {
        var night = Session(.overnightOximetry)
        night.signals = [
            SessionSignal(
                .oxygenSaturation, sampleRateHz: 1, samples: (0 ..< 43_200).map { Int32(90 + $0 / 9 % 9) }),
            SessionSignal(.pulseRate, sampleRateHz: 1, samples: (0 ..< 43_200).map { Int32(60 + $0 / 4 % 30) }),
        ]
        let (whole, body) = try body(night)
        #expect(whole <= SessionMessage.bytesMax)
        let signal = try #require((body["signals"] as? [[String: Any]])?.first)
        #expect(signal["keptOneOf"] == nil)

        var noisy = Session(.ecgStrip)
        let samples: [Int32?] = (0 ..< 60_000).map { (place: Int32) in
            place.isMultiple(of: 2) ? 1000 + place : -place
        }
        noisy.signals = [SessionSignal(.ecgLeadII, sampleRateHz: 500, samples: samples)]
        #expect(noisy.signals.allSatisfy { $0.sampleCount == 60_000 })
        let (thinned, noise) = try self.body(noisy)
        #expect(thinned <= SessionMessage.bytesMax)
        let kept = try #require(((noise["signals"] as? [[String: Any]])?.first)?["keptOneOf"] as? Int)
        let left = try #require(try segments(noise)[0]["samples"] as? [Int])
        #expect(left.prefix(3) == [1000, 1000 + kept, 1000 + 2 * kept])
        #expect(left.count == (60_000 + kept - 1) / kept)
    }

    @Test func `tells what the analysis makes of it, and no number where there is none`() throws {
        var session = Session(.ecgStrip)
        session.label = "asystole"
        session.analysis = SessionAnalysis(
            results: [SessionResult(.heartRate, 61.4), SessionResult(.validTime, nil, .invalid(.noise))],
            gradings: [SessionGrading(.signal, "poor", rule: "own", reasons: ["muscle-noise"])],
            annotations: [
                SessionAnnotation(.beatVentricular, seconds: 1.2345, confidence: 0.5),
                SessionAnnotation(.asystole, seconds: 10, durationSeconds: .nan, value: .infinity),
            ], hint: "Sit still.")
        let (_, body) = try body(session)
        #expect(body["session"] as? String == "d/ecg-strip/boot+1/asystole")
        let analysis = try #require(body["analysis"] as? [String: Any])
        let results = try #require(analysis["results"] as? [[String: Any]])
        #expect(results[0]["name"] as? String == "heart-rate")
        #expect(results[0]["value"] as? Double == 61)
        #expect(results[1]["value"] is NSNull)
        #expect(results[1]["reasons"] as? [String] == ["noise"])
        let marks = try #require(analysis["annotations"] as? [[String: Any]])
        #expect(marks[0]["seconds"] as? Double == 1.235 || marks[0]["seconds"] as? Double == 1.234)
        #expect(marks[1]["value"] is NSNull)
        #expect(analysis["hint"] as? String == "Sit still.")
    }

    @Test func `has the words that its schema knows`() throws {
        let schemas = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/schemas")
        let data = try Data(contentsOf: schemas.appending(path: "session.schema.json"))
        let schema = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let definitions = try #require(schema["$defs"] as? [String: [String: Any]])
        func words(_ name: String, _ member: String? = nil) -> Set<String> {
            let definition = definitions[name] ?? [:]
            let properties = definition["properties"] as? [String: [String: Any]]
            let place = member.map { properties?[$0] ?? [:] } ?? definition
            return Set(place["enum"] as? [String] ?? [])
        }
        #expect(words("annotation", "kind") == Set(SessionAnnotation.Kind.allCases.map(\.rawValue)))
        #expect(words("measure") == Set(SessionMeasure.allCases.map(\.rawValue)))
        #expect(words("grading", "subject") == Set(SessionGrading.Subject.allCases.map(\.rawValue)))
        let kind = (schema["properties"] as? [String: [String: Any]])?["kind"]?["enum"] as? [String]
        #expect(kind == Session.Kind.allCases.map(\.rawValue))
    }
}
