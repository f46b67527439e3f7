import Pictures
import Testing

/// What a clinician finds in the pictures.
@Suite struct `A picture` {
    static let heading = Heading(
        title: "Title", patient: "p-1", device: "d-1", time: "2026-01-02 03:04 UTC", warnings: ["a trial"])

    @Test func `of a night marks each fall, shades what is missing and breaks the line there`() throws {
        var values: [Double?] = Array(repeating: 96, count: 3600)
        for index in 1000 ..< 1200 { values[index] = nil }
        for index in 2000 ..< 2030 { values[index] = 88 }
        let picture = NightPicture(
            heading: Self.heading, saturation: .init(sampleSeconds: 1, values: values),
            events: [.init(startSeconds: 2000, durationSeconds: 30, nadirPercent: 88)],
            summary: [("ODI3", "1.1 /h")], startSecondsOfDay: 22 * 3600)
        let svg = picture.drawing().svg(title: "night")
        let elements = try Markup.elements(of: svg)
        #expect(elements["circle"] == 1)
        #expect(elements["path"] == 2)
        #expect(svg.contains(Palette.missing) && svg.contains(Palette.shade))
        #expect(svg.contains(">22:00<") && svg.contains(">22:30<") && svg.contains("1.1 /h"))
        #expect(svg.contains("a trial") && svg.contains("patient p-1"))
    }

    @Test(arguments: [0, 1, 43_200])
    func `of a night is small and sound, however long`(_ count: Int) throws {
        let values = (0 ..< count).map { Double?(95 + Double($0 % 3)) }
        let picture = NightPicture(
            heading: Self.heading, saturation: .init(sampleSeconds: 1, values: values), events: [], summary: [])
        let svg = picture.drawing().svg(title: "night")
        _ = try Markup.elements(of: svg)
        #expect(svg.utf8.count < 100_000)
    }

    @Test func `of a strip keeps 25 mm to the second and 10 mm to the millivolt`() throws {
        // A step of one millivolt in the middle of the first second.
        let values = (0 ..< 200).map { Double?($0 < 50 ? 0 : 1) }
        let picture = StripPicture(
            heading: Self.heading, leads: [.init(name: "II", sampleRateHz: 100, millivolts: values)],
            beats: [.init(seconds: 0.5, letter: "V")],
            findings: [.init(startSeconds: 0.5, endSeconds: 1.5, words: "pause")])
        let svg = picture.drawing().svg(title: "strip")
        _ = try Markup.elements(of: svg)
        let curve = try #require(
            svg.split(separator: "\n").first { $0.contains(Palette.ink) && $0.contains("<path") })
        let points = curve.split(separator: "\"")[1].split(whereSeparator: { $0 == "M" || $0 == "L" }).map { pair in
            pair.split(separator: " ").compactMap { Double($0) }
        }
        #expect(points.count == 200)
        #expect(abs(points[100][0] - points[0][0] - 25) < 0.02)
        #expect(abs(points[0][1] - points[100][1] - 10) < 0.02)
        #expect(svg.contains(">V<") && svg.contains(">pause<") && svg.contains("25 mm/s"))
    }

    @Test func `of a strip breaks the line where samples are missing, and bounds its length`() throws {
        let values = (0 ..< 100_000).map { index in (40 ..< 60).contains(index) ? nil : Double?(0.1) }
        let picture = StripPicture(
            heading: Self.heading, leads: [.init(name: "I", sampleRateHz: 100, millivolts: values)], beats: [],
            findings: [])
        let elements = try Markup.elements(of: picture.drawing().svg(title: "strip"))
        // Per row: two grids and a curve; the first row's curve is in two pieces.
        #expect(elements["path"] == StripPicture.rowsMax * 3 + 1)
    }

    @Test func `of spirometry draws a litre as long as two litres a second`() throws {
        let blow = SpirometryPicture.Blow(
            number: 1, volumeLitres: [0, 1, 1], flowLitresPerSecond: [0, 0, 2], seconds: [0, 0.5, 1],
            values: ["3.21"], verdict: String(repeating: "x", count: 200), isBest: true)
        let picture = SpirometryPicture(
            heading: Self.heading, blows: [blow], summary: [("grade FEV1", "A")], hint: "blow harder")
        let svg = picture.drawing().svg(title: "spirometry")
        _ = try Markup.elements(of: svg)
        let loop = try #require(svg.split(separator: "\n").first { $0.contains("<path") })
        let points = loop.split(separator: "\"")[1].split(whereSeparator: { $0 == "M" || $0 == "L" }).map { pair in
            pair.split(separator: " ").compactMap { Double($0) }
        }
        #expect(abs((points[1][0] - points[0][0]) - (points[1][1] - points[2][1])) < 0.02)
        #expect(svg.contains("1 best") && svg.contains("3.21") && svg.contains("blow harder") && svg.contains("…"))
    }

    @Test func `of spirometry without curves says so`() throws {
        let blow = SpirometryPicture.Blow(
            number: 1, volumeLitres: [], flowLitresPerSecond: [], seconds: [], values: [], verdict: "results only",
            isBest: false)
        let svg = SpirometryPicture(heading: Self.heading, blows: [blow], summary: []).drawing().svg(title: "s")
        _ = try Markup.elements(of: svg)
        #expect(svg.contains("no curve was sent"))
    }
}
