import DriverKit
import Testing
import Vitals

@Suite struct `A ring of frames` {
    @Test func `drops the oldest and counts them`() {
        var ring = CaptureRing(bytesMax: 400)
        for number in 0 ..< 50 as Range<UInt8> {
            ring.add([number], .fromDevice, .serial, at: .boot + .seconds(Int(number)))
        }
        let capture = ring.capture(from: .boot, provenance: [])
        #expect(ring.frames == 50)
        #expect(ring.dropped == 50 - capture.lines.count)
        #expect(capture.lines.last?.bytes == [49])
        #expect(capture.text.utf8.count <= 400 && capture.lines.count > 5)
    }

    @Test func `cuts what is too long for a line, and keeps time in order`() throws {
        var ring = CaptureRing(bytesMax: 100_000)
        ring.add([1], .toDevice, .serial, at: .boot + .seconds(2))
        ring.add(Array(repeating: 7, count: 5000), .fromDevice, .serial, at: .boot + .seconds(1))
        let capture = ring.capture(from: .boot, provenance: [])
        #expect(capture.lines.map(\.bytes.count) == [1, 2048, 2048, 904])
        #expect(try Capture(parsing: capture.text) == capture)
    }

    @Test func `of nothing holds nothing`() {
        var ring = CaptureRing(bytesMax: 0)
        ring.add([1], .toDevice, .serial, at: .boot)
        #expect(ring.isEmpty && ring.byteCount == 0 && ring.popFirst() == nil)
    }

    @Test(arguments: [
        DriverSettings(), DriverSettings(reportsWaveforms: false, format: "7"),
        DriverSettings(fetchesStored: true, setsClock: true),
    ])
    func `says its settings as they are read`(_ settings: DriverSettings) throws {
        let capture = Capture(provenance: [.init(key: "settings", value: Capture.text(of: settings))])
        #expect(try capture.settings == settings)
    }

    @Test func `takes no name that would end a line`() {
        #expect(Capture.Note(key: "device", cleaning: "a\nb\u{7}c").value == "abc")
    }
}
