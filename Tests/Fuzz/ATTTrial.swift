import Bluetooth
import Bytes
import DriverKit
import Loop
import Synchronization
import Vitals

/// One connection to a device that may say anything at any time: opened, listened to, written to, until it ends.
struct ATTTrial {
    static let profile = BluetoothProfile(
        recognition: [],
        characteristics: [
            use("one", 0x2A37, [.read, .subscribe], isRequired: true), use("two", 0x2A38, .read),
            use("three", 0x2A39, [.subscribe, .write]), use("four", 0x2A3A, [.subscribe, .writeWithoutResponse]),
        ], pairing: .bonded)

    private static func use(
        _ channel: String, _ characteristic: UInt16, _ access: CharacteristicUse.Access, isRequired: Bool = false
    ) -> CharacteristicUse {
        CharacteristicUse(
            Channel(channel), service: BluetoothUUID(0x180D), characteristic: BluetoothUUID(characteristic),
            access: access, isRequired: isRequired)
    }

    let seed: UInt64
    let folder: FuzzedFolder

    struct Outcome {
        var said = 0
        var bytes = 0
        var isOpened = false
        var chunks = 0
        var broken: String?
        var transcript: [[UInt8]] = []
    }

    func run(on loop: EventLoop) async -> Outcome {
        var random = SplitMix64(seed: seed)
        let peripheral = FuzzedPeripheral(on: loop, SplitMix64(seed: random.next()))
        folder.damage(&random)
        let lines = Atomic<Int>(0)
        var outcome = Outcome()
        do throws(LinkError) {
            let link = try await GATTLink.open(
                over: peripheral, profile: Self.profile, device: BluetoothAddress(bits: seed & 3, kind: .random),
                cache: folder, localTime: { CivilTime(secondsSince1970: Int64(seed & 0xFFFF_FFFF)) }, on: loop,
                log: { _ in lines.add(1, ordering: .relaxed) })
            outcome.isOpened = true
            while true {
                if let chunk = try await link.receive(before: loop.now + .seconds(1)) {
                    outcome.chunks += 1
                    if !link.channels.contains(chunk.channel) { outcome.broken = "chunk of \(chunk.channel)" }
                    if chunk.bytes.count > ATTPDU.mtuMax { outcome.broken = "chunk of \(chunk.bytes.count) bytes" }
                }
                guard random.below(4) == 0 else { continue }
                let request = (0 ..< random.below(600)).map { _ in random.byte() }
                try await link.send(request, to: Channel(random.below(2) == 0 ? "three" : "four"))
            }
        } catch {
            // It ends always: by what the device did, or because it is gone.
            if error == .closed { outcome.broken = "closed by nobody" }
        }
        if lines.load(ordering: .relaxed) > 21 { outcome.broken = "more lines in the log than promised" }
        outcome.said = peripheral.said
        outcome.bytes = peripheral.bytes
        outcome.broken = outcome.broken ?? peripheral.broken
        outcome.transcript = peripheral.transcript
        return outcome
    }
}

/// Keeps files, and now and then damages them.
final class FuzzedFolder: StateFolder {
    private let files = Mutex<[String: [UInt8]]>([:])

    func read(_ name: String) async throws(StateError) -> [UInt8]? { files.withLock { $0[name] } }
    func write(_ bytes: [UInt8], to name: String) async throws(StateError) { files.withLock { $0[name] = bytes } }
    func remove(_ name: String) async throws(StateError) { files.withLock { $0[name] = nil } }

    func damage(_ random: inout SplitMix64) {
        guard random.below(4) == 0 else { return }
        let (place, byte) = (random.next(), random.byte())
        files.withLock { files in
            guard let name = files.keys.min(), var bytes = files[name], !bytes.isEmpty else { return }
            bytes[Int(place % UInt64(bytes.count))] = byte
            files[name] = bytes
        }
    }
}

/// Plays that many PDUs through ``GATTLink``. `false`: a rule was broken.
nonisolated func fuzzATT(_ options: Options) -> Bool {
    let loop = EventLoop(name: "fuzz", waiter: JumpingTime())
    let verdict = Mutex<Bool?>(nil)
    Task(executorPreference: loop) {
        let isGood = await fuzzATT(options, on: loop)
        verdict.withLock { $0 = isGood }
    }
    loop.run { verdict.withLock { $0 != nil } }
    return verdict.withLock { $0 ?? false }
}

nonisolated func fuzzATT(_ options: Options, on loop: EventLoop) async -> Bool {
    var random = SplitMix64(seed: options.seed)
    let folder = FuzzedFolder()
    let clock = ContinuousClock()
    let begin = clock.now
    var total = ATTTrial.Outcome()
    var connections = 0
    var opened = 0
    while total.said < options.frames {
        let seed = random.next()
        let outcome = await ATTTrial(seed: seed, folder: folder).run(on: loop)
        connections += 1
        total.said += outcome.said
        total.bytes += outcome.bytes
        total.chunks += outcome.chunks
        if outcome.isOpened { opened += 1 }
        if let broken = outcome.broken {
            print("att: \(broken); seed \(options.seed), trial \(seed)")
            for pdu in outcome.transcript { print(Hex.text(pdu)) }
            return false
        }
    }
    let milliseconds = (clock.now - begin).wholeMilliseconds
    print(
        "att: \(total.said) PDUs, \(total.bytes) bytes, \(connections) connections of which \(opened) were opened, "
            + "\(total.chunks) values, \(milliseconds) ms")
    return true
}
