import Agent
import Bluetooth
import DriverKit
import Loop
import Simulation
import Testing
import Vitals

@Suite struct `Pairing` {
    @Test func `leads from an address to readings under the patient's topics`() throws {
        let stage = Stage.technician { visit in
            let paired = await visit.ask(#"{"command":"pair","address":"C4:B5:00:11:22:33"}"#)
            #expect(
                paired.map { field("event", in: $0) } == [
                    "step", "step", "step", "step", "step", "step", "reading", "reading", "reading", "paired", "",
                ])
            #expect(
                paired.filter { $0.contains(#""step":"#) }.map { field("step", in: $0) } == [
                    "searching", "identified", "connecting", "pairing", "bonded", "testing",
                ])
            #expect(
                paired.contains(
                    #"{"event":"paired","device":"bedside-7-2233","driver":"bedside","model":"Bedside 7","#
                        + #""address":"C4:B5:00:11:22:33","bonded":true}"#))
            #expect(paired.last == #"{"done":true}"#)
            await visit.loop.sleep(until: .boot + .seconds(60))
            let assigned = await visit.ask(#"{"command":"assign","device":"bedside-7-2233","patient":"p-17"}"#)
            #expect(
                assigned.first?.hasPrefix(#"{"event":"assigned","device":"bedside-7-2233","patient":"p-17""#)
                    == true)
            await visit.loop.sleep(until: .boot + .seconds(120))
            let unassigned = await visit.ask(#"{"command":"unassign","device":"bedside-7-2233"}"#)
            #expect(field("event", in: unassigned[0]) == "unassigned")
        }
        let record = try stage.play()
        let seconds = record.topicsBySecond("oxygen-saturation")
        #expect(seconds.prefix { $0.0 < 60 }.allSatisfy { $0.1 == "unassigned" })
        #expect(
            seconds.filter { (61 ..< 120).contains($0.0) }.map(\.1) == Array(repeating: "patient/p-17", count: 59))
        #expect(seconds.filter { $0.0 > 120 }.allSatisfy { $0.1 == "unassigned" })
        #expect(seconds.count > 170)
        #expect(
            record.journal.contains("command pair C4:B5:00:11:22:33 by uid 1000 (technician): done, bedside-7-2233")
        )
        #expect(record.journal.contains("command assign bedside-7-2233 to p-17 by uid 1000 (technician): done"))
        #expect(
            record.journal.contains(
                "command unassign bedside-7-2233 by uid 1000 (technician): done, it was of p-17"))
        let twins = record.states("device/bedside-7-2233")
        let assigned = try #require(twins.last { $0.contains(#""patient":"p-17""#) })
        #expect(assigned.contains(#""assignment":{"from":"2026-01-15T12:01:00"#))
        #expect(assigned.contains(#""by":"uid 1000"}"#))
        #expect(!record.everything.contains("(technician)"), "names of users stay on the box")
    }

    @Test func `outlives a restart with its assignments`() throws {
        let first = Stage.technician { visit in
            _ = await visit.pairBedside()
            _ = await visit.ask(#"{"command":"assign","device":"bedside-7-2233","patient":"p-17"}"#)
        }
        _ = try first.play()
        var second = Stage.technician { visit in
            let devices = await visit.ask(#"{"command":"devices"}"#)
            #expect(devices[0].contains(#""origin":"paired""#))
            #expect(devices[0].contains(#""patient":"p-17","from":"2026-01-15T12:00:0"#))
            #expect(devices[0].contains(#""to":null,"by":"uid 1000""#))
        }
        second.folder = first.folder
        let record = try second.play()
        #expect(record.topicsBySecond("pulse-rate").allSatisfy { $0.1 == "patient/p-17" })
        #expect(record.topicsBySecond("pulse-rate").count > 170)
    }

    @Test func `is the only way for a device to be connected`() throws {
        var stage = Stage.technician { visit in
            #expect(visit.radio.known.isEmpty)
            _ = await visit.ask(#"{"command":"scan","seconds":5}"#)
            #expect(visit.radio.known.isEmpty)
            _ = await visit.pairBedside()
            #expect(visit.radio.known == [Stage.address])
            _ = await visit.ask(#"{"command":"unpair","device":"bedside-7-2233"}"#)
            #expect(visit.radio.known.isEmpty)
            #expect(!visit.radio.isPaired(Stage.address))
            #expect(await visit.ask(#"{"command":"devices"}"#)[0] == #"{"event":"devices","devices":[]}"#)
        }
        stage.seconds = 120
        let record = try stage.play()
        #expect(record.links("bedside-7-2233").last == "stopped")
        #expect(
            String(decoding: stage.folder.files["devices.json"] ?? [], as: UTF8.self).contains(#""devices":[]"#))
    }

    @Test func `anew keeps the name and the patient of a device that forgot its bond`() throws {
        var stage = Stage.technician { visit in
            _ = await visit.pairBedside()
            _ = await visit.ask(#"{"command":"assign","device":"bedside-7-2233","patient":"p-17"}"#)
            visit.radio.change(Stage.address) { device in
                device.connectError = .bluetooth(.bondForgottenByDevice, "")
                device.link = { ScriptedLink.bedside("air", on: $0, until: 400) { _ in 96 } }
            }
            await visit.loop.sleep(until: .boot + .seconds(150))
            let repaired = await visit.pairBedside()
            #expect(repaired.contains { $0.contains(#""event":"paired","device":"bedside-7-2233""#) })
        }
        stage.goesAway(from: 60, until: 62)
        let record = try stage.play()
        let twins = record.states("device/bedside-7-2233")
        #expect(twins.contains { $0.contains(#""problemCode":"bond-forgotten-by-device""#) })
        let late = record.topicsBySecond("oxygen-saturation").filter { $0.0 > 160 }
        #expect(late.count > 15)
        #expect(late.allSatisfy { $0.1 == "patient/p-17" })
    }

    @Test(arguments: [
        (PairingQuestion.passkeyEntry, "passkey-entry", "null", "012345", PairingAnswer.passkey(12345)),
        (.comparison(42), "comparison", #""000042""#, "yes", .yes), (.consent, "consent", "null", "yes", .yes),
    ])
    func `asks what only the person can know`(
        _ question: PairingQuestion, _ kind: String, _ passkey: String, _ answer: String, _ given: PairingAnswer
    ) throws {
        let stage = Stage.technician { visit in
            visit.radio.change(Stage.address) { $0.questions = [question] }
            let client = visit.door.connect([#"{"command":"pair","address":"C4:B5:00:11:22:33"}"#])
            #expect(await client.hears(#"{"event":"question","kind":"\#(kind)","passkey":\#(passkey)}"#))
            client.say(#"{"answer":"\#(answer)"}"#)
            #expect(await client.end().last == #"{"done":true}"#)
            #expect(visit.radio.answers == [given])
        }
        _ = try stage.play()
    }

    @Test func `shows a passkey and goes on`() throws {
        let stage = Stage.technician { visit in
            visit.radio.change(Stage.address) { $0.questions = [.passkeyDisplay(7)] }
            let lines = await visit.pairBedside()
            #expect(lines.contains(#"{"event":"question","kind":"passkey-display","passkey":"000007"}"#))
            #expect(lines.last == #"{"done":true}"#)
        }
        _ = try stage.play()
    }

    @Test(
        arguments: [
            (#"{"answer":"no"}"#, "pairing-refused"), (#"{"answer":"12"}"#, "bad-request"),
            ("nonsense", "bad-request"),
            (nil, "pairing-refused"),
        ] as [(String?, String)])
    func `ends when the answer is none`(_ answer: String?, _ code: String) throws {
        let stage = Stage.technician { visit in
            visit.radio.change(Stage.address) { $0.questions = [.passkeyEntry] }
            let client = visit.door.connect([#"{"command":"pair","address":"C4:B5:00:11:22:33"}"#])
            #expect(await client.hears("question"))
            if let answer { client.say(answer) }
            #expect(field("code", in: await client.end().last ?? "") == code)
            #expect(visit.radio.known.isEmpty)
        }
        _ = try stage.play()
        #expect(stage.folder.files.isEmpty)
    }

    @Test func `of a device without a reading says what to do`() throws {
        let stage = Stage.technician { visit in
            visit.radio.change(Stage.address) { $0.link = { ScriptedLink(on: $0, script: []) } }
            let lines = await visit.pairBedside()
            #expect(lines.contains { $0.contains("no reading yet: nothing heard for") })
            #expect(lines.last == #"{"done":true}"#)
        }
        _ = try stage.play()
    }

    @Test func `brings a device back as soon as it is heard`() throws {
        var stage = Stage.technician { visit in _ = await visit.pairBedside() }
        stage.goesAway(from: 60, until: 150)
        let record = try stage.play()
        let seconds = record.topicsBySecond("pulse-rate").map(\.0)
        #expect(seconds.contains { (150 ... 152).contains($0) })
        #expect(record.links("bedside-7-2233") == ["connected", "gone", "connected", "stopped"])
    }

    @Test func `keeps the device at the address by which it is known from then on`() throws {
        let identity = try #require(BluetoothAddress("C4:B5:00:AA:BB:CC", kind: .publicAddress))
        let stage = Stage.technician { visit in
            visit.radio.change(Stage.address) { $0.identity = identity }
            let lines = await visit.pairBedside()
            #expect(lines.contains { $0.contains(#""device":"bedside-7-bbcc""#) })
            #expect(visit.radio.known == [identity])
        }
        #expect(try stage.play().topicsBySecond("pulse-rate").count > 150)
    }
}
