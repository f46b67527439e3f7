import Bluetooth
import DriverKit
import Loop
import Simulation
import Synchronization
import Testing
import Vitals

/// A radio on a simulated kernel, with a disk in memory.
actor RadioStage: LoopActor {
    nonisolated let loop: EventLoop
    nonisolated let folder: MemoryFolder
    nonisolated let journal: RadioJournal
    let kernel: SimulatedBluetooth
    private(set) var radio: Radio

    init(on loop: EventLoop, folder: MemoryFolder = MemoryFolder()) {
        self.loop = loop
        self.folder = folder
        let journal = RadioJournal()
        self.journal = journal
        kernel = SimulatedBluetooth(on: loop)
        radio = Radio(kernel: kernel, state: folder, on: loop, seed: 1, log: { journal.note($0, $1) })
    }

    /// Runs the radio, the body beside it, and ends it.
    static func play(
        seconds: Int = 3_600, folder: MemoryFolder = MemoryFolder(),
        _ body: @escaping @Sendable (isolated RadioStage) async throws -> Void
    ) throws {
        let outcome = EventLoop.simulate(until: .boot + .seconds(seconds)) { loop in
            let stage = RadioStage(on: loop, folder: folder)
            return await stage.perform(body)
        }
        return try #require(outcome, "the story did not end in \(seconds) s").get()
    }

    private func perform(
        _ body: @Sendable (isolated RadioStage) async throws -> Void
    ) async -> Result<Void, any Error> {
        let running = Task(executorPreference: loop) { await self.run() }
        let result: Result<Void, any Error>
        do { result = .success(try await body(self)) } catch { result = .failure(error) }
        radio.stop()
        await running.value
        return result
    }

    private func run() async { await radio.run() }

    /// The box is started anew: another radio, the same kernel and disk.
    func restart() async {
        radio.stop()
        let journal = journal
        radio = Radio(kernel: kernel, state: folder, on: loop, seed: 2, log: { journal.note($0, $1) })
        _ = Task(executorPreference: loop) { await self.run() }
        await pass(3)
    }

    func pass(_ seconds: Double) async { await loop.sleep(until: loop.now + .seconds(seconds)) }

    func open(_ device: SimulatedBluetoothDevice, seconds: Int = 30) async -> Result<any Link, LinkError> {
        do throws(LinkError) {
            let deadline = loop.now + .seconds(seconds)
            return .success(try await radio.openAttributes(of: device.address, before: deadline))
        } catch { return .failure(error) }
    }

    /// How the link ends.
    func end(of link: any Link) async -> LinkError {
        do throws(LinkError) {
            while true { _ = try await link.receive(before: loop.now + .seconds(5)) }
        } catch { return error }
    }

    func problem(opening device: SimulatedBluetoothDevice, seconds: Int = 30) async -> BluetoothProblem? {
        guard case .failure(.bluetooth(let problem, _)) = await open(device, seconds: seconds) else { return nil }
        return problem
    }

    /// It advertises again, then; the story goes on meanwhile.
    func returns(_ device: SimulatedBluetoothDevice, at instant: Instant) {
        let address = device.address
        _ = Task(executorPreference: loop) { await self.bringBack(address, at: instant) }
    }

    private func bringBack(_ address: BluetoothAddress, at instant: Instant) async {
        await loop.sleep(until: instant)
        kernel.device(address)?.isAdvertising = true
    }

    /// A person begins to pair it; the story goes on meanwhile.
    func beginPairing(_ device: SimulatedBluetoothDevice) {
        let address = device.address
        _ = Task(executorPreference: loop) { await self.pairAlone(address) }
    }

    private func pairAlone(_ address: BluetoothAddress) async {
        if let device = kernel.device(address) { _ = await pair(device, guide: Guide()) }
    }

    func problem(pairing device: SimulatedBluetoothDevice) async -> BluetoothProblem? {
        guard case .bluetooth(let problem, _) = await pair(device, guide: Guide()) else { return nil }
        return problem
    }

    /// Pairs, and returns what was wrong.
    func pair(
        _ device: SimulatedBluetoothDevice, _ pairing: BluetoothProfile.Pairing = .bonded, guide: Guide
    ) async -> LinkError? { await pair(device.address, pairing, guide: guide) }

    func pair(
        _ address: BluetoothAddress, _ pairing: BluetoothProfile.Pairing = .bonded, guide: Guide
    ) async -> LinkError? {
        do throws(LinkError) {
            guide.result = try await radio.pair(address, pairing: pairing, guide: guide)
            return nil
        } catch { return error }
    }
}

/// A person, who says what the test says.
final class Guide: PairingGuide {
    var steps: [PairingStep] = []
    var questions: [PairingQuestion] = []
    var result: BluetoothAddress?
    private let answer: (PairingQuestion) -> PairingAnswer

    init(_ answer: @escaping (PairingQuestion) -> PairingAnswer = { _ in .yes }) { self.answer = answer }

    func tell(_ step: PairingStep) async { steps.append(step) }

    func ask(_ question: PairingQuestion) async -> PairingAnswer {
        questions.append(question)
        return answer(question)
    }
}

final class RadioJournal: Sendable {
    private let kept = Mutex<[String]>([])
    var lines: [String] { kept.withLock { $0 } }
    func note(_ level: RadioLog, _ text: String) { kept.withLock { $0.append("\(level.rawValue): \(text)") } }
    func count(_ word: String) -> Int { lines.count { $0.contains(word) } }
}

extension SimulatedBluetoothDevice {
    /// `C4:00:00:00:00:xx`, a random static address.
    static func numbered(_ number: UInt64, way: Way = .justWorks) -> SimulatedBluetoothDevice {
        SimulatedBluetoothDevice(
            BluetoothAddress(bits: 0xC400_0000_0000 | number, kind: .random), name: "Device \(number)",
            services: [0x1822], way: way)
    }
}

/// The story went another way.
struct Unexpected: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
