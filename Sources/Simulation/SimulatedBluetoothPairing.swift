import Bluetooth
import DriverKit
import Loop
import Vitals

/// One pairing in the simulated kernel, from the connection to the keys.
final class SimulatedPairing {
    private enum Stage { case connecting, asked(Instant), over }

    let device: SimulatedBluetoothDevice
    /// Begun by Pair Device, which is answered at the end.
    private let isAsked: Bool
    private let begunAt: Instant
    private var stage = Stage.connecting

    /// `HCI_LE_CONN_TIMEOUT` of the kernel.
    private static let connectLimit: Duration = .seconds(20)
    /// Core Specification 5.4, Vol 3, Part H, 3.4.
    private static let silenceLimit: Duration = .seconds(30)
    private static let typing: Duration = .seconds(5)

    init(_ device: SimulatedBluetoothDevice, isAsked: Bool, at now: Instant = .boot) {
        self.device = device
        self.isAsked = isAsked
        begunAt = now
    }

    func tick(_ kernel: SimulatedBluetooth) {
        let now = kernel.loop.now
        switch stage {
        case .over: return
        case .connecting:
            if device.isConnected {
                ask(kernel, at: now)
            } else if isAsked, !device.answersConnections, device.connections.contains(where: { $0 >= begunAt }) {
                end(kernel, status: 0x0E)
            } else if isAsked, now - begunAt >= Self.connectLimit {
                kernel.tell(0x000D, device.knownAs.simulatedBytes + [0x04])
                end(kernel, status: 0x04)
            }
        case .asked(let at):
            if !device.isConnected { return end(kernel, status: 0x0E) }
            if case .passkeyDisplay = device.way, now - at >= Self.typing { return succeed(kernel) }
            if now - at >= Self.silenceLimit { fail(kernel) }
        }
    }

    private func ask(_ kernel: SimulatedBluetooth, at now: Instant) {
        stage = .asked(now)
        let address = device.knownAs.simulatedBytes
        switch device.way {
        case .justWorks: kernel.tell(0x000F, address + [1] + UInt32(0).simulatedBytes)
        case .comparison(let number): kernel.tell(0x000F, address + [0] + number.simulatedBytes)
        case .passkeyEntry: kernel.tell(0x0010, address)
        case .passkeyDisplay(let number): kernel.tell(0x0017, address + number.simulatedBytes + [0])
        case .refusing: fail(kernel)
        case .silent: break
        }
    }

    func take(_ code: UInt16, _ parameters: [UInt8], _ kernel: SimulatedBluetooth) {
        switch (code, device.way) {
        case (0x001C, .justWorks), (0x001C, .comparison): succeed(kernel)
        case (0x001E, .passkeyEntry(let number)):
            parameters.dropFirst(7).elementsEqual(number.simulatedBytes) ? succeed(kernel) : fail(kernel)
        case (0x001A, _): end(kernel, status: 0x10)
        default: fail(kernel)
        }
    }

    private func succeed(_ kernel: SimulatedBluetooth) {
        let last = UInt8(truncatingIfNeeded: device.address.bits)
        let key = (0 ..< 16).map { UInt8($0) ^ last ^ UInt8(truncatingIfNeeded: kernel.loop.now.wholeSeconds) }
        let wasAt = device.address.simulatedBytes
        device.key = key
        device.whenPaired?()
        let identity = device.knownAs
        if device.identity != nil {
            kernel.tell(0x0018, [1] + wasAt.prefix(6) + identity.simulatedBytes + Array(repeating: 7, count: 16))
        }
        kernel.longTermKeys[identity] = key
        kernel.tell(
            0x000A,
            [1] + identity.simulatedBytes + [3, 1, 16] + UInt16(0).simulatedBytes + UInt64(0).simulatedBytes + key)
        end(kernel, status: 0)
    }

    private func fail(_ kernel: SimulatedBluetooth) {
        if !isAsked { kernel.tell(0x0011, device.knownAs.simulatedBytes + [0x05]) }
        end(kernel, status: 0x05)
        kernel.disconnect(device, reason: 4)
    }

    private func end(_ kernel: SimulatedBluetooth, status: UInt8) {
        stage = .over
        kernel.pairing = nil
        if isAsked { kernel.answer(0x0019, status: status, data: device.knownAs.simulatedBytes) }
    }
}

extension Instant {
    fileprivate var wholeSeconds: Int64 { nanoseconds / 1_000_000_000 }
}
