//! The elements in which stations tell what they are and can (9.3.3), the same in many frames.

use std::time::Duration;

use phy80211::Bandwidth;

use crate::lower::Lower;
use crate::{
    Element, HtOperation, HtOperationInformation, ResponseDelay, SecondaryChannel, Ssid,
    SupportedMcs, SupportedRate, WmmInformation, WmmParameters, emit_rates,
};

/// No timer of a membership is shorter, whatever is configured or heard.
pub(super) const SHORTEST_WAIT: Duration = Duration::from_micros(1024);

/// Appends the name of a network.
///
/// # Panics
/// If it is longer than 32 bytes: [`check_name`] goes before.
pub(super) fn emit_name(name: &[u8], out: &mut Vec<u8>) {
    Ssid::new(name).expect("a name of 32 bytes at most").emit(out);
}

/// What is configured must fit into its element.
pub(super) fn check_name(name: &[u8]) {
    let most = Ssid::MAX;
    assert!(name.len() <= most, "the name of a network has {most} bytes at most");
}

/// Appends the station's rates, those that are basic marked.
pub(super) fn emit_own_rates(lower: &Lower, out: &mut Vec<u8>) {
    let config = &lower.config;
    let rates: Vec<SupportedRate> = config
        .capabilities
        .rates
        .iter()
        .map(|rate| {
            // Elements count as at 20 MHz, whatever the channel's width.
            let half_mbps = 2.0 * rate.mbps(Bandwidth::Mhz20);
            SupportedRate::new(half_mbps as u8, config.basic_rates.contains(rate))
        })
        .collect();
    emit_rates(&rates, out);
}

/// Appends what the station can beyond its rates, and what wants to ride.
pub(super) fn emit_own_capabilities(lower: &Lower, out: &mut Vec<u8>) {
    if let Some(ht) = &lower.config.capabilities.ht {
        ht.emit(out);
    }
    if !lower.config.response_delay.is_zero() {
        ResponseDelay::new(lower.config.response_delay).emit(out);
    }
    lower.rider.announce(out);
}

/// Appends how the BSS on a channel works.
pub(super) fn emit_operation(lower: &Lower, channel: u8, out: &mut Vec<u8>) {
    let config = &lower.config;
    if config.capabilities.ht.is_some() {
        let wide = config.bandwidth == Bandwidth::Mhz40;
        // The primary channel is the lower one.
        let secondary = if wide { SecondaryChannel::Above } else { SecondaryChannel::None };
        HtOperation {
            primary_channel: channel,
            information: HtOperationInformation::default()
                .with_secondary_channel(secondary)
                .with_any_width(wide),
            basic_mcs: SupportedMcs::default(),
        }
        .emit(out);
    }
    if let Some(records) = config.edca {
        WmmParameters::new(0, records).emit(out);
    }
}

/// Appends that a station knows QoS, if it does.
pub(super) fn emit_wmm_information(lower: &Lower, out: &mut Vec<u8>) {
    if lower.config.capabilities.qos {
        WmmInformation { qos_info: 0 }.emit(out);
    }
}
