import Foundation
import Pictures
import Testing

/// What the elements of a drawing come to as text.
@Suite struct `A drawing` {
    static let heading = Heading(title: "Title", patient: "p-1", device: "d-1", time: "2026-01-02 03:04 UTC")

    @Test func `is well-formed XML whatever the words`() throws {
        var drawing = Drawing(widthMillimetres: 10, heightMillimetres: 10)
        drawing.text("<script>\u{1}&\"'</script> ½ ü", at: .init(1, 2))
        let svg = drawing.svg(title: "a < b & c")
        #expect(try elements(of: svg)["text"] == 1)
        #expect(!svg.contains("<script>"))
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity, 1e300, -1e300])
    func `stays on paper whatever the number`(_ number: Double) throws {
        var drawing = Drawing(widthMillimetres: 10, heightMillimetres: 10)
        drawing.line(from: .init(number, 1), to: .init(2, number), .init("#000", number))
        drawing.path([.init(number, number), .init(1, 1)], .init("#000", 1))
        let svg = drawing.svg(title: "")
        _ = try elements(of: svg)
        #expect(!svg.contains("nan") && !svg.contains("inf") && !svg.contains("e+"))
    }

    @Test func `draws no path of a single point`() {
        var drawing = Drawing(widthMillimetres: 10, heightMillimetres: 10)
        drawing.path([.init(1, 1)], .init("#000", 1))
        #expect(!drawing.svg(title: "").contains("<path"))
    }

    @Test(arguments: [
        (0.0, 4.2, 1.0), (-6.1, 8.0, 2.0), (50.0, 100.0, 10.0), (0.0, 0.9, 0.2), (88.0, 89.0, 0.2),
        (0.0, 20.0, 2.5),
    ])
    func `puts an axis on round numbers`(_ low: Double, _ high: Double, _ step: Double) {
        let axis = Plot.Axis(covering: low, high, ticksMax: 9)
        #expect(axis.low <= low && axis.high >= high && axis.ticks.count <= 10)
        let steps = zip(axis.ticks, axis.ticks.dropFirst()).map { $1 - $0 }
        #expect(!steps.isEmpty && steps.allSatisfy { abs($0 - step) < 1e-9 }, "\(axis.ticks)")
    }

    @Test(arguments: [(Double.nan, 1.0), (0.0, Double.infinity), (5.0, -5.0), (-1e300, 1e300)])
    func `has an axis for any span`(_ low: Double, _ high: Double) {
        let axis = Plot.Axis(covering: low, high)
        #expect(axis.low.isFinite && axis.high > axis.low && axis.ticks.count <= 64)
    }

    @Test func `is a page that prints on one sheet`() throws {
        let page = PicturePage.html(Drawing(widthMillimetres: 10, heightMillimetres: 10), title: "A & B")
        #expect(page.contains("<title>A &amp; B</title>") && page.contains("A4 landscape"))
    }

    func elements(of svg: String) throws -> [String: Int] { try Markup.elements(of: svg) }
}

/// Counts the elements of an XML text, and fails when it is not well-formed.
enum Markup {
    struct Broken: Error {}

    static func elements(of text: String) throws -> [String: Int] {
        var counts: [String: Int] = [:]
        var open: [String] = []
        var rest = Substring(text)
        while let start = rest.firstIndex(of: "<") {
            guard let end = rest[start...].firstIndex(of: ">") else { throw Broken() }
            let tag = rest[rest.index(after: start) ..< end]
            rest = rest[rest.index(after: end)...]
            if tag.hasPrefix("/") {
                guard open.popLast() == String(tag.dropFirst()) else { throw Broken() }
            } else {
                let name = String(tag.prefix { $0.isLetter || $0.isNumber })
                guard tag.filter({ $0 == "\"" }).count.isMultiple(of: 2), !name.isEmpty else { throw Broken() }
                counts[name, default: 0] += 1
                if !tag.hasSuffix("/") { open.append(name) }
            }
        }
        guard open.isEmpty else { throw Broken() }
        return counts
    }
}
