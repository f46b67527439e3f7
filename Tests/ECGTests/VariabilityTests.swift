import Numbers
import Testing
import Vitals

@testable import ECG

@Suite struct `Heart rate variability` {
    private func intervals(_ milliseconds: [Double], from start: Double = 0) -> [RRInterval] {
        var end = start
        return milliseconds.map { value in
            end += value / 1000
            return RRInterval(endSeconds: end, milliseconds: value, mark: .normal)
        }
    }

    @Test func `of intervals that can be computed by hand`() throws {
        let values = try #require(HRVValues(intervals([800, 860, 800, 860, 800])))
        #expect(values.meanMilliseconds == 824)
        #expect(abs(values.sdnnMilliseconds - 32.863) < 0.001)
        #expect(values.rmssdMilliseconds == 60)
        #expect(values.pnn50Percent == 100)
        #expect(abs(values.sd1Milliseconds - 42.426) < 0.001)
        #expect(HRVValues(intervals([800, 810])) == nil)
    }

    @Test func `takes no difference across what is not normal`() throws {
        var some = intervals([800, 810, 500, 1200, 800, 810])
        some[2].mark = .ectopic
        some[3].mark = .ectopic
        let values = try #require(HRVValues(some))
        #expect(values.rmssdMilliseconds == 10)
        #expect(values.meanMilliseconds == 805)
    }

    @Test func `puts slow and fast waves into their bands`() throws {
        var milliseconds: [Double] = []
        var time = 0.0
        while time < 300 {
            let value =
                800 + 40 * Mathematics.sin(2 * .pi * 0.1 * time) + 20 * Mathematics.sin(2 * .pi * 0.25 * time)
            milliseconds.append(value)
            time += value / 1000
        }
        let values = try #require(HRVValues(intervals(milliseconds)))
        #expect(abs(values.lfPower - 800) < 80)
        #expect(abs(values.hfPower - 200) < 30)
        #expect(values.vlfPower < 20)
        let ratio = try #require(values.lfOverHF)
        #expect((3.3 ... 4.7).contains(ratio))
    }

    @Test func `has little entropy where all repeats itself, and much where nothing does`() throws {
        let regular = (0 ..< 200).map { Double($0 % 4) }
        let dull = try #require(HRVValues.sampleEntropy(regular, tolerance: 0.2))
        #expect(dull < 0.05)
        var random = SplitMix(state: 3)
        let noise = (0 ..< 300).map { _ in Double(random.normal()) }
        let rich = try #require(HRVValues.sampleEntropy(noise, tolerance: 0.2))
        #expect((1.8 ... 2.8).contains(rich))
        #expect(HRVValues.sampleEntropy([1, 2, 3], tolerance: 1) == nil)
    }

    @Test func `gives a reason instead of numbers where too much is not normal`() {
        func window(_ change: (Int, inout RRInterval) -> Void, isFibrillating: Bool = false) -> HRVWindow? {
            var series = HRVSeries()
            var windows: [HRVWindow] = []
            var all = intervals(
                [Double](repeating: 800, count: 400).enumerated().map { 800 + Double($0.offset % 5) })
            for index in all.indices { change(index, &all[index]) }
            for interval in all where interval.milliseconds > 0 { series.add(interval, &windows) }
            for second in 0 ..< 330 {
                series.advance(
                    toSeconds: Double(second), isAtrialFibrillation: isFibrillating && second > 0, &windows)
            }
            return windows.first
        }
        let good = window { _, _ in }
        #expect(good?.values != nil && good?.cleanShare == 1)
        let ectopic = window { index, interval in if index % 4 == 0 { interval.mark = .ectopic } }
        #expect(ectopic?.values == nil && ectopic?.reason == .tooFewCleanBeats)
        #expect(abs((ectopic?.cleanShare ?? 0) - 0.75) < 0.01)
        let silent = window { index, interval in if index > 100 { interval.milliseconds = 0 } }
        #expect(silent?.reason == .noSignal)
    }

    @Test func `marks what is ectopic, impossible, doubted or far from its neighbour`() {
        func marks(_ beats: [(seconds: Double, beatClass: BeatClass, doubts: QualityReasons)]) -> [RRInterval.Mark?]
        {
            var series = RRSeries()
            return beats.map { one in
                let place = one.seconds * 200
                return series.add(
                    Beat(
                        index: Int(place.rounded()), fraction: Float(place - place.rounded()), score: 1,
                        beatClass: one.beatClass, doubts: one.doubts))?.mark
            }
        }
        #expect(
            marks([
                (1, .normal, []), (1.8, .normal, []), (2.2, .ventricular, []), (3.4, .normal, []),
                (4.2, .normal, []),
            ])
                == [nil, .normal, .ectopic, .ectopic, .normal])
        #expect(marks([(1, .normal, []), (1.3, .normal, []), (3.5, .normal, [])]) == [nil, .artefact, .artefact])
        #expect(
            marks([(1, .normal, []), (1.8, .normal, .noise), (2.9, .normal, [])]) == [nil, .artefact, .artefact])
        #expect(marks([(1, .normal, []), (1.8, .normal, []), (2.9, .normal, [])]) == [nil, .normal, .artefact])
        #expect(marks([(1, .normal, []), (20, .normal, [])]) == [nil, nil])
    }
}

@Suite struct `Breathing seen in an ECG` {
    /// Beats whose height and interval follow the breath.
    private func estimates(breathsPerMinute: Double, height: Float, noise: Float = 0) -> [RespirationEstimate] {
        var watch = RespirationWatch()
        var random = SplitMix(state: 2)
        var estimates: [RespirationEstimate] = []
        var time = 0.0
        for second in 0 ..< 180 {
            while time < Double(second + 1) {
                let breath = Mathematics.sin(2 * .pi * breathsPerMinute / 60 * time)
                let index = (time * 200).rounded()
                let beat = Beat(index: Int(index), fraction: Float(time * 200 - index), score: 1)
                watch.add(beat, height: 1 + height * Float(breath) + noise * random.normal())
                time += 0.7 + Double(height) * 0.3 * breath + Double(noise * random.normal()) * 0.3
            }
            if let estimate = watch.advance(QualitySecond(second: second, grade: .good)) {
                estimates.append(estimate)
            }
        }
        return estimates
    }

    @Test(arguments: [8.0, 12, 15, 20, 28, 36]) func `is counted`(_ breathsPerMinute: Double) {
        let told = estimates(breathsPerMinute: breathsPerMinute, height: 0.1, noise: 0.02)
        #expect(told.count >= 10)
        #expect(told.allSatisfy { abs($0.rate - breathsPerMinute) < 1 })
    }

    @Test func `is not told where there is none`() {
        #expect(estimates(breathsPerMinute: 15, height: 0, noise: 0.05).count <= 1)
    }

    @Test func `is not told of a bad signal`() {
        var watch = RespirationWatch()
        for second in 0 ..< 120 {
            for part in 0 ..< 2 {
                watch.add(Beat(index: second * 200 + part * 100, score: 1), height: Float(second % 4))
            }
            #expect(watch.advance(QualitySecond(second: second, grade: second % 5 == 0 ? .bad : .good)) == nil)
        }
    }
}

@Suite struct `The burden of a rhythm` {
    @Test func `is told by the hour and by the day, of the time that was seen`() {
        var book = BurdenBook()
        var burdens: [RhythmBurden] = []
        for second in 0 ... 25 * 3600 {
            let grade: QualitySecond.Grade = second % 10 == 0 ? .bad : .good
            if second % 36 == 1 { book.add(Beat(index: second * 200, score: 1, beatClass: .ventricular)) }
            book.add(
                ECGSecond(
                    second: second, heartRate: 70, quality: QualitySecond(second: second, grade: grade),
                    leader: .ecgLead, isAtrialFibrillation: second < 1800), &burdens)
        }
        #expect(burdens.count == 26)
        #expect(burdens[0].observedSeconds == 3240)
        #expect(burdens[0].atrialFibrillationPercent.map { abs($0 - 50) < 0.1 } ?? false)
        #expect(burdens[0].ventricularBeats == 100)
        #expect(burdens[1].atrialFibrillationPercent == 0)
        let day = burdens.first { $0.hours == 24 }
        #expect(day?.atrialFibrillationPercent.map { abs($0 - 50.0 / 24) < 0.1 } ?? false)
        #expect(RhythmBurden(startSeconds: 0, hours: 1).ventricularPerHour == nil)
    }
}
