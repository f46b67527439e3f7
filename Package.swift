// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
//
// The architecture is this list: a layer sees only what its `sees:` names. The build fails when a
// file imports anything else (`--explicit-target-dependency-import-check error`).

import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableExperimentalFeature("Lifetimes"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

/// A layer of the program: its name, its folder if that is not `Sources/<name>`, and what it may see.
func layer(_ name: String, path: String? = nil, exclude: [String] = [], sees: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: sees, path: path, exclude: exclude, swiftSettings: strict)
}

/// A C library of Debian's, found by pkg-config.
func library(_ name: String, pkgConfig: String, package: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])
}

func tests(_ name: String, sees: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: sees, swiftSettings: strict)
}

/// Each driver's folder holds data beside its code.
let driverData = [
    "BerryMed", "BluetoothSIG", "ContecCMS50", "ContecSP80B", "CreativeAA55", "Jumper", "Nonin", "OpenECG",
    "OpenSpirometer", "PolarH10", "Template", "ViatomER1", "ViatomOxy", "VitalographLung",
].flatMap { ["\($0)/README.md", "\($0)/Captures"] }

let package = Package(
    name: "homeward",
    products: [.executable(name: "homeward", targets: ["homeward"])],
    targets: [
        // Pure: values in, values out.
        layer("Vitals"),
        layer("Bytes"),
        layer("DriverKit", sees: ["Vitals", "Bytes"]),
        layer("Drivers", path: "Drivers", exclude: driverData, sees: ["Vitals", "Bytes", "DriverKit"]),
        layer("Alarms", sees: ["Vitals"]),
        layer("Timekeeping", sees: ["Vitals"]),

        // Analysis: values in, values and findings out.
        layer("Numbers", path: "Sources/Analysis/Numbers"),
        layer("ECG", path: "Sources/Analysis/ECG", sees: ["Vitals", "Numbers"]),
        layer("Oximetry", path: "Sources/Analysis/Oximetry", sees: ["Vitals", "Numbers"]),
        layer("Spirometry", path: "Sources/Analysis/Spirometry", sees: ["Vitals", "Numbers"]),
        layer("Trends", path: "Sources/Analysis/Trends", sees: ["Vitals", "Numbers"]),

        // Recordings of others, how the analysis does on them, and what a clinician sees of a session.
        layer("WFDB"),
        layer(
            "Evaluation",
            sees: ["Vitals", "Numbers", "WFDB", "ECG", "Oximetry", "Spirometry", "Trends"]),
        layer("Pictures", sees: ["Vitals", "Numbers"]),

        // Time and waiting.
        layer("Loop", sees: ["Vitals"]),

        // Attributes, management protocol, pairing: over any link.
        layer("Bluetooth", sees: ["Vitals", "Bytes", "Loop", "DriverKit"]),

        // The outside world: disk and network here, the kernel in Linux, nothing anywhere else.
        layer("Delivery", sees: ["Vitals", "Loop", "CSQLite", "CMosquitto"]),
        layer("Linux", sees: ["Vitals", "Bytes", "Loop", "DriverKit", "Bluetooth", "CLinux", "CUdev"]),

        // Composition.
        layer(
            "Agent",
            sees: [
                "Vitals", "Bytes", "DriverKit", "Drivers", "Alarms", "Timekeeping", "Loop", "Bluetooth", "Delivery",
                "ECG", "Oximetry", "Spirometry", "Trends",
            ]),
        layer(
            "Simulation",
            sees: [
                "Vitals", "Bytes", "DriverKit", "Drivers", "Alarms", "Timekeeping", "Loop", "Bluetooth", "Delivery",
                "ECG", "Oximetry", "Spirometry", "Trends", "Agent",
            ]),
        .executableTarget(
            name: "homeward",
            dependencies: [
                "Vitals", "Bytes", "DriverKit", "Drivers", "Alarms", "Timekeeping", "Loop", "Bluetooth", "Delivery",
                "Linux", "ECG", "Oximetry", "Spirometry", "Trends", "WFDB", "Evaluation", "Pictures",
                "Agent", "Simulation",
            ],
            swiftSettings: strict),

        // C.
        .target(name: "CLinux"),
        library("CSQLite", pkgConfig: "sqlite3", package: "libsqlite3-dev"),
        library("CMosquitto", pkgConfig: "libmosquitto", package: "libmosquitto-dev"),
        library("CUdev", pkgConfig: "libudev", package: "libudev-dev"),
        library("CBlueZ", pkgConfig: "bluez", package: "libbluetooth-dev"),
        library("CSystemd", pkgConfig: "libsystemd", package: "libsystemd-dev"),

        // Measuring and breaking.
        .executableTarget(
            name: "Bench",
            dependencies: [
                "Vitals", "Bytes", "DriverKit", "Drivers", "Loop", "Bluetooth", "Delivery", "Linux", "Simulation",
                "ECG", "WFDB",
            ],
            path: "Benchmarks", exclude: ["Peers"], swiftSettings: strict),
        .executableTarget(
            name: "Fuzz", dependencies: ["Vitals", "Bytes", "DriverKit", "Drivers", "Loop", "Bluetooth"],
            path: "Tests/Fuzz",
            swiftSettings: strict,
            // Nothing that it sees imports the C library, which would have brought this with it.
            linkerSettings: [.linkedLibrary("m")]),

        // Learning: the features that `Training/` learns from. No part of the program.
        .executableTarget(
            name: "Train", dependencies: ["Vitals", "Numbers", "ECG"], path: "Training/Features",
            swiftSettings: strict),

        // Tests mirror the layers.
        tests("VitalsTests", sees: ["Vitals"]),
        tests("BytesTests", sees: ["Bytes"]),
        tests("DriversTests", sees: ["Vitals", "Bytes", "DriverKit", "Drivers"]),
        tests("AlarmsTests", sees: ["Vitals", "Alarms"]),
        tests("TimekeepingTests", sees: ["Vitals", "Timekeeping"]),
        tests("NumbersTests", sees: ["Numbers"]),
        tests("ECGTests", sees: ["Vitals", "Numbers", "ECG"]),
        tests("OximetryTests", sees: ["Vitals", "Numbers", "Oximetry"]),
        tests("SpirometryTests", sees: ["Vitals", "Numbers", "Spirometry"]),
        tests("TrendsTests", sees: ["Vitals", "Numbers", "Trends"]),
        tests("WFDBTests", sees: ["WFDB"]),
        tests(
            "EvaluationTests",
            sees: ["Vitals", "Numbers", "WFDB", "ECG", "Oximetry", "Spirometry", "Trends", "Evaluation"]),
        tests("PicturesTests", sees: ["Vitals", "Pictures"]),
        tests("LoopTests", sees: ["Vitals", "DriverKit", "Loop", "Linux", "Simulation"]),
        tests("BluetoothTests", sees: ["Vitals", "Bytes", "DriverKit", "Loop", "Bluetooth", "Simulation"]),
        tests("DeliveryTests", sees: ["Vitals", "Loop", "Delivery", "Simulation", "Linux"]),
        tests(
            "LinuxTests",
            sees: ["Vitals", "Loop", "DriverKit", "Bluetooth", "Linux", "CUdev", "CBlueZ", "CSystemd"]),
        tests(
            "AgentTests",
            sees: [
                "Vitals", "DriverKit", "Drivers", "Alarms", "Timekeeping", "Loop", "Bluetooth", "Delivery", "Agent",
                "ECG", "Oximetry", "Spirometry", "Trends", "Simulation",
            ]),
        tests("ArchitectureTests", sees: ["DriverKit", "Drivers"]),
    ]
)
