import Delivery
import Linux
import Spirometry

extension Command {
    static let evaluateGLI = Command(
        name: "gli", synopsis: "evaluate gli --equation E --metric M --age Y --height CM --sex S --value V",
        summary: "Compares one measurement with the reference values of the Global Lung Function Initiative.",
        details: [
            "  --equation E    GLI2012 or GLIGlobal2022",
            "  --metric M      FEV1 or FVC (V in litres), or FEV1FVC (V as a ratio: 0.8, not 80)",
            "  --age Y         years with decimals, 3 to 95",
            "  --height CM     centimetres, 60 to 230",
            "  --sex S         male or female",
            "  --ethnicity N   for GLI2012: 1 to 5, as it numbers its groups (5, other, when left out)",
            "  --value V       what was measured",
            "  --json          one object: z, lowerLimit, upperLimit, predicted, percentPredicted, L, M, S",
        ],
        grammar: .init(
            options: ["--equation", "--metric", "--age", "--height", "--sex", "--ethnicity", "--value"],
            flags: ["--json"])
    ) { arguments, _ in
        let question = try GLIQuestion(arguments)
        let console = try Console()
        console.line(arguments.has("--json") ? question.json : Array(question.text.utf8))
        console.flush()
        return .success
    }
}

/// One measurement and whom it is compared with.
private struct GLIQuestion {
    let equation: ReferenceEquation
    let metric: ReferenceMetric
    let subject: ReferenceSubject
    let value: Double

    init(_ arguments: Arguments) throws(CommandError) {
        equation = try Self.choice("--equation", arguments, ReferenceEquation.allCases)
        metric = try Self.choice("--metric", arguments, ReferenceMetric.allCases)
        let sex = try Self.choice("--sex", arguments, ReferenceSubject.Sex.allCases)
        let age = try Self.number("--age", arguments, in: ReferenceSubject.ages)
        let height = try Self.number("--height", arguments, in: ReferenceSubject.heights)
        let group = try arguments.integer("--ethnicity", in: 1 ... 5)
        value = try Self.number("--value", arguments, in: metric.possible)
        guard
            let subject = ReferenceSubject(
                sex: sex, ageYears: age, heightCentimetres: height,
                group: group.flatMap { ReferenceSubject.Group(rawValue: $0) } ?? .other)
        else { throw CommandError(.usage, "evaluate gli: --age or --height is out of range") }
        self.subject = subject
    }

    var json: [UInt8] {
        let reference = ReferenceValue(metric, of: subject, by: equation)
        return JSONText.object { json in
            json.member("equation", equation.rawValue)
            json.member("metric", metric.rawValue)
            json.member("unit", metric.unit)
            json.member("sex", subject.sex.rawValue)
            json.member("ageYears", subject.ageYears)
            json.member("heightCentimetres", subject.heightCentimetres)
            if equation == .gli2012 { json.member("ethnicity", subject.group.rawValue) }
            json.member("value", value)
            json.member("z", reference.z(value))
            json.member("lowerLimit", reference.lowerLimit)
            json.member("upperLimit", reference.upperLimit)
            json.member("predicted", reference.m)
            json.member("percentPredicted", reference.percentPredicted(value))
            json.member("L", reference.l)
            json.member("M", reference.m)
            json.member("S", reference.s)
        }
    }

    var text: String {
        let reference = ReferenceValue(metric, of: subject, by: equation)
        let unit = metric.unit == "1" ? "" : " \(metric.unit)"
        let written = { (number: Double) in "\((number * 1000).rounded() / 1000)\(unit)" }
        let z = (reference.z(value) * 100).rounded() / 100
        return """
            \(metric.rawValue) \(written(value)) by \(equation.rawValue): z \(z), \
            \((reference.percentPredicted(value) * 10).rounded() / 10) % of predicted \(written(reference.m)), \
            limits \(written(reference.lowerLimit)) to \(written(reference.upperLimit))
            """
    }

    private static func choice<Choice: RawRepresentable>(
        _ option: String, _ arguments: Arguments, _ choices: [Choice]
    ) throws(CommandError) -> Choice where Choice.RawValue == String {
        let names = choices.map(\.rawValue).joined(separator: ", ")
        guard let word = arguments[option] else {
            throw CommandError(.usage, "evaluate gli: \(option) is needed: one of \(names)")
        }
        guard let choice = choices.first(where: { $0.rawValue.lowercased() == word.lowercased() }) else {
            throw CommandError(.usage, "evaluate gli: \(option) is '\(word)', allowed is: \(names)")
        }
        return choice
    }

    private static func number(
        _ option: String, _ arguments: Arguments, in range: ClosedRange<Double>
    ) throws(CommandError) -> Double {
        guard let number = try arguments.number(option, in: range) else {
            throw CommandError(.usage, "evaluate gli: \(option) is needed")
        }
        return number
    }
}

extension Arguments {
    /// A number, with decimals or without, within a range.
    func number(_ option: String, in range: ClosedRange<Double>) throws(CommandError) -> Double? {
        guard let text = self[option] else { return nil }
        guard let value = Double(text), range.contains(value) else {
            throw CommandError(
                .usage, "\(option) is '\(text)': a number from \(range.lowerBound) to \(range.upperBound) is needed"
            )
        }
        return value
    }
}
