import DriverKit
import Loop
import Vitals

/// The keys on the disk.
extension Radio {
    static let bondsSavePause: Duration = .seconds(10)

    func loadBonds() async {
        let bytes: [UInt8]?
        do {
            bytes = try await state.read(BondFile.name)
        } catch {
            bondsWereDamaged = true
            return log(.error, "bluetooth: the keys cannot be read (\(error)); paired devices do not connect")
        }
        guard let bytes else { return }
        do {
            bonds = try BondFile.read(bytes)
        } catch {
            bondsWereDamaged = true
            log(
                .error,
                "bluetooth: the file of keys is damaged (\(error)); it is kept as '\(BondFile.damagedName)', "
                    + "and every device has to be paired again")
            do {
                try await state.write(bytes, to: BondFile.damagedName)
            } catch {
                log(.error, "bluetooth: and it could not be kept: \(error)")
            }
        }
    }

    /// Returns when what is known now is on the disk. Any task.
    func saveBonds() async throws(StateError) {
        while bondsAreSaving { _ = await changed.wait(before: loop.now + .seconds(1)) }
        guard bondsAreChanged else { return }
        bondsAreSaving = true
        bondsAreChanged = false
        defer {
            bondsAreSaving = false
            changed.ring()
        }
        do {
            try await state.write(BondFile.write(bonds), to: BondFile.name)
        } catch {
            bondsAreChanged = true
            throw error
        }
    }

    /// The run task, and not while a person pairs, who saves them.
    func saveBondsIfChanged() async {
        guard bondsAreChanged, loop.now >= bondsSaveAt else { return }
        do {
            try await saveBonds()
        } catch {
            bondsSaveAt = loop.now + Self.bondsSavePause
            log(.error, "bluetooth: the keys are not on the disk (\(error)); tried again")
        }
    }
}

extension Bonds {
    func identityCount(on adapter: BluetoothAddress) -> Int {
        byAdapter[adapter]?.values.count { !$0.keys.isEmpty } ?? 0
    }
}
