import DriverKit
import Loop
import Vitals

/// Choosing the adapter and making it ready.
extension Radio {
    static let setUpPause: Duration = .seconds(5)
    /// Switches and daemons are looked at this often.
    static let systemInterval: Duration = .seconds(5)

    /// Sees to it that there is an adapter and that it is ready.
    func attendAdapter() async throws(LinkError) {
        attendSystem()
        if let adapter, adapter.isReady { return }
        guard let index = adapter?.index ?? controllers.min() else {
            change(to: .missing, BluetoothProblem.adapterMissing)
            return
        }
        guard loop.now >= setUpAt else { return }
        setUpAt = loop.now + Self.setUpPause
        try await setUp(index)
    }

    private func attendSystem() {
        guard askedSystemAt.map({ loop.now - $0 >= Self.systemInterval }) ?? true else { return }
        askedSystemAt = loop.now
        let isRunning = kernel.isBluetoothdRunning
        if isRunning != status.isBluetoothdRunning {
            status.isBluetoothdRunning = isRunning
            let problem = BluetoothProblem.bluetoothdInTheWay
            log(
                isRunning ? .warning : .notice,
                isRunning ? "bluetooth: \(problem.cause): \(problem.remedy)" : "bluetooth: bluetoothd has ended")
        }
        if status.state == .ready { status.problem = readyProblem }
        if let adapter, adapter.isReady, kernel.isRadioBlocked { block() }
    }

    /// It works, and yet something is to be said.
    private var readyProblem: String? {
        guard status.isBluetoothdRunning else { return nil }
        let problem = BluetoothProblem.bluetoothdInTheWay
        return "\(problem.cause): \(problem.remedy)"
    }

    func block() {
        adapter?.isReady = false
        forgetConnections()
        change(to: .blocked, BluetoothProblem.radioBlocked)
    }

    /// From whatever state it is in: switched off, set to what we need, keys loaded, switched on.
    func setUp(_ index: UInt16) async throws(LinkError) {
        if status.state != .starting, status.state != .blocked { status.state = .recovering }
        let answer = try await ask(.readInformation, to: index)
        guard answer.status == .success, let information = ControllerInformation(answer.data) else {
            return fail(answer.status, at: .readInformation)
        }
        guard information.supported.contains(.lowEnergy) else {
            controllers.remove(index)
            adapter = nil
            log(.warning, "bluetooth: the adapter hci\(index) knows no Low Energy: plug another one in")
            return
        }
        forgetConnections()
        adapter = Adapter(index: index, address: information.address, settings: information.current)
        status.adapterAddress = information.address
        if kernel.isRadioBlocked { return block() }
        for step in steps(information) {
            let limit = step.command.code == .setPowered ? Self.powerLimit : Self.answerLimit
            let answer = try await ask(step.command, to: index, within: limit)
            guard adapter?.index == index else { return }
            if answer.status == .blocked { return block() }
            if answer.status != .success, step.isNeeded { return fail(answer.status, at: step.command.code) }
        }
        becomeReady(index)
    }

    private struct Step {
        var command: ManagementCommand
        var isNeeded = true
    }

    private func steps(_ information: ControllerInformation) -> [Step] {
        let off = [Step(command: .set(.setPowered, false))]
        let keys = [
            Step(command: .load(bonds.keys(on: information.address))),
            Step(command: .load(bonds.identities(on: information.address))),
        ]
        let settings = [
            Step(command: .set(.setLowEnergy, true)),
            // An adapter that knows nothing else refuses this, and need not be told.
            Step(command: .set(.setClassic, false), isNeeded: false),
            // An old one makes legacy keys.
            Step(command: .set(.setSecureConnections, true), isNeeded: false),
            Step(command: .set(.setBondable, false)),
            Step(command: .setInputOutput),
            Step(command: .setLocalName("Homeward"), isNeeded: false),
            Step(command: .removeAllDevices, isNeeded: false),
        ]
        return (information.current.contains(.powered) ? off : []) + settings + keys
            + [Step(command: .set(.setPowered, true))]
    }

    private func becomeReady(_ index: UInt16) {
        adapter?.isReady = true
        failures = 0
        discoverAt = .boot
        listAt = .boot
        watch.begin(at: loop.now)
        let address = adapter?.address.description ?? ""
        let bonded = adapter.map { bonds.identityCount(on: $0.address) } ?? 0
        log(.notice, "bluetooth: hci\(index) \(address) is ready, with the keys of \(bonded) devices")
        status.state = watch.isDeaf ? .deaf : .ready
        if !watch.isDeaf { status.problem = readyProblem }
        changed.ring()
    }

    private func fail(_ answer: ManagementStatus, at code: ManagementCommand.Code) {
        failures += 1
        if let problem = answer.adapterProblem, problem == .notPermitted { return change(to: .denied, problem) }
        change(to: .recovering, "the adapter cannot be set up: \(code): \(answer); tried again")
        if failures % Self.failuresBeforeReset == 0, let index = adapter?.index {
            resetUSB(index, because: "it could not be set up \(failures) times")
        }
    }
}
