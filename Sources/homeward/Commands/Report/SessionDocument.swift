import FoundationEssentials
import Vitals

/// A session's message as it was stored, as far as a picture needs it. Members that are not known are passed over.
struct SessionDocument: Decodable {
    var device: String
    var patient: String?
    var kind: String
    var origin: String
    var quality: String
    var reasons: [String]?
    var time: String
    var clock: String?
    var deviceBest: Int?
    var manoeuvres: [Blow]?
    var signals: [Signal]?
    var analysis: Analysis?

    /// An attempt of a spirometry session.
    struct Blow: Decodable {
        var number: Int
        var quality: String
        var reasons: [String]?
        var results: [Result]
        var curves: [Curve]
        var analysis: Analysis?
    }

    /// The device's own number.
    struct Result: Decodable {
        var metric: String
        var value: Double
    }

    struct Curve: Decodable {
        var kind: String
        var sampleRateHz: Double?
        var keptOneOf: Int?
        var tracks: [Track]

        struct Track: Decodable {
            var quantity: String
            var scale: Double
            var samples: [Double]

            var values: [Double] { samples.map { $0 * scale } }
        }
    }

    /// Samples of the whole session, with their gaps.
    struct Signal: Decodable {
        var metric: String
        var sampleRateHz: Double
        var scale: Double
        var offset: Double
        var keptOneOf: Int?
        var segments: [Segment]

        struct Segment: Decodable {
            var firstSample: Int
            var samples: [Double]?
            /// A value and how often it follows itself, again and again.
            var runs: [Double]?
        }
    }

    struct Analysis: Decodable {
        var results: [Number]
        var gradings: [Grading]
        var annotations: [Mark]
        var hint: String?

        struct Number: Decodable {
            var name: String
            var value: Double?
            var unit: String
            var quality: String
        }

        struct Grading: Decodable {
            var subject: String
            var grade: String
            var rule: String
            var reasons: [String]?
        }

        struct Mark: Decodable {
            var kind: String
            var seconds: Double?
            var durationSeconds: Double?
            var value: Double?
        }

        func number(_ name: String) -> Number? { results.first { $0.name == name } }
        func grading(_ subject: SessionGrading.Subject) -> Grading? {
            gradings.first { $0.subject == subject.rawValue }
        }
    }

    /// More than any session has.
    static let bytesMax = 1 << 20

    init(parsing bytes: [UInt8], name: String) throws(CommandError) {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(bytes))
        } catch let error as DecodingError {
            throw CommandError(.dataError, "\(name): no session's message: \(Self.told(error))")
        } catch {
            throw CommandError(.dataError, "\(name): no session's message")
        }
    }

    private static func told(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context): "\(path(context, key)) is missing"
        case .valueNotFound(_, let context): "\(path(context)) is null"
        case .typeMismatch(_, let context): "\(path(context)) is of another type than it should be"
        case .dataCorrupted(let context) where context.codingPath.isEmpty:
            "it is not JSON; give the payload of a message of patient/…/session/…, or a number of 'report --list'"
        case .dataCorrupted(let context): "\(path(context)) is damaged"
        @unknown default: "it cannot be understood"
        }
    }

    private static func path(_ context: DecodingError.Context, _ key: (any CodingKey)? = nil) -> String {
        let keys = context.codingPath + (key.map { [$0] } ?? [])
        let path = keys.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
        return "'\(path.hasPrefix(".") ? String(path.dropFirst()) : path)'"
    }
}

extension SessionDocument.Signal {
    /// What one lead or one night may be at most; beyond it the rest is left out.
    static let placesMax = SessionSignal.samplesMax

    /// One value for each place that was kept, `nil` in the gaps.
    var values: [Double?] {
        let step = max(1, keptOneOf ?? 1)
        var values: [Double?] = []
        for segment in segments {
            let first = max(0, segment.firstSample) / step
            guard first < Self.placesMax else { break }
            while values.count < first { values.append(nil) }
            if let samples = segment.samples {
                values += samples.prefix(Self.placesMax - values.count).map { $0 * scale + offset }
            }
            for pair in stride(from: 0, to: (segment.runs?.count ?? 0) - 1, by: 2) {
                let value = (segment.runs?[pair] ?? 0) * scale + offset
                let count = Int(min(max(segment.runs?[pair + 1] ?? 0, 0), Double(Self.placesMax - values.count)))
                values += Array(repeating: value, count: count)
            }
        }
        return values
    }

    /// Of the values that were kept.
    var keptRateHz: Double { sampleRateHz > 0 ? sampleRateHz / Double(max(1, keptOneOf ?? 1)) : 1 }
}
