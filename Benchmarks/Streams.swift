import DriverKit
import Drivers
import Simulation

/// What a device of one live format sends, built in memory.
struct Stream {
    var name: String
    var driver: any Driver.Type
    /// In real time.
    var bytesPerSecond: Int
    /// Whole packets, so that it can be played again behind itself.
    var bytes: [UInt8]
    /// Frames per second are too few for a pulse wave.
    var hasWaveform = true

    /// Ten minutes of each: the numbers change every few seconds, the pulse wave in every frame.
    static let seconds = 600

    static func all() -> [Stream] {
        [
            Stream(name: "CMS50 A", driver: ContecV5.self, bytesPerSecond: 300, bytes: cms50A()),
            Stream(name: "CMS50 V7", driver: ContecV7.self, bytesPerSecond: 540, bytes: cms50V7()),
            Stream(name: "BCI", driver: BerryMed.self, bytesPerSecond: 500, bytes: bci()),
            Stream(name: "Berry V1.5", driver: BerryMed.self, bytesPerSecond: 2000, bytes: berry()),
            Stream(name: "Nonin DF2", driver: Nonin.self, bytesPerSecond: 375, bytes: nonin(isFormat2: true)),
            Stream(name: "Nonin DF7", driver: Nonin.self, bytesPerSecond: 375, bytes: nonin(isFormat2: false)),
            Stream(
                name: "Nonin DF8", driver: Nonin.self, bytesPerSecond: 4, bytes: noninShort(), hasWaveform: false),
        ]
    }

    static func cms50A() -> [UInt8] {
        var bytes: [UInt8] = []
        for frame in 0 ..< seconds * 60 {
            bytes += [0x85, wave(frame, 60), wave(frame, 60) / 8, pulse(frame / 60), oxygen(frame / 60)]
        }
        return bytes
    }

    static func cms50V7() -> [UInt8] {
        var device = SimulatedCMS50()
        var bytes: [UInt8] = []
        for frame in 0 ..< seconds * SimulatedCMS50.framesPerSecond {
            device.oxygenSaturation = oxygen(frame / 60)
            device.pulseRate = pulse(frame / 60)
            bytes += device.nextFrame()
        }
        return bytes
    }

    static func bci() -> [UInt8] {
        var bytes: [UInt8] = []
        for frame in 0 ..< seconds * 100 { bytes += bciFrame(frame, oxygen: oxygen(frame / 100)) }
        return bytes
    }

    static func bciFrame(_ frame: Int, oxygen: UInt8) -> [UInt8] {
        [0x86, wave(frame, 100), wave(frame, 100) / 8, pulse(frame / 100), oxygen]
    }

    static func berry() -> [UInt8] {
        var bytes: [UInt8] = []
        for frame in 0 ..< seconds * 100 {
            let (oxygen, pulse) = (oxygen(frame / 100), pulse(frame / 100))
            var packet: [UInt8] = [
                0xFF, 0xAA, UInt8(truncatingIfNeeded: frame), 0, oxygen, oxygen, pulse, pulse, 0xAA, 0, 25, 25,
                wave(frame, 100), 0, 0, 0, 0, 80, 100,
            ]
            packet.append(packet.reduce(0, &+))
            bytes += packet
        }
        return bytes
    }

    static func nonin(isFormat2: Bool) -> [UInt8] {
        (0 ..< seconds * 3).flatMap { noninPacket($0, isFormat2: isFormat2) }
    }

    /// 25 frames, a third of a second.
    static func noninPacket(_ number: Int, isFormat2: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        for place in 1 ... 25 {
            let status: UInt8 = place == 1 ? 0x81 : 0x80
            let float: UInt8 =
                switch place {
                case 2: pulse(number / 3)
                case 3: oxygen(number / 3)
                case 4: 21
                default: 0
                }
            let height = wave(number * 25 + place, 75)
            var frame: [UInt8] = isFormat2 ? [1, status, height, float] : [status, 10, height, float]
            frame.append(frame.reduce(0, &+))
            bytes += frame
        }
        return bytes
    }

    static func noninShort() -> [UInt8] { (0 ..< seconds * 100).flatMap { noninShortFrame($0) } }

    static func noninShortFrame(_ second: Int) -> [UInt8] { [0x80, pulse(second), oxygen(second), 0] }

    /// 94 to 98 %, another each 7 s.
    static func oxygen(_ second: Int) -> UInt8 { UInt8(94 + second / 7 % 5) }
    /// 60 to 79, another each 2 s.
    static func pulse(_ second: Int) -> UInt8 { UInt8(60 + second / 2 * 7 % 20) }

    /// 20 to 119, 75 beats a minute.
    private static func wave(_ frame: Int, _ framesPerSecond: Int) -> UInt8 {
        let beat = framesPerSecond * 4 / 5
        return UInt8(20 + frame % beat * 99 / beat)
    }
}
