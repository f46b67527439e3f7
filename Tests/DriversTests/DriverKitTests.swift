import DriverKit
import Drivers
import Foundation
import Testing
import Vitals

@Suite("What drivers are made with")
struct DriverKitTests {
    @Test("a cadence tells the first, every change, and once per second of frames")
    func cadence() {
        var cadence = Cadence(framesPerSecond: 3)
        let keys: [UInt64] = [5, 5, 5, 5, 6, 6, 5, 5, 5, 5]
        #expect(
            keys.map { cadence.isDue($0) } == [true, false, false, true, true, false, true, false, false, true])
    }

    @Test("a block of samples ends with its second or an interruption, and says what is missing")
    func sampleBlock() {
        var turn = Turn(now: .boot)
        var block = SampleBlock(.plethysmogram, samplesPerSecond: 3, isOn: true)
        for sample in 1 ... 4 as ClosedRange<Int32> { block.append(sample, &turn) }
        block.interrupt(lost: 2, &turn)
        block.append(9, &turn)
        block.flush(&turn)
        #expect(
            turn.events.map { EventText.line(at: .boot, $0) } == [
                "0.000 ~ plethysmogram 3 Hz 1 2 3", "0.000 ~ plethysmogram 3 Hz 4",
                "0.000 ~ plethysmogram 3 Hz lost 2 9",
            ])
    }

    @Test("a gap is one fault, unless it does not end")
    func gap() {
        var turn = Turn(now: .boot)
        var gap = Gap()
        for _ in 0 ..< 2000 { gap.add(1, &turn) }
        gap.close(&turn)
        gap.close(&turn)
        #expect(turn.events == [.fault(.dropped(bytes: 1024)), .fault(.dropped(bytes: 976))])
    }

    @Test("a capture is written as it is read")
    func captureText() throws {
        let text = "# device: x\n# settings: fetch-stored format=7\n0.000 > F5 F5\n0.016 < 01\n5.000 <\n"
        let capture = try Capture(parsing: text)
        #expect(capture.text == text)
        #expect(try capture.settings == DriverSettings(fetchesStored: true, format: "7"))
    }

    @Test("a setting that nobody knows is an error")
    func unknownSetting() throws {
        let capture = try Capture(parsing: "# settings: erase-all")
        #expect(throws: CaptureError.self) { try capture.settings }
    }

    @Test("the catalogue names every driver once, in small letters")
    func catalogue() {
        let ids = Recording.driverIDs
        #expect(Set(ids).count == ids.count)
        #expect(ids.allSatisfy { Identifier($0) != nil })
        #expect(Catalogue.drivers.allSatisfy { $0.manifest.evidence != .example })
        #expect(Catalogue.examples.allSatisfy { $0.manifest.evidence == .example })
    }

    @Test("the udev rules name each bridge once, with its drivers")
    func udevRules() {
        let text = UdevRules.text(for: Catalogue.drivers.map { $0.manifest })
        #expect(
            text.split(separator: "\n").count { $0.contains("idVendor}==\"10c4\"") && $0.contains("GROUP") } == 1)
        #expect(text.contains("# contec-cms50-v7: Contec"))
        #expect(!text.contains("template"))
    }

    @Test("the udev rules in the project are those of the manifests")
    func udevRulesAreCurrent() throws {
        let path = "\(Recording.folder)/../Udev/60-homeward.rules"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text == UdevRules.text(for: Catalogue.drivers.map { $0.manifest }))
    }
}
