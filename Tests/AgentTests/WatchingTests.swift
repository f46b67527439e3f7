import Agent
import Bluetooth
import DriverKit
import Loop
import Simulation
import Testing
import Vitals

@Suite struct `Watching` {
    /// An oximeter of a patient who desaturates.
    private func stage(_ visit: @escaping @Sendable (Stage.Visit) async -> Void) -> Stage {
        var stage = Stage.technician(seconds: 120, visit)
        stage.devices = [bedside("oximeter-1"), bedside("oximeter-2", patient: nil)]
        stage.plug = { connector, loop in
            for id in ["oximeter-1", "oximeter-2"] {
                connector.add("/dev/\(id)") {
                    ScriptedLink.bedside("/dev/\(id)", on: loop, until: 90) { $0 < 20 ? 97 : 80 }
                }
            }
        }
        return stage
    }

    @Test func `shows what happens as it happens`() throws {
        _ = try stage { visit in
            let client = visit.door.connect([#"{"command":"watch","device":"oximeter-1"}"#])
            await visit.loop.sleep(until: .boot + .seconds(110))
            let heard = client.heard
            client.leave()
            #expect(!heard.contains { $0.contains("oximeter-2") })
            #expect(
                heard.contains {
                    $0.hasPrefix(
                        #"{"event":"reading","device":"oximeter-1","metric":"oxygen-saturation","value":97,"#
                            + #""unit":"%","quality":"valid","reasons":[],"time":"2026-01-15T12:00:1"#)
                })
            #expect(heard.contains { $0.contains(#""event":"alert","device":"oximeter-1""#) })
            #expect(heard.contains { $0.contains(#""link":"connected","problem":null"#) })
            #expect(heard.contains { $0.contains(#""link":"silent","problem":"nothing heard"#) })
        }.play()
    }

    @Test func `tells a slow client how much it did not get`() throws {
        _ = try stage { visit in
            let client = visit.door.connect([#"{"command":"watch"}"#], linesTakenMax: 20)
            await visit.loop.sleep(until: .boot + .seconds(60))
            #expect(client.heard.count == 20)
            client.take(linesMax: .max)
            await visit.loop.sleep(until: .boot + .seconds(110))
            let dropped = client.heard.filter { $0.contains(#""event":"dropped""#) }
            #expect(dropped.count == 1)
            #expect((Int(number("count", in: dropped.first ?? "")) ?? 0) > 150)
            #expect(client.heard.firstIndex { $0.contains("dropped") } == 20)
            #expect(client.heard.count > 100)
        }.play()
    }

    @Test func `by scanning shows what is in the air, strongest first, in lines that fit`() throws {
        let stage = Stage.technician(seconds: 60) { visit in
            for number in 0 ..< 300 {
                let address = BluetoothAddress(bits: 0xC000_0000_0000 | UInt64(number), kind: .random)
                visit.radio.add(
                    SimulatedRadio.Device(
                        address, name: number == 7 ? "Bedside 1" : nil, services: [BluetoothUUID(0x180D)],
                        rssiDBm: number == 7 ? -30 : -40 - number % 50
                    ) { ScriptedLink(on: $0, script: []) })
            }
            let lines = await visit.ask(#"{"command":"scan","seconds":3}"#)
            #expect(lines.count == 4)
            #expect(lines.allSatisfy { $0.utf8.count <= 16 * 1024 })
            let first = lines.first ?? ""
            #expect(
                first.hasPrefix(
                    #"{"event":"sightings","radio":"ready","sightings":[{"address":"C0:00:00:00:00:07","#
                        + #""addressKind":"random","name":"Bedside 1","driver":"bedside","model":"Bedside 7","#
                        + #""rssiDBm":-30,"paired":false,"device":null,"lastHeardMilliseconds":0,"#
                        + #""isConnectable":true,"services":["180d"]}"#))
            #expect(first.contains(#""sightingsOmitted":"#))
        }
        _ = try stage.play()
    }

    @Test func `by status shows the box in one line`() throws {
        _ = try stage { visit in
            await visit.loop.sleep(until: .boot + .seconds(60))
            let status = await visit.ask(#"{"command":"status"}"#)[0]
            #expect(status.hasPrefix(#"{"event":"status","gateway":"home-1","version":"test","uptimeSeconds":60"#))
            #expect(status.contains(#""radio":{"state":"ready""#))
            #expect(
                status.contains(
                    #""alarms":[{"device":"oximeter-1","condition":"oxygen-saturation-low","priority":"high","#
                        + #""state":"active"}]"#))
            #expect(status.contains(#"{"device":"oximeter-1","driver":"bedside","model":"Bedside""#))
        }.play()
    }

    @Test func `the radio is told in health when it changes`() throws {
        let stage = Stage.technician(seconds: 50) { visit in
            await visit.loop.sleep(until: .boot + .seconds(20))
            var status = RadioStatus(state: .deaf)
            status.problem = "no advertisement for 60 s"
            status.scannerRestarts = 2
            visit.radio.set(status)
        }
        let health = try stage.play().states("health")
        #expect(health.last?.contains(#""radio":{"state":"deaf","problem":"no advertisement for 60 s""#) == true)
        #expect(health.last?.contains(#""scannerRestarts":2"#) == true)
        #expect(health.count == 3, "at the beginning, when it was ready, when it was deaf")
    }
}
