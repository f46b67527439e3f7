import DriverKit
import Simulation
import Testing

@testable import Bluetooth

@Suite struct `A management packet` {
    static let device = BluetoothAddress(bits: 0xC400_0000_0102, kind: .random)
    static let named: [UInt8] = [0x02, 0x01, 0x00, 0x00, 0x00, 0xC4, 0x02]

    struct Sent: Sendable {
        let command: ManagementCommand
        let bytes: [UInt8]
        init(_ command: ManagementCommand, _ bytes: [UInt8]) { (self.command, self.bytes) = (command, bytes) }
    }

    static let sent = [
        Sent(.readVersion, [1, 0, 3, 0, 0, 0]),
        Sent(.set(.setPowered, true), [5, 0, 3, 0, 1, 0, 1]),
        Sent(.set(.setLowEnergy, true), [0x0D, 0, 3, 0, 1, 0, 1]),
        Sent(.setInputOutput, [0x18, 0, 3, 0, 1, 0, 4]),
        Sent(.startDiscovery, [0x23, 0, 3, 0, 1, 0, 6]),
        Sent(.pair(device), [0x19, 0, 3, 0, 8, 0] + named + [4]),
        Sent(.unpair(device), [0x1B, 0, 3, 0, 8, 0] + named + [1]),
        Sent(.addDevice(device), [0x33, 0, 3, 0, 8, 0] + named + [2]),
        Sent(.about(device, .removeDevice), [0x34, 0, 3, 0, 7, 0] + named),
        Sent(.givePasskey(device, 123_456), [0x1E, 0, 3, 0, 11, 0] + named + [0x40, 0xE2, 1, 0]),
        Sent(.load([LongTermKey]()), [0x13, 0, 3, 0, 2, 0, 0, 0]),
        Sent(.load([IdentityKey]()), [0x30, 0, 3, 0, 2, 0, 0, 0]),
        Sent(
            .load([ConnectionParameters(device, pace: .stream)]),
            [0x35, 0, 3, 0, 17, 0, 1, 0] + named + [12, 0, 24, 0, 0, 0, 0x90, 1]),
        Sent(
            .load([
                LongTermKey(
                    address: device, kind: 3, isInitiator: 1, sizeBytes: 16, diversifier: 0x0201, random: 5,
                    value: Array(0 ..< 16))
            ]),
            [0x13, 0, 3, 0, 38, 0, 1, 0] + named + [3, 1, 16, 1, 2, 5, 0, 0, 0, 0, 0, 0, 0] + Array(0 ..< 16)),
    ]

    @Test(arguments: sent) func `is sent as the kernel reads it`(_ sent: Sent) {
        #expect(sent.command.packet(to: 3) == sent.bytes)
    }

    struct Heard: Sendable {
        let code: UInt16
        let parameters: [UInt8]
        let event: ManagementEvent
        init(_ code: UInt16, _ parameters: [UInt8], _ event: ManagementEvent) {
            (self.code, self.parameters, self.event) = (code, parameters, event)
        }
    }

    static let key = LongTermKey(
        address: device, kind: 2, isInitiator: 0, sizeBytes: 16, diversifier: 1, random: 2,
        value: Array(repeating: 9, count: 16))
    static let heard = [
        Heard(1, [0x19, 0, 5] + named, .answer(code: 0x19, .authenticationFailed, named)),
        Heard(2, [0x19, 0, 0x0A], .answer(code: 0x19, .busy, [])),
        Heard(3, [1], .controllerError(1)),
        Heard(4, [], .controllerAdded),
        Heard(5, [], .controllerRemoved),
        Heard(6, [0x01, 0x02, 0, 0], .settings([.powered, .lowEnergy])),
        Heard(0x0A, [1] + key.bytes, .longTermKey(key, isLasting: true)),
        Heard(0x0B, named + [0, 0, 0, 0, 2, 0, 1, 2], .connected(device, data: [1, 2])),
        Heard(0x0C, named + [4], .disconnected(device, .authenticationFailure)),
        Heard(0x0C, named + [99], .disconnected(device, .unknown)),
        Heard(0x0D, named + [4], .connectFailed(device, .connectFailed)),
        Heard(0x0F, named + [1, 0, 0, 0, 0], .confirmationWanted(device, isConsent: true, number: 0)),
        Heard(0x0F, named + [0, 0x40, 0xE2, 1, 0], .confirmationWanted(device, isConsent: false, number: 123_456)),
        Heard(0x10, named, .passkeyWanted(device)),
        Heard(0x11, named + [5], .authenticationFailed(device, .authenticationFailed)),
        Heard(
            0x12, named + [0xC4, 4, 0, 0, 0, 2, 0, 1, 0],
            .found(
                .init(address: device, rssiDBm: -60, isConnectable: false, isScanResponse: false, data: [1, 0]))),
        Heard(0x13, [6, 1], .discovering(true)),
        Heard(0x16, named, .unpaired(device)),
        Heard(0x17, named + [7, 0, 0, 0, 3], .passkeyShown(device, 7, digitsTyped: 3)),
        Heard(
            0x18, [1, 1, 2, 3, 4, 5, 0x46] + named + Array(repeating: 8, count: 16),
            .identityKey(
                IdentityKey(address: device, value: Array(repeating: 8, count: 16)),
                heardAs: BluetoothAddress(bits: 0x4605_0403_0201, kind: .random), isLasting: true)),
        Heard(0x2A, named, .other(0x2A)),
        // Bluetooth Classic.
        Heard(0x0C, [1, 2, 3, 4, 5, 6, 0, 1], .other(0x0C)),
    ]

    @Test(arguments: heard) func `is read as the kernel sends it`(_ heard: Heard) throws {
        let bytes = ManagementPacket(code: heard.code, controller: 0, parameters: heard.parameters).bytes
        let packet = try #require(ManagementPacket(bytes))
        #expect(ManagementEvent(packet) == heard.event)
    }

    @Test func `that is cut short is none, wherever it is cut`() throws {
        for heard in Self.heard {
            let bytes = ManagementPacket(code: heard.code, controller: 0, parameters: heard.parameters).bytes
            for length in bytes.indices { #expect(ManagementPacket(Array(bytes.prefix(length))) == nil) }
            // What is not ours is not read at all.
            if case .other = heard.event { continue }
            for length in heard.parameters.indices {
                let cut = ManagementPacket(
                    code: heard.code, controller: 0, parameters: Array(heard.parameters.prefix(length)))
                #expect(ManagementEvent(cut) != heard.event)
            }
        }
    }

    @Test func `of any bytes does no harm`() {
        var seed = Seed(11)
        for _ in 0 ..< 20_000 {
            let length = Int.random(in: 0 ... 40, using: &seed)
            let bytes = (0 ..< length).map { _ in UInt8.random(in: 0 ... 255, using: &seed) }
            let packet = ManagementPacket(
                code: UInt16.random(in: 0 ... 0x30, using: &seed), controller: 0, parameters: bytes)
            if let event = ManagementEvent(packet), case .found(let advertiser) = event {
                #expect(advertiser.data.count <= length)
            }
            #expect((ControllerInformation.controllers(bytes) ?? []).count <= length / 2)
            _ = ControllerInformation(bytes)
        }
    }

    @Test func `names its status`() {
        #expect(ManagementStatus.notPaired.description == "not paired (0x06)")
        #expect(ManagementStatus(rawValue: 0xEE).description == "unknown status (0xee)")
    }
}
