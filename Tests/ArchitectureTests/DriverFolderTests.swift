import DriverKit
import Drivers
import Foundation
import Testing

/// Everything about a family of devices is in its folder, and the rest is printed from there.
@Suite struct `A driver's folder` {
    static let folders = House.folders(in: "Drivers")

    @Test(arguments: folders) func `has a README, code, and captures with their readings`(_ family: String) {
        let folder = "Drivers/\(family)"
        #expect(House.exists("\(folder)/README.md"), "\(folder): no README.md: copy the one of Template")
        #expect(!House.swift(folder).isEmpty, "\(folder): no Swift file")
        let captures = House.paths(below: "\(folder)/Captures", ending: [".capture"])
        #expect(!captures.isEmpty, "\(folder)/Captures: no capture: `homeward record` writes one")
        for path in captures {
            let readings = path.replacing(/capture$/, with: "readings")
            #expect(
                House.exists(readings), "\(path): no \(readings) beside it: `homeward replay --readings` prints it")
        }
        for path in House.paths(below: "\(folder)/Captures", ending: [".readings"]) {
            let capture = path.replacing(/readings$/, with: "capture")
            #expect(House.exists(capture), "\(path): its capture is missing")
        }
    }

    @Test(arguments: folders) func `says of each capture where it comes from`(_ family: String) throws {
        for path in House.paths(below: "Drivers/\(family)/Captures", ending: [".capture"]) {
            let capture = try Capture(parsing: House.text(path) ?? "")
            for key in ["device", "driver", "made", "source"] {
                let value = capture[key] ?? ""
                #expect(!value.isEmpty, "\(path): no '# \(key): …' at its head")
            }
            let named = Catalogue.driver(id: capture["driver"] ?? "").map { $0.manifest.family }
            #expect(named == family, "\(path): '# driver:' names no driver of \(family)")
        }
    }

    @Test(arguments: folders) func `has its line in the catalogue`(_ family: String) {
        let families = (Catalogue.drivers + Catalogue.examples).map { $0.manifest.family }
        #expect(
            families.contains(family), "Drivers/Catalogue.swift: no driver of \(family)")
    }

    @Test func `is named by every driver, and every driver by its own id`() {
        let manifests = (Catalogue.drivers + Catalogue.examples).map { $0.manifest }
        let ids = manifests.map(\.id)
        #expect(Set(ids).count == ids.count, "Drivers/Catalogue.swift: an id twice in \(ids)")
        for manifest in manifests {
            let isFit = manifest.id.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*/) != nil
            #expect(Self.folders.contains(manifest.family), "\(manifest.id): no folder Drivers/\(manifest.family)")
            #expect(!manifest.sources.isEmpty, "\(manifest.id): its manifest names no source")
            #expect(isFit, "\(manifest.id): not fit for a topic: a-z, 0-9 and single hyphens")
        }
    }

    @Test func `is the only source of the page of devices`() {
        let path = "docs/devices.md"
        let printed = DevicesPage.text(for: Catalogue.drivers.map { $0.manifest })
        #expect(
            House.text(path) == printed,
            "\(path): not what the manifests print: `homeward drivers --markdown > \(path)`")
    }

    @Test func `is the only source of the udev rules`() {
        let path = "Udev/60-homeward.rules"
        let printed = UdevRules.text(for: Catalogue.drivers.map { $0.manifest })
        #expect(
            House.text(path) == printed,
            "\(path): not what the manifests print: `homeward udev-rules > \(path)`")
    }
}
