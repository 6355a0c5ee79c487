//! The presets that experiments are made of.

use sim::scenario::{PolicyName, Preset, PresetOptions, Scenario, Time, TrafficKind};

/// Datagrams.
pub fn udp(options: &PresetOptions) -> PresetOptions {
    PresetOptions { traffic: TrafficKind::Udp, ..options.clone() }
}

/// TCP whose ACKs ride by some policy.
pub fn hack(options: &PresetOptions, policy: PolicyName) -> PresetOptions {
    PresetOptions { hack: Some(policy), ..options.clone() }
}

/// The scenario, measured for so long; `None` for as long as the preset likes.
pub fn scenario(preset: Preset, options: &PresetOptions, seconds: Option<f64>) -> Scenario {
    let scenario = preset.scenario(options).expect("the options are of this preset");
    let duration = seconds.map_or(scenario.duration, Time::secs);
    Scenario { duration, ..scenario }
}

/// So many of them, in words.
pub fn clients(count: usize) -> String {
    format!("{count} {}", if count == 1 { "client" } else { "clients" })
}
