import DriverKit
import Drivers
import Foundation
import Vitals

// Fuzz [--part drivers|att|list] [--driver ID] [--frames N] [--seed S] [--captures FOLDER]
//
// Plays random and mutated bytes through the drivers, or PDUs through the attribute protocol. Exits 0 when
// nothing was wrong; prints the bytes that broke a rule otherwise. The part 'list' names the drivers, one a line,
// so that several processes can share them.

exit(run(Array(CommandLine.arguments.dropFirst())))

nonisolated func run(_ arguments: [String]) -> Int32 {
    guard let options = Options(arguments) else {
        print("usage: Fuzz [--part drivers|att|list] [--driver ID] [--frames N] [--seed S] [--captures FOLDER]")
        return 2
    }
    if options.part == "att" { return fuzzATT(options) ? 0 : 1 }
    let drivers = (Catalogue.drivers + Catalogue.examples).filter {
        options.driver == nil || $0.manifest.id == options.driver
    }
    guard !drivers.isEmpty else {
        print("no driver is called \(options.driver ?? "")")
        return 2
    }
    if options.part == "list" {
        for driver in drivers { print(driver.manifest.id) }
        return 0
    }
    var status: Int32 = 0
    for driver in drivers where !fuzz(driver, options) { status = 1 }
    return status
}

nonisolated func fuzz(_ driver: any Driver.Type, _ options: Options) -> Bool {
    let id = driver.manifest.id
    let pool = framePool(folder: options.captures, driver: driver.manifest)
    let clock = ContinuousClock()
    let begin = clock.now
    var tally = Tally()
    for kind in [Frames.random, .mutated] where kind == .random || !pool.isEmpty {
        var random = SplitMix64(seed: options.seed)
        var frames = 0
        while frames < options.frames {
            let seed = random.next()
            var trial = Trial(driver, kind: kind, pool: pool, seed: seed)
            if let broken = trial.run(frames: min(Trial.framesMax, options.frames - frames)) {
                print("\(id): \(broken); seed \(options.seed), trial \(seed)\n\(trial.transcript)")
                return false
            }
            frames += Trial.framesMax
            tally.add(trial.tally)
        }
    }
    let seconds = (clock.now - begin).wholeMilliseconds
    let mutated = pool.isEmpty ? 0 : options.frames
    print(
        "\(id): \(options.frames) random and \(mutated) mutated frames, \(tally.bytes) bytes, "
            + "\(tally.events) events, \(tally.resynchronised) times found the next values, \(seconds) ms")
    return true
}

struct Options {
    var part = "drivers"
    var driver: String?
    var frames = 100_000
    var seed: UInt64 = 1
    var captures = "Drivers"

    init?(_ arguments: [String]) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { return nil }
            switch name {
            case "--part":
                guard ["drivers", "att", "list"].contains(value) else { return nil }
                part = value
            case "--driver": driver = value
            case "--frames":
                guard let number = Int(value), number > 0 else { return nil }
                frames = number
            case "--seed":
                guard let number = UInt64(value) else { return nil }
                seed = number
            case "--captures": captures = value
            default: return nil
            }
        }
    }
}

struct Tally {
    var bytes = 0
    var events = 0
    var resynchronised = 0

    mutating func add(_ other: Tally) {
        bytes += other.bytes
        events += other.events
        resynchronised += other.resynchronised
    }
}
