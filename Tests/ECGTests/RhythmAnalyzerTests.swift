import Testing
import Vitals

@testable import ECG

@Suite struct `Rhythm analyzer` {
    private static func begins(_ findings: [Finding], _ kind: Finding.Kind) -> [Finding] {
        findings.filter { $0.kind == kind && $0.phase != .end }
    }

    @Test func `shows the rate, and finds nothing in a calm heart`() {
        var scene = RhythmScene(length: 60)
        scene.add(every: 0.8, from: 0.5, to: 60)
        var analyzer = RhythmAnalyzer()
        let findings = scene.findings(of: &analyzer)
        #expect(findings.isEmpty)
        #expect(abs((analyzer.heartRate ?? 0) - 75) < 0.5)
    }

    @Test(arguments: [(0.5, Finding.Kind.tachycardia), (1.5, .bradycardia)])
    func `tells a step of the rate within six seconds`(interval: Double, kind: Finding.Kind) throws {
        var scene = RhythmScene(length: 60)
        scene.add(every: 0.75, from: 0.5, to: 30)
        scene.add(every: interval, from: 29.75 + interval, to: 60)
        let found = try #require(Self.begins(scene.findings(), kind).first)
        #expect(found.announcedSeconds <= 35.75)
        #expect(found.startSeconds > 25 && found.startSeconds < 34)
    }

    @Test func `tells an asystole within five seconds of the last beat, and its end`() throws {
        var scene = RhythmScene(length: 60)
        scene.add(every: 0.8, from: 0.5, to: 30)
        let last = try #require(scene.beats.last).seconds
        scene.add(every: 0.8, from: 40, to: 60)
        let findings = scene.findings()
        let begin = try #require(Self.begins(findings, .asystole).first)
        #expect(abs(begin.startSeconds - last) < 0.1)
        #expect(begin.announcedSeconds - last <= 5)
        let end = try #require(findings.first { $0.kind == .asystole && $0.phase == .end })
        #expect(abs((end.endSeconds ?? 0) - 40) < 0.1)
    }

    @Test func `calls a line without a body's noise technical, not an asystole`() {
        var scene = RhythmScene(length: 60)
        scene.add(every: 0.8, from: 0.5, to: 30)
        scene.instead = { $0 > 31 ? 0 : nil }
        let findings = scene.findings()
        #expect(Self.begins(findings, .asystole).isEmpty)
        #expect(!Self.begins(findings, .signalPoor).isEmpty)
    }

    @Test func `calls a signal that goes on without beats technical at first`() throws {
        var scene = RhythmScene(length: 60)
        scene.add(every: 0.8, from: 0.5, to: 30)
        scene.instead = { $0 > 30 && Int($0 * 50) % 50 == 0 ? 1 : nil }
        let findings = scene.findings()
        #expect(!Self.begins(findings, .signalPoor).isEmpty)
        #expect(Self.begins(findings, .asystole).allSatisfy { $0.announcedSeconds > 38 })
    }

    @Test func `says nothing clinical of a bad signal, and says that it is bad`() {
        var scene = RhythmScene(length: 60)
        scene.add(every: 0.8, from: 0.5, to: 30)
        scene.grade = { $0 >= 29 ? (.bad, .noise) : (.good, []) }
        let findings = scene.findings()
        #expect(findings.allSatisfy { $0.kind.isTechnical })
        #expect(Self.begins(findings, .signalPoor).count == 1)
    }

    @Test func `tells electrodes without contact, and only them`() throws {
        var scene = RhythmScene(length: 60)
        scene.add(every: 0.8, from: 0.5, to: 20)
        scene.add(every: 0.8, from: 40, to: 60)
        scene.grade = { (20 ..< 40).contains($0) ? (.bad, .leadOff) : (.good, []) }
        let findings = scene.findings()
        #expect(findings.map(\.kind) == [.leadOff, .leadOff])
        let end = try #require(findings.last)
        #expect(end.startSeconds == 20 && end.endSeconds == 40)
    }

    @Test(arguments: [
        ("NNNNNNNNVVNNNNNNNN", Finding.Kind.ventricularCouplet, 2.0),
        ("NNNNNNNNVVVNNNNNNN", .ventricularRun, 3),
        ("NNNNNNNNVVVVVVNNNN", .ventricularRun, 6),
    ])
    func `counts couplets and runs`(letters: String, kind: Finding.Kind, count: Double) {
        var scene = RhythmScene(length: 30)
        for (index, letter) in letters.enumerated() {
            scene.beats.append((1 + 0.9 * Double(index), letter == "V" ? .ventricular : .normal))
        }
        #expect(Self.begins(scene.findings(), kind).map(\.value) == [count])
    }

    @Test(arguments: [("VN", Finding.Kind.ventricularBigeminy), ("VNN", .ventricularTrigeminy)])
    func `finds ventricular beats in a pattern, from its first beat to its end`(
        cycle: String, kind: Finding.Kind
    ) throws {
        let letters = String(repeating: "N", count: 10) + String(repeating: cycle, count: 6) + "NNNNNNNN"
        var scene = RhythmScene(length: 1 + 0.9 * Double(letters.count))
        for (index, letter) in letters.enumerated() {
            scene.beats.append((1 + 0.9 * Double(index), letter == "V" ? .ventricular : .normal))
        }
        let findings = scene.findings()
        let end = try #require(findings.first { $0.kind == kind && $0.phase == .end })
        #expect(abs(end.startSeconds - 10) < 0.1)
        #expect(findings.filter { $0.phase == .begin }.map(\.kind) == [kind])
    }

    @Test func `tells a ventricular tachycardia within seconds, and when it is over`() throws {
        var scene = RhythmScene(length: 60)
        scene.add(every: 0.8, from: 0.5, to: 30)
        for index in 0 ..< 12 { scene.beats.append((30.3 + 0.4 * Double(index), .ventricular)) }
        scene.add(every: 0.8, from: 36, to: 60)
        let findings = scene.findings()
        let begin = try #require(Self.begins(findings, .ventricularTachycardia).first)
        #expect(abs(begin.startSeconds - 30.3) < 0.1 && begin.announcedSeconds <= 36.5)
        #expect(abs((begin.value ?? 0) - 150) < 3)
        let end = try #require(findings.first { $0.kind == .ventricularTachycardia && $0.phase == .end })
        #expect(abs((end.endSeconds ?? 0) - 34.7) < 0.1)
    }

    @Test func `takes any numbers`() {
        var analyzer = RhythmAnalyzer()
        var findings: [Finding] = []
        var ring = SignalRing()
        for value in [Float.nan, .infinity, -.infinity, .greatestFiniteMagnitude, 0] {
            for _ in 0 ..< 300 { ring.append(value) }
        }
        for index in [Int.min, -1, 0, 1, 1499, Int.max - 1, Int.max] {
            analyzer.advance(settled: index, clean: ring, &findings)
            analyzer.add(provisional: Beat(index: index, fraction: .nan, score: .nan), clean: ring, &findings)
            analyzer.add(provisional: Beat(index: index, score: 1), clean: ring, &findings)
            analyzer.add(final: Beat(index: index, score: 1), &findings)
            analyzer.add(QualitySecond(second: index, grade: .good), clean: ring, &findings)
        }
        analyzer.interrupt(atSeconds: .infinity, &findings)
        analyzer.finish(atSeconds: -.infinity, &findings)
        #expect(findings.filter { $0.phase == .begin }.count == findings.filter { $0.phase == .end }.count)
    }
}
