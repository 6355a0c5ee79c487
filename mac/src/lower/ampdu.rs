use std::time::Duration;

use phy80211::{Bandwidth, Rate};

use crate::queue::Stream;
use crate::{AmpduLayout, AmpduLimits, HtCapabilities};

/// Which MPDUs go into the next A-MPDU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plan {
    /// MPDUs from the stream's head; at least one.
    pub(crate) mpdus: usize,
    /// Bytes between the starts of two, of [`AmpduLayout::new`].
    pub(crate) start_spacing: usize,
}

/// Whether an A-MPDU of all that a stream has would take another one like its first.
pub(crate) fn has_room(stream: &Stream, limits: &AmpduLimits) -> bool {
    let layout = AmpduLayout::new(0);
    let all = stream
        .iter()
        .take(limits.max_mpdus)
        .fold(layout, |layout, frame| layout.with(frame.mpdu_len()));
    let more = stream.head().map_or(all, |head| all.with(head.mpdu_len()));
    stream.len() < limits.max_mpdus && more.len() <= limits.max_len
}

/// As many MPDUs from the head of a stream as the limits allow: ours, the receiver's, the
/// window's (10.12). The first goes in any case.
pub(crate) fn plan(
    stream: &Stream,
    limits: &AmpduLimits,
    receiver: &HtCapabilities,
    window: u16,
    rate: Rate,
    bandwidth: Bandwidth,
    longest: Option<Duration>,
) -> Plan {
    let bits_per_us = rate.mbps(bandwidth);
    let longest = longest.map_or(limits.max_duration, |longest| longest.min(limits.max_duration));
    let bytes_in_time = (longest.as_secs_f64() * 1e6 * bits_per_us / 8.0) as usize;
    let max_len = limits.max_len.min(receiver.ampdu.max_len()).min(bytes_in_time);
    let max_mpdus = limits.max_mpdus.min(window.into());
    let start_spacing = receiver.ampdu.min_start_spacing().bytes((bits_per_us * 1e6) as u64);

    let first = stream.window_start();
    let mut layout = AmpduLayout::new(start_spacing);
    let mut mpdus = 0;
    let mut unused = stream.next_sequence();
    for frame in stream.iter().take(max_mpdus) {
        let sequence = frame.sequence.unwrap_or_else(|| {
            let sequence = unused;
            unused = sequence.next();
            sequence
        });
        // Frames between this one and the first may have been acknowledged.
        let distance = sequence.distance_from(first);
        let next = layout.with(frame.mpdu_len());
        if mpdus > 0 && (next.len() > max_len || distance >= window) {
            break;
        }
        (layout, mpdus) = (next, mpdus + 1);
    }
    Plan { mpdus, start_spacing }
}
