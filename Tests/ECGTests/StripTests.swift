import Testing
import Vitals

@testable import ECG

@Suite struct `The strips of an ECG` {
    private func finding(_ kind: Finding.Kind, at seconds: Double, told: Double? = nil) -> Finding {
        Finding(kind, .moment, startSeconds: seconds, announcedSeconds: told ?? seconds + 1)
    }

    private func recorder(_ settings: StripSettings = StripSettings(), rate: Double = 100) -> StripRecorder {
        StripRecorder(settings, leads: [LeadDescription(.ecgLeadII, sampleRateHz: rate)])
    }

    private func feed(_ recorder: inout StripRecorder, seconds: Int) {
        recorder.append(lead: 0, [Float](repeating: 0.5, count: seconds * 100).span)
    }

    @Test func `show ten seconds before and twenty after, and what is in them`() throws {
        var recorder = recorder()
        feed(&recorder, seconds: 30)
        for second in 0 ..< 60 {
            recorder.add(Beat(index: second * 200, score: 1, beatClass: second == 25 ? .ventricular : .normal))
        }
        let asked = recorder.add(finding(.pause, at: 25))
        let ticket = try #require(asked)
        #expect(ticket.startSeconds == 15)
        var strips: [ECGStrip] = []
        feed(&recorder, seconds: 18)
        recorder.advance(toSeconds: 48, &strips)
        #expect(strips.isEmpty)
        recorder.advance(toSeconds: 49, &strips)
        let strip = try #require(strips.first)
        #expect(strip.ticket == ticket && strip.endSeconds == 45 && !strip.isIncomplete)
        #expect(strip.signals[0].sampleCount == 3000)
        #expect(strip.annotations.count { $0.kind == .beatNormal } == 29)
        #expect(strip.annotations.contains { $0.kind == .beatVentricular && $0.seconds == 10 })
        #expect(strip.annotations.contains { $0.kind == .pause && $0.seconds == 10 })
        #expect(strip.session.label == "pause")
    }

    @Test func `leave out what was lost, and stay within their size`() throws {
        var recorder = recorder(StripSettings(), rate: 1000)
        recorder.append(lead: 0, [Float](repeating: 0.25, count: 12_000).span)
        recorder.appendLost(lead: 0, 5000)
        recorder.append(lead: 0, [Float](repeating: 300, count: 20_000).span)
        _ = recorder.add(finding(.asystole, at: 12))
        var strips: [ECGStrip] = []
        recorder.finish(atSeconds: 32, &strips)
        let signal = try #require(strips.first?.signals.first)
        #expect(signal.segments.count == 2)
        #expect(signal.segments[0].samples[0] == 50)
        #expect(signal.segments[1].samples[0] == 32_767)
        #expect(Double(signal.segments[1].firstSample) / signal.sampleRateHz == 15)
        #expect(signal.sampleCount <= StripSettings().samplesMax)
    }

    @Test func `are shared by findings that are close, and limited by the hour and the day`() {
        var recorder = recorder()
        let first = recorder.add(finding(.pause, at: 100))
        #expect(recorder.add(finding(.asystole, at: 110)) == first)
        var strips: [ECGStrip] = []
        var count = 0
        for second in stride(from: 200, to: 3600 * 20, by: 100) {
            recorder.advance(toSeconds: Double(second), &strips)
            if recorder.add(finding(.pause, at: Double(second))) != nil { count += 1 }
        }
        // Four an hour for twenty hours would be eighty.
        #expect(count == StripSettings().perDayMax - 1)
        #expect(recorder.add(finding(.asystole, at: 3600 * 20)) == nil)
        recorder.advance(toSeconds: 3600 * 25, &strips)
        #expect(recorder.add(finding(.asystole, at: 3600 * 25)) != nil)
        #expect(recorder.add(finding(.signalPoor, at: 3600 * 26)) == nil)
    }

    @Test func `begin where what took long is told`() throws {
        var recorder = recorder()
        let asked = recorder.add(finding(.atrialFibrillation, at: 10, told: 100))
        let ticket = try #require(asked)
        #expect(ticket.startSeconds == 82)
    }

    @Test func `have a mark for every finding and every class`() {
        for kind in Finding.Kind.allCases { #expect(SessionAnnotation.Kind(kind) != nil) }
        #expect(Set(BeatClass.allCases.map { SessionAnnotation.Kind($0) }).count == BeatClass.allCases.count)
    }
}
