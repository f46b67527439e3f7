import ECG
import Evaluation
import Testing
import WFDB

@Suite("Alarms of the challenge")
struct AlarmCaseTests {
    @Test("are listed, a line each")
    func list() throws {
        let text = "a1,Asystole,1\r\nv2,Ventricular_Tachycardia,0\n\nf3, Ventricular_Flutter_Fib ,1\n"
        #expect(
            try AlarmCase.list(parsing: Array(text.utf8)) == [
                AlarmCase(record: "a1", kind: .asystole, isTrue: true),
                AlarmCase(record: "v2", kind: .ventricularTachycardia, isTrue: false),
                AlarmCase(record: "f3", kind: .ventricularFibrillation, isTrue: true),
            ])
        for bad in ["a1,Asystole", "a1,Asystole,2", "a1,Sneeze,1", "a1"] {
            let error = #expect(throws: WFDBError.self) {
                try AlarmCase.list(parsing: Array("a0,Asystole,1\n\(bad)".utf8))
            }
            #expect(error?.problem.hasPrefix("line 2: ") == true)
        }
    }

    @Test("are told by the comments of a header")
    func comments() {
        func found(_ comments: [String]) -> AlarmCase? {
            AlarmCase(RecordHeader(name: "r", sampleRateHz: 250, comments: comments))
        }
        #expect(
            found(["Bradycardia", "False alarm"])
                == AlarmCase(record: "r", kind: .extremeBradycardia, isTrue: false))
        #expect(
            found(["Tachycardia", "True alarm"]) == AlarmCase(record: "r", kind: .extremeTachycardia, isTrue: true))
        #expect(found(["Tachycardia"]) == nil)
        #expect(found(["True alarm"]) == nil)
        #expect(found([]) == nil)
    }

    @Test("are scored by the challenge's rule: a true one suppressed counts five times")
    func score() {
        var tally = SuppressionTally()
        #expect(tally.score == nil)
        for _ in 0 ..< 3 { tally.count(true, kept: true) }
        for _ in 0 ..< 4 { tally.count(false, kept: false) }
        tally.count(false, kept: true)
        #expect(tally.score == 87.5)
        tally.count(true, kept: false)
        #expect(abs((tally.score ?? 0) - 700.0 / 13) < 1e-9)
        #expect(tally.sensitivity == 75)
        #expect(tally.specificity == 80)
    }

    @Test("are judged by nothing that comes behind them")
    func future() throws {
        // Beats of a millivolt every second, which stop at the alarm or go on.
        let rate = 250
        func record(goesOn: Bool) throws -> Record {
            let samples = (0 ..< 330 * rate).map { index -> Int32 in
                let isBeat = index % rate < 15 && (goesOn || index < 300 * rate)
                return isBeat ? 1000 : 0
            }
            var signal = SignalSpecification(file: "r.mat", format: .littleEndian16)
            signal.gain = 1000
            signal.byteOffset = 24
            let files = try RecordWriter.write(
                RecordHeader(name: "r", sampleRateHz: Double(rate), signals: [signal]), samples: [samples])
            return try Record(header: files.header) { _ in files.signals[0].bytes }
        }
        let alarm = AlarmCase(record: "r", kind: .asystole, isTrue: false)
        let one = AlarmRun.verdict(on: alarm, in: try record(goesOn: true))
        #expect(one == AlarmRun.verdict(on: alarm, in: try record(goesOn: false)))
    }
}
