import DriverKit
import Drivers
import Testing
import Vitals

extension Transcript {
    var sessions: [Session] {
        reported.compactMap { if case .session(let session) = $0 { session } else { nil } }
    }
}

@Suite struct `Vitalograph's Lung Monitor` {
    static let real = "FTD00001294063633990914040000000950900001305281044180923"

    static func message(_ text: String) -> [UInt8] {
        let bytes = [0x02] + Array(text.utf8) + [0x03]
        return bytes + [bytes.reduce(0, ^)]
    }

    /// The real message with the characters from a place on replaced.
    static func changed(_ place: Int, _ text: String) -> String {
        var bytes = Array(real.utf8)
        bytes.replaceSubrange(place ..< place + text.utf8.count, with: text.utf8)
        return String(decoding: bytes, as: UTF8.self)
    }

    static func play(_ bytes: [UInt8]) -> Transcript { Transcript(VitalographLung.self, [bytes]) }

    @Test func `gives the numbers of the real message`() throws {
        let bytes = Self.message(Self.real)
        #expect(bytes.last == 0x6A)
        let told = Self.play(bytes)
        let session = try #require(told.sessions.first)
        #expect(session.deviceTime == CivilTime("2013-05-28T10:44:18"))
        let results = session.manoeuvres[0].results
        #expect(results.map(\.metric).contains(.forcedExpiratoryVolume1s))
        #expect(results.map { ($0.value * 100).rounded() } == [363, 399, 9100, 404])
        #expect(told.requests.map { $0.suffix(2) } == ["06"])
    }

    @Test func `asks again for a message whose check does not fit, and believes nothing of it`() {
        for bit in 0 ..< 7 {
            var bytes = Self.message(Self.real)
            bytes[bytes.count - 1] ^= 1 << UInt8(bit)
            let told = Self.play(bytes)
            #expect(told.sessions.isEmpty)
            #expect(told.requests.map { $0.suffix(2) } == ["15"])
        }
    }

    @Test(
        arguments: [
            (13, "000", .resultsOnly), (52, "1", [.resultsOnly, .deviceRejected]),
            (40, "000000000000", [.resultsOnly, .clockUncertain]), (19, "101", [.resultsOnly, .outOfRange]),
        ] as [(Int, String, QualityReasons)])
    func `says what is doubtful`(_ place: Int, _ text: String, _ reasons: QualityReasons) throws {
        let session = try #require(Self.play(Self.message(Self.changed(place, text))).sessions.first)
        #expect(session.manoeuvres[0].quality == .questionable(reasons))
        #expect(session.manoeuvres[0].results.allSatisfy { $0.value > 0 && $0.isPossible })
    }

    @Test(arguments: [String(real.dropLast()), real + "0", "", "GVGT130528104418", changed(13, "3x3")])
    func `is not answered what nobody can read`(text: String) {
        let told = Self.play(Self.message(text))
        #expect(told.sessions.isEmpty)
        #expect(told.requests.isEmpty)
        #expect(told.faults.count == 1)
    }

    @Test func `is found behind a message that was cut off`() {
        let whole = Self.message(Self.real)
        for count in 1 ..< whole.count - 1 {
            let told = Self.play(Array(whole.prefix(count)) + whole)
            #expect(told.sessions.count == 1, "behind \(count) bytes")
        }
    }
}

@Suite struct `Contec's SP80B` {
    @Test func `is never told to delete anything or given the patient's data`() throws {
        for recording in Recording.all where recording.driver.manifest.id == "contec-sp80b" {
            for request in Transcript(recording).requests {
                let words = request.split(separator: " ")
                let bytes = words.drop { !$0.hasPrefix(">") }.dropFirst().map { UInt8($0, radix: 16) ?? 0 }
                let first = try #require(bytes.first)
                #expect([0x80, 0x82, 0x83, 0x90, 0x91, 0x92, 0x94].contains(first), "\(request)")
                #expect(first != 0x91 || bytes[1] != 0x7F, "\(request)")
            }
        }
    }

    @Test func `tells nothing of the patient`() throws {
        let told = try Recording(path: "ContecSP80B/Captures/download.capture")
        let other = Transcript(told)
        var capture = told.capture
        for index in capture.lines.indices where capture.lines[index].bytes.first == 0xE1 {
            // Sex, age, height, standard and drug stand in the first notification of a record.
            for place in 11 ... 16 where place < capture.lines[index].bytes.count {
                capture.lines[index].bytes[place] = 0x2A
            }
        }
        #expect(Transcript(told.driver, capture, told.settings).events == other.events)
    }
}

@Suite struct `An open spirometer` {
    static func line(_ text: String) -> [UInt8] {
        let bytes = Array("osp1 \(text)".utf8)
        var crc: UInt16 = 0xFFFF
        for byte in bytes {
            crc ^= UInt16(byte) << 8
            for _ in 0 ..< 8 { crc = crc & 0x8000 != 0 ? crc << 1 ^ 0x1021 : crc << 1 }
        }
        let digits = String(crc, radix: 16, uppercase: true)
        return bytes + Array("*\(String(repeating: "0", count: 4 - digits.count))\(digits)\n".utf8)
    }

    static func play(_ lines: [String]) -> Transcript {
        Transcript(OpenSpirometer.self, [lines.flatMap(line)])
    }

    static let signal = "signal unit=L/s rate=100 btps=1 scale=0.001 calibrated=2026-01-10"

    @Test func `keeps every sample of every blow`() throws {
        var lines = ["session id=1", Self.signal]
        for number in 1 ... 3 {
            lines.append("blow number=\(number)")
            for start in stride(from: 0, to: 300, by: 10) {
                lines.append(
                    "s \(start) " + (start ..< start + 10).map { String($0 * number) }.joined(separator: " "))
            }
            lines.append("done samples=300 verdict=good")
        }
        let session = try #require(Self.play(lines + ["end blows=3 best=2 grade=A"]).sessions.first)
        #expect(session.quality == .valid)
        #expect(session.deviceBest == 2)
        for (index, manoeuvre) in session.manoeuvres.enumerated() {
            #expect(manoeuvre.quality == .valid)
            let samples = try #require(manoeuvre.curves.first?.tracks.first?.samples)
            #expect(samples == (0 ..< 300).map { $0 * Int32(index + 1) })
        }
    }

    @Test(
        arguments: [
            "signal unit=L/s rate=24 btps=1 calibrated=no", "signal unit=L/s rate=501 btps=1 calibrated=no",
            "signal unit=L/s rate=100 btps=2 calibrated=no", "signal unit=L/s rate=100 calibrated=no",
            "signal unit=L/s rate=nan btps=1 calibrated=no", "signal unit=L/s rate=100 btps=1",
            "signal unit=L/s rate=100 btps=1 calibrated=no scale=0", "signal rate=100 btps=1 calibrated=no",
        ])
    func `with a signal that cannot be gives no curve`(signal: String) throws {
        let told = Self.play([
            "session id=1", signal, "blow number=1", "s 0 1 2", "done samples=2 pef=6", "end blows=1",
        ])
        let manoeuvre = try #require(told.sessions.first?.manoeuvres.first)
        #expect(manoeuvre.curves.isEmpty)
        #expect(manoeuvre.quality.reasons.contains(.resultsOnly))
        #expect(!told.faults.isEmpty)
    }

    @Test(arguments: ["s 1 5", "s -1 5", "s 7501 5", "s 2 5 x", "s 2 99999999", "s 2 5.5", "s"])
    func `believes no samples that cannot be`(line: String) throws {
        let told = Self.play([
            "session id=1", Self.signal, "blow number=1", "s 0 1 2", line, "done samples=2", "end blows=1",
        ])
        let manoeuvre = try #require(told.sessions.first?.manoeuvres.first)
        #expect(manoeuvre.curves.map { $0.tracks[0].samples } == [[1, 2]])
        #expect(manoeuvre.quality == .questionable(.incomplete))
    }

    @Test func `is bounded, whatever it says`() throws {
        var lines = ["session id=1", Self.signal]
        for number in 0 ..< 40 {
            lines.append("blow number=\(number)")
            lines += stride(from: 0, to: 9000, by: 30).map { start in
                "s \(start) " + (0 ..< 30).map { String($0) }.joined(separator: " ")
            }
            lines += (0 ..< 20).map { "s \(7000 + $0 * 2) 1" }
            lines.append("done samples=9000")
        }
        let session = try #require(Self.play(lines + ["end blows=40"]).sessions.first)
        #expect(session.manoeuvres.count == Session.manoeuvresMax)
        #expect(session.quality == .questionable(.incomplete))
        for manoeuvre in session.manoeuvres {
            #expect(manoeuvre.curves.count <= Curve.perManoeuvreMax)
            #expect(manoeuvre.curves.reduce(0) { $0 + $1.sampleCount } <= Curve.samplesMax)
            #expect(manoeuvre.quality.reasons.contains(.incomplete))
        }
    }
}
