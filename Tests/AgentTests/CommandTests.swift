import Agent
import Bluetooth
import DriverKit
import Loop
import Simulation
import Testing
import Vitals

@Suite struct `A command` {
    @Test(arguments: [
        ("", "bad-request"), ("{", "bad-request"), ("[]", "bad-request"), ("null", "bad-request"),
        (#"{"command":7}"#, "bad-request"), (#"{"command":"dance"}"#, "unknown-command"),
        (#"{"command":"status","much":1}"#, "bad-request"), (#"{"command":"status"} x"#, "bad-request"),
        (#"{"command":"status","command":"status"}"#, "bad-request"),
        (#"{"command":"scan","seconds":0}"#, "bad-request"), (#"{"command":"scan","seconds":1.5}"#, "bad-request"),
        (#"{"command":"scan","seconds":601}"#, "bad-request"), (#"{"command":"pair"}"#, "bad-request"),
        (#"{"command":"pair","address":"C4:B5"}"#, "bad-request"),
        (#"{"command":"pair","address":"C4:B5:00:11:22:33","addressKind":"odd"}"#, "bad-request"),
        (#"{"command":"pair","address":"C4:B5:00:11:22:33","driver":"none-such"}"#, "bad-request"),
        (#"{"command":"pair","address":"C4:B5:00:11:22:33","device":"oximeter-1"}"#, "bad-request"),
        (#"{"command":"pair","address":"C4:B5:00:11:22:33","device":"My Device"}"#, "bad-request"),
        (#"{"command":"watch","device":"nobody"}"#, "unknown-device"),
        (#"{"command":"unpair","device":"nobody"}"#, "unknown-device"),
        (#"{"command":"unpair","device":"oximeter-1"}"#, "unknown-device"),
        (#"{"command":"assign","device":"nobody","patient":"p-1"}"#, "unknown-device"),
        (#"{"command":"assign","device":"oximeter-1","patient":"Anna B."}"#, "unknown-patient-id"),
        (#"{"command":"assign","device":"oximeter-1"}"#, "bad-request"),
        (#"{"command":"assign","device":"oximeter-1","patient":"p-1"}"#, "already-assigned"),
        (#"{"command":"unassign","device":"oximeter-1"}"#, "already-assigned"),
        (#"{"command":"unassign","device":"spare"}"#, "not-assigned"),
        (String(repeating: "[", count: 10_000), "bad-request"), (#"{"command":"\ud800"}"#, "bad-request"),
        (#"{"command":"scan","seconds":1e999}"#, "bad-request"), ("\u{0}", "bad-request"),
        (String(repeating: "x", count: 20_000), "bad-request"),
    ])
    func `that cannot be carried out is refused with a reason and a remedy`(
        _ request: String, _ code: String
    ) throws {
        var stage = Stage.technician(seconds: 5) { visit in
            let lines = await visit.ask(request)
            #expect(lines.count == 1)
            #expect(field("code", in: lines.last ?? "") == code)
            #expect(!field("text", in: lines.last ?? "").isEmpty)
            #expect(!field("remedy", in: lines.last ?? "").isEmpty)
        }
        stage.devices = [bedside("oximeter-1"), bedside("spare", patient: nil)]
        _ = try stage.play()
        #expect(stage.folder.files.isEmpty)
    }

    @Test func `says where the request is wrong`() throws {
        let stage = Stage.technician(seconds: 5) { visit in
            #expect(await visit.ask(#"{"command":"status",}"#)[0].contains("byte 20: expected"))
            let twice = await visit.ask(#"{"command":"assign","device":"oximeter-1","patient":"p 1"}"#)[0]
            #expect(twice.contains("1 to 64 of a-z"))
        }
        _ = try stage.play()
    }

    @Test func `is refused without a radio where it needs one`() throws {
        var stage = Stage.technician(seconds: 5) { visit in
            #expect(await visit.outcome(#"{"command":"scan"}"#) == "adapter-missing")
            #expect(await visit.outcome(#"{"command":"pair","address":"C4:B5:00:11:22:33"}"#) == "adapter-missing")
            let status = await visit.ask(#"{"command":"status"}"#)
            #expect(status[0].contains(#""radio":null"#))
        }
        stage.air = nil
        _ = try stage.play()
    }

    @Test(arguments: [
        (RadioStatus.State.missing, "adapter-missing"), (.blocked, "radio-blocked"), (.denied, "not-permitted"),
    ])
    func `says what is wrong with the radio`(_ state: RadioStatus.State, _ code: String) throws {
        let stage = Stage.technician(seconds: 20) { visit in
            var status = RadioStatus(state: state)
            status.problem = "the kernel says no: \(BluetoothProblem(rawValue: code)?.remedy ?? "")"
            visit.radio.set(status)
            let scan = await visit.ask(#"{"command":"scan"}"#)
            #expect(field("text", in: scan[0]) == "the kernel says no")
            #expect(await visit.outcome(#"{"command":"scan"}"#) == code)
            #expect(await visit.outcome(#"{"command":"pair","address":"C4:B5:00:11:22:33"}"#) == code)
        }
        let record = try stage.play()
        #expect(record.states("health").contains { $0.contains(#""radio":{"state":"\#(state.rawValue)""#) })
        #expect(record.states("health").contains { $0.contains(#""problemCode":"\#(code)""#) })
    }

    @Test func `to pair names the cause when it fails`() throws {
        let stage = Stage.technician(seconds: 600) { visit in
            let radio = visit.radio
            func outcome() async -> String {
                await visit.outcome(#"{"command":"pair","address":"C4:B5:00:11:22:33"}"#)
            }
            for problem in [BluetoothProblem.wrongPasskey, .pairingRefused, .noAnswer, .protocolError] {
                radio.change(Stage.address) { $0.pairingError = .bluetooth(problem, "") }
                #expect(await outcome() == problem.rawValue)
            }
            radio.change(Stage.address) { device in
                device.pairingError = .bluetooth(.linkLost, "")
                device.rssiDBm = -95
            }
            #expect(await outcome() == "out-of-range")
            radio.change(Stage.address) { $0.isConnectable = false }
            #expect(await outcome() == "held-by-another-central")
            radio.change(Stage.address) { $0.isThere = { _ in false } }
            #expect(await outcome() == "not-advertising")
            var status = RadioStatus(state: .ready)
            status.isBluetoothdRunning = true
            radio.set(status)
            #expect(await outcome() == "bluetoothd-in-the-way")
            #expect(radio.known.isEmpty)
        }
        let record = try stage.play()
        #expect(record.journal.filter { $0.hasPrefix("command pair") }.count == 8)
        #expect(record.journal.contains { $0.contains(": refused, wrong-passkey, the passkey was wrong") })
        #expect(stage.folder.files.isEmpty)
    }

    @Test func `to pair says what was seen of a device that nobody knows`() throws {
        let stage = Stage.technician(seconds: 60) { visit in
            visit.radio.change(Stage.address) { device in
                device.name = "Toaster"
                device.services = [BluetoothUUID(0x180F)]
            }
            let last = await visit.pairBedside().last ?? ""
            #expect(field("code", in: last) == "unsupported-model")
            #expect(last.contains(#"name \"Toaster\", services 180f"#))
        }
        _ = try stage.play()
    }

    @Test func `to pair lists the drivers when several fit`() throws {
        var stage = Stage.technician(seconds: 60) { visit in
            let last = await visit.pairBedside().last ?? ""
            #expect(last.contains("several drivers fit: bedside, bedside-twin"))
            let named = #"{"command":"pair","address":"C4:B5:00:11:22:33","driver":"bedside-twin","device":"one"}"#
            #expect(await visit.ask(named).contains { $0.contains(#""device":"one","driver":"bedside-twin""#) })
        }
        stage.drivers = [Bedside.self, BedsideTwin.self]
        _ = try stage.play()
    }

    @Test func `changes nothing when it cannot be written`() throws {
        let stage = Stage.technician(seconds: 120) { visit in
            _ = await visit.pairBedside()
        }
        _ = try stage.play()
        let full = stage.folder
        full.setFull(true)
        var second = Stage.technician(seconds: 120) { visit in
            let assign = #"{"command":"assign","device":"bedside-7-2233","patient":"p-17"}"#
            #expect(await visit.outcome(assign) == "state-not-written")
            #expect(await visit.ask(#"{"command":"devices"}"#)[0].contains(#""patient":null"#))
            full.setFull(false)
            #expect(await visit.outcome(assign) == "done")
            #expect(await visit.outcome(assign) == "already-assigned")
        }
        second.folder = full
        _ = try second.play()
    }

    @Test func `of one does not wait for that of another, but for a second pairing`() throws {
        let stage = Stage.technician(seconds: 120) { visit in
            visit.radio.change(Stage.address) { $0.questions = [.consent] }
            let pairing = visit.door.connect([#"{"command":"pair","address":"C4:B5:00:11:22:33"}"#])
            #expect(await pairing.hears("question"))
            #expect(await visit.outcome(#"{"command":"devices"}"#) == "done")
            #expect(await visit.outcome(#"{"command":"pair","address":"C4:B5:00:11:22:33"}"#) == "busy")
            pairing.say(#"{"answer":"yes"}"#)
            #expect(await pairing.end().last == #"{"done":true}"#)
        }
        _ = try stage.play()
    }

    @Test func `is refused when too many ask at once`() throws {
        let stage = Stage.technician(seconds: 60) { visit in
            let many = (0 ..< 10).map { _ in visit.door.connect([#"{"command":"watch"}"#]) }
            await visit.loop.sleep(until: visit.loop.now + .seconds(2))
            #expect(many.filter { field("code", in: $0.heard.last ?? "") == "busy" }.count == 2)
            for client in many { client.leave() }
            await visit.loop.sleep(until: visit.loop.now + .seconds(2))
            #expect(await visit.outcome(#"{"command":"status"}"#) == "done")
        }
        _ = try stage.play()
    }

    @Test func `without a request is not waited for without end`() throws {
        let stage = Stage.technician(seconds: 60) { visit in
            let silent = visit.door.connect([])
            #expect(field("code", in: await silent.end(within: .seconds(15)).last ?? "") == "bad-request")
        }
        _ = try stage.play()
    }

    @Test func `ends when its client talks on unasked`() throws {
        let stage = Stage.technician(seconds: 60) { visit in
            let lines = [#"{"command":"watch"}"#] + Array(repeating: "and", count: 20)
            let client = visit.door.connect(lines)
            #expect(field("code", in: await client.end().last ?? "") == "bad-request")
        }
        _ = try stage.play()
    }

    @Test func `to unpair works for a device whose driver is gone`() throws {
        let first = Stage.technician(seconds: 60) { visit in _ = await visit.pairBedside() }
        _ = try first.play()
        var second = Stage.technician(seconds: 60) { visit in
            visit.radio.addBond(Stage.address)
            #expect(visit.radio.known.isEmpty)
            #expect(await visit.outcome(#"{"command":"unpair","device":"bedside-7-2233"}"#) == "done")
            #expect(!visit.radio.isPaired(Stage.address))
        }
        second.folder = first.folder
        second.drivers = []
        let record = try second.play()
        #expect(record.journal.contains("bedside-7-2233: paired, but this program has no driver bedside"))
        #expect(!String(decoding: second.folder.files["devices.json"] ?? [], as: UTF8.self).contains("bedside"))
    }

    @Test func `ends when everything stops, a pairing too`() throws {
        var stage = Stage.technician(seconds: 20) { visit in
            visit.radio.change(Stage.address) { $0.pairingDuration = .seconds(100) }
            let pairing = visit.door.connect([#"{"command":"pair","address":"C4:B5:00:11:22:33"}"#])
            let watching = visit.door.connect([#"{"command":"watch"}"#])
            for client in [pairing, watching] {
                #expect(field("code", in: await client.end(within: .seconds(30)).last ?? "") == "stopping")
            }
        }
        stage.devices = []
        let record = try stage.play()
        #expect(record.stopped == .boot + .seconds(20))
        #expect(stage.folder.files.isEmpty)
    }

    @Test func `that nobody waits for any more leaves no bond behind`() throws {
        let stage = Stage.technician(seconds: 60) { visit in
            let client = visit.door.connect([#"{"command":"pair","address":"C4:B5:00:11:22:33"}"#])
            #expect(await client.hears(#""step":"pairing""#))
            client.leave()
            await visit.loop.sleep(until: visit.loop.now + .seconds(10))
            #expect(!visit.radio.isPaired(Stage.address))
            #expect(visit.radio.known.isEmpty)
            #expect(!visit.radio.isLooking)
        }
        _ = try stage.play()
    }
}

/// Another driver for the same devices.
struct BedsideTwin: Driver {
    static let manifest: Manifest = {
        var manifest = Bedside.manifest
        manifest.id = "bedside-twin"
        return manifest
    }()

    private var driver: Bedside

    init(settings: DriverSettings) { driver = Bedside(settings: settings) }

    mutating func receive(_ bytes: Span<UInt8>, from channel: Channel, _ turn: inout Turn) {
        driver.receive(bytes, from: channel, &turn)
    }
}
