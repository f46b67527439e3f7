import DriverKit
import Drivers
import Foundation
import Testing
import Vitals

@Suite("A probe") struct ProbeTests {
    /// Recordings that speak of themselves: live data on a serial line.
    static let streams = Recording.all.filter { recording in
        recording.driver.manifest.serial != nil && recording.capture.lines.allSatisfy { $0.channel == .serial }
            && judged(recording.driver, recording) == .certain
    }

    /// The same five bytes with nothing to check them by: only the line's setting tells them apart.
    static let twins: Set<Set<String>> = [["berrymed-bci", "contec-cms50-v5"]]

    static let listeners = Catalogue.drivers.filter { $0.manifest.serial != nil }

    private static func judged(_ driver: any Driver.Type, _ recording: Recording) -> ProbeJudge.Verdict {
        var judge = ProbeJudge(driver)
        var now = Instant.boot
        for line in recording.capture.lines where line.direction == .fromDevice {
            now = line.at
            judge.wake(at: now)
            judge.receive(line.bytes, at: now)
            if judge.verdict(at: now) == .certain { return .certain }
        }
        return judge.verdict(at: now)
    }

    @Test("knows recordings of several drivers")
    func some() {
        let known = Set(Self.streams.map { $0.driver.manifest.id })
        #expect(known.count >= 3, "\(known)")
    }

    @Test("takes a recording for nobody else's", arguments: streams)
    func foreign(_ recording: Recording) {
        let own = recording.driver.manifest
        for driver in Self.listeners where driver.manifest.id != own.id {
            guard Self.judged(driver, recording) == .certain else { continue }
            #expect(
                Self.twins.contains([own.id, driver.manifest.id]), "\(driver.manifest.id) takes it for its own")
            #expect(driver.manifest.serial != own.serial, "and nothing would tell them apart")
        }
    }

    @Test("takes noise for nothing", arguments: 1 ... 20)
    func noise(_ seed: UInt64) {
        var state = seed &* 0x9E37_79B9_7F4A_7C15
        for driver in Self.listeners {
            var judge = ProbeJudge(driver)
            var now = Instant.boot
            for _ in 0 ..< 100 {
                let bytes = (0 ..< 20).map { _ in
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    return UInt8(truncatingIfNeeded: state >> 33)
                }
                now = now + .milliseconds(20)
                judge.wake(at: now)
                judge.receive(bytes, at: now)
                #expect(judge.verdict(at: now) != .certain, "\(driver.manifest.id)")
            }
        }
    }

    @Test("hears nothing in silence")
    func silence() {
        for driver in Self.listeners { #expect(ProbeJudge(driver).verdict(at: .boot) == .foreign) }
    }

    @Test("asks by guess only what is known to be harmless")
    func questions() {
        // Stop and who are you, in protocol V7.0: bytes 7D 81 and the command.
        let harmless: [String: Set<UInt8>] = ["contec-cms50-v7": [0xA7, 0xA2, 0xA0, 0xA8, 0xA9, 0xAA, 0xAC, 0xA1]]
        for driver in Self.listeners where driver.manifest.probe == .query {
            var judge = ProbeJudge(driver)
            var asked = judge.begin(at: .boot)
            for second in 1 ... 20 { asked += judge.wake(at: .boot + .seconds(second)) }
            asked += judge.end(at: .boot + .seconds(21))
            let known = harmless[driver.manifest.id] ?? []
            for request in asked where request.bytes.count == 9 {
                let command = request.bytes[2] & 0x7F | (request.bytes[1] & 1) << 7
                #expect(known.contains(command) || command == 0xAF, "\(driver.manifest.id) sends \(request.bytes)")
            }
            #expect(asked.allSatisfy { $0.bytes.count == 9 } && !asked.isEmpty)
        }
    }

    @Test("sends nothing for drivers that only listen")
    func listening() {
        for driver in Self.listeners where driver.manifest.probe == .listen {
            var judge = ProbeJudge(driver)
            #expect(judge.begin(at: .boot).isEmpty, "\(driver.manifest.id) would speak first")
        }
    }
}

@Suite("A USB identity") struct USBIdentityTests {
    @Test(
        "fits by vendor, product, interface and the beginnings of its strings",
        arguments: [
            (nil, nil, nil, true), (0, nil, nil, true), (1, nil, nil, false), (nil, "Nonin", nil, true),
            (nil, "nonin", nil, false), (nil, nil, "Xpod", true), (nil, "Nonin", "Onyx", false),
        ] as [(Int?, String?, String?, Bool)])
    func fits(_ interface: Int?, _ manufacturer: String?, _ product: String?, _ isFit: Bool) {
        let usb = PortIdentity.USB(
            vendor: 0x0403, product: 0x6001, interface: 0, manufacturerName: "Nonin Medical",
            productName: "Xpod 3012")
        let identity = USBIdentity(
            vendor: 0x0403, product: 0x6001, isGenericBridge: false, interface: interface,
            manufacturerPrefix: manufacturer, productPrefix: product)
        #expect(identity.matches(usb) == isFit)
        #expect(
            !USBIdentity(vendor: 0x0403, product: 0x6002, isGenericBridge: false).matches(usb))
    }
}
