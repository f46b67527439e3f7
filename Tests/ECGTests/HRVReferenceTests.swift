import Foundation
import Numbers
import Testing
import Vitals

@testable import ECG

/// The first two hours of one 24 h record, against the PhysioNet Cardiovascular Signal Toolbox (Vest et al. 2018).
///
/// The published table takes the record's 128 Hz ticks as 1/125 s: so does this test.
@Suite(.enabled(if: HRVReference.isThere)) struct `Heart rate variability beside the PhysioNet toolbox` {
    @Test func `agrees in all but windows with many artefacts`() throws {
        let intervals = try HRVReference.intervals()
        let rows = try HRVReference.rows()
        #expect(rows.count > 200)
        var distances: [String: [Double]] = [:]
        for row in rows {
            let window = intervals.filter { $0.endSeconds >= row[1] && $0.endSeconds < row[2] }
            let values = try #require(HRVValues(window))
            let pairs: [(String, Double?, Double)] = [
                ("mean", values.meanMilliseconds, row[3]), ("SDNN", values.sdnnMilliseconds, row[10]),
                ("RMSSD", values.rmssdMilliseconds, row[11]), ("SD1", values.sd1Milliseconds, row[25]),
                ("SD2", values.sd2Milliseconds, row[26]), ("entropy", values.sampleEntropy, row[28]),
                ("LF/HF", values.lfOverHF, row[20]),
            ]
            for (name, ours, theirs) in pairs {
                if let ours { distances[name, default: []].append(abs(ours - theirs) / theirs) }
            }
            #expect(abs(values.pnn50Percent - 100 * row[12]) < 2)
        }
        // The middle of the distances, and how many windows may be further away than five times that.
        let tolerances = [
            "mean": 0.0005, "SDNN": 0.003, "RMSSD": 0.006, "SD1": 0.006, "SD2": 0.003, "entropy": 0.006,
            "LF/HF": 0.06,
        ]
        for (name, tolerance) in tolerances {
            let middle = try #require(median(distances[name] ?? []))
            #expect(middle < tolerance, "\(name): \(middle)")
        }
        #expect((distances["SDNN"] ?? []).allSatisfy { $0 < 0.1 })
    }
}

private enum HRVReference {
    static let folder =
        (ProcessInfo.processInfo.environment["HOMEWARD_DATA"] ?? beside) + "/hrv/"
    /// Next to the project.
    private static let beside = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../shared/data").standardized.path()
    static var isThere: Bool { FileManager.default.fileExists(atPath: folder + "nsr001.ecg") }

    /// Of the annotations: 16 bits each, a code of 6 and a distance of 10 bits; the record has no longer distances
    /// but by skip codes.
    static func intervals() throws -> [RRInterval] {
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: folder + "nsr001.ecg")))
        var series = RRSeries()
        var intervals: [RRInterval] = []
        var tick = 0
        var first: Int?
        var place = 0
        while place + 1 < bytes.count {
            let word = Int(bytes[place]) | Int(bytes[place + 1]) << 8
            place += 2
            let (code, distance) = (word >> 10, word & 1023)
            if word == 0 { break }
            if code == 59, place + 3 < bytes.count {
                let high = Int(bytes[place]) | Int(bytes[place + 1]) << 8
                let low = Int(bytes[place + 2]) | Int(bytes[place + 3]) << 8
                tick += high << 16 | low
                place += 4
            } else if code == 63 {
                place += distance + distance % 2
            } else if code < 59 {
                tick += distance
                guard [1, 5, 8, 9].contains(code) else { continue }
                first = first ?? tick
                let seconds = Double(tick - (first ?? tick)) / 125
                let index = (seconds * 200).rounded()
                let beat = Beat(
                    index: Int(index), fraction: Float(seconds * 200 - index), score: 1,
                    beatClass: code == 1 ? .normal : .supraventricular)
                if let interval = series.add(beat) { intervals.append(interval) }
            }
        }
        return intervals
    }

    static func rows() throws -> [[Double]] {
        let text = try String(contentsOfFile: folder + "nsr001_reference.csv", encoding: .utf8)
        return text.split(separator: "\n").dropFirst().map { line in
            line.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) ?? .nan }
        }
    }
}
