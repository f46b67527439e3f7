import Testing
import Vitals

@Suite("The vocabulary")
struct VocabularyTests {
    @Test("has a name for each metric, safe in a topic, and no two the same")
    func names() {
        let names = Metric.allCases.map(\.rawValue)
        #expect(Set(names).count == names.count)
        for name in names { #expect(Identifier(name) != nil, "\(name)") }
    }

    @Test("shares no code between metrics")
    func codes() {
        var seen: [UInt32: [Metric]] = [:]
        for metric in Metric.allCases {
            guard let code = metric.definition.mdcCode else { continue }
            seen[code, default: []].append(metric)
        }
        let shared = seen.values.filter { $0.count > 1 }.map { $0.map(\.rawValue).sorted() }
        #expect(shared.isEmpty, "\(shared)")
    }

    @Test("has for each metric a unit, a possible range, and no reference name without a code")
    func definitions() {
        for metric in Metric.allCases {
            let definition = metric.definition
            #expect(!definition.unit.isEmpty, "\(metric)")
            #expect(definition.possible.lowerBound < definition.possible.upperBound, "\(metric)")
            #expect(definition.mdcReferenceID == nil || definition.mdcCode != nil, "\(metric)")
            #expect((0 ... 6).contains(definition.fractionDigits), "\(metric)")
        }
    }

    @Test("reads every reason for doubt back from its name")
    func reasons() {
        var all: QualityReasons = []
        for bit in 0 ..< 20 {
            let reason = QualityReasons(rawValue: 1 << bit)
            #expect(reason.names.count == 1)
            for name in reason.names { #expect(QualityReasons(name: name) == reason) }
            all.formUnion(reason)
        }
        #expect(Set(all.names).count == 20)
        #expect(QualityReasons(name: "tired") == nil)
        #expect(Quality(doubts: []) == .valid)
        #expect(Quality(doubts: .motion) == .questionable(.motion))
    }
}

@Suite("A pseudonymous name")
struct IdentifierTests {
    @Test("is made of small letters, digits and hyphens", arguments: ["a", "0", "a-b", "a--b", "nonin-3231-0042"])
    func good(text: String) { #expect(Identifier(text)?.text == text) }

    @Test(
        "is nothing else",
        arguments: ["", "-", "-a", "a-", "A", "a b", "a/b", "a+", "#", "ä", "a\u{0}", "a_b", "a.b"])
    func bad(text: String) { #expect(Identifier(text) == nil) }

    @Test("has at most 64 letters")
    func length() {
        #expect(Identifier(String(repeating: "a", count: 64)) != nil)
        #expect(Identifier(String(repeating: "a", count: 65)) == nil)
    }
}

@Suite("The identity of an observation")
struct ObservationTests {
    private func observation(
        _ source: Reading.Source, device: CivilTime?, received: Instant, bootID: String = "boot", subindex: Int = 0
    ) throws -> Observation {
        let reading = Reading(.oxygenSaturation, 98, source: source, deviceTime: device, subindex: subindex)
        let stamp = Stamp(
            device: device, bootID: bootID, received: received, utcNanoseconds: 0, uncertaintyMilliseconds: nil,
            clock: .unset, correction: .reception)
        return Observation(
            reading: reading, device: try #require(Identifier("ox-1")), patient: nil, origin: .measured,
            stamp: stamp)
    }

    @Test("is the same for a stored record that is fetched again, also after a restart of the box")
    func stored() throws {
        let time = CivilTime(year: 2026, month: 1, day: 2, hour: 3)
        let first = try observation(.stored, device: time, received: .boot + .seconds(1))
        let again = try observation(.stored, device: time, received: .boot + .seconds(99), bootID: "other")
        #expect(first.identity == again.identity)
        #expect(first.identity == "ox-1/oxygen-saturation/2026-01-02T03:00:00/0")
        #expect(try observation(.stored, device: time, received: .boot, subindex: 1).identity != first.identity)
    }

    @Test("is another for each live value, whatever the device's clock says")
    func live() throws {
        let time = CivilTime(year: 2026, month: 1, day: 2, hour: 3)
        let first = try observation(.live, device: time, received: .boot + .seconds(1))
        #expect(first.identity == "ox-1/oxygen-saturation/boot+1000000/0")
        #expect(try observation(.live, device: time, received: .boot + .seconds(2)).identity != first.identity)
        #expect(
            try observation(.live, device: time, received: .boot + .seconds(1), bootID: "x").identity
                != first.identity)
    }
}
