import ECG
import Evaluation
import Testing
import WFDB

@Suite("A run over a record")
struct RunTests {
    /// Keeps what it is given.
    struct Listener: ECGChain {
        var pieces: [[Float]] = []
        var finished = 0

        mutating func append(_ millivolts: ArraySlice<Float>, _ output: inout ECGTranscript) {
            pieces.append(Array(millivolts))
        }

        mutating func finish(_ output: inout ECGTranscript) { finished += 1 }
    }

    @Test(
        "gives every sample once, in order, in uneven pieces, in millivolts",
        arguments: [("mV", 1.0), ("uV", 1000)])
    func pieces(unit: String, scale: Double) throws {
        var signal = SignalSpecification(file: "r.dat", format: .littleEndian16)
        signal.gain = 100 / scale
        signal.unit = unit
        let samples = (0 ..< 3000).map { Int32($0 - 1000) }
        let files = try RecordWriter.write(
            RecordHeader(name: "r", sampleRateHz: 250, signals: [signal]), samples: [samples])
        let record = try Record(header: files.header) { _ in files.signals[0].bytes }
        var listener = Listener()
        var time = 0.0
        let output = ECGRun.output(of: record, lead: 0, through: &listener) {
            time += 0.5
            return time
        }
        #expect(Set(listener.pieces.map(\.count)).isSuperset(of: ECGRun.pieces))
        let heard = listener.pieces.flatMap { $0 }
        #expect(heard.count == 3000)
        #expect(zip(heard, samples).allSatisfy { abs($0 - Float($1) / 100) < 1e-4 })
        #expect(listener.finished == 1)
        #expect(output.seconds == 12)
        #expect(output.analysisSeconds == 1)
    }
}
