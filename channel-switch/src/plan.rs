//! Which channel gets which slot: the policies.

use std::time::Duration;

use crate::config::{Config, Policy};
use crate::slots::slots;
use crate::tuner::Visit;

/// A channel whose bandwidth is less than this part of the best one's becomes a backup, and is one
/// no longer above that. The radio is in one channel at a time: what a worse one gets the best one
/// loses, and only between equals is it worth while to have both in use.
const BACKUP_BELOW: f64 = 0.8;
const BACKUP_UNTIL: f64 = 0.9;
/// A slot of which so much was useful was too short.
const FULL: f64 = 0.9;
/// A slot in which so much of what was possible came had more to come.
const LOADED: f64 = 0.6;
/// What a slot gets beyond what was used of it.
const HEADROOM: f64 = 1.2;

/// What is known of a channel when a cycle begins.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Known {
    /// There is an association there.
    pub(crate) joined: bool,
    /// It is time to look for APs.
    pub(crate) probe: bool,
    /// In bytes a second.
    pub(crate) bandwidth: Option<f64>,
    pub(crate) utilisation: f64,
    /// What came in the last interval, of what could have come.
    pub(crate) load: f64,
    /// What it had in the last cycle.
    pub(crate) slot: Duration,
    /// Its paths are backups.
    pub(crate) backup: bool,
}

/// The visits of a cycle.
pub(crate) fn visits(config: &Config, channels: &[Known]) -> Vec<Visit> {
    let joined: Vec<usize> = indices(channels, |known| known.joined);
    let to_probe: Vec<usize> = indices(channels, |known| !known.joined && known.probe);
    let probe_for = config.membership.probe_for + config.switching.retune;
    let probing = probe_for * to_probe.len() as u32;
    let cycle = config.cycle.saturating_sub(probing).max(config.cycle / 2);
    let mut visits: Vec<Visit> = match joined.is_empty() {
        true => vec![],
        false => divide(config, channels, &joined, cycle),
    };
    visits.extend(to_probe.into_iter().map(|channel| Visit { channel, slot: probe_for }));
    visits.sort_by_key(|visit| visit.channel);
    if visits.is_empty() {
        let all = (0..channels.len()).map(|channel| Visit { channel, slot: probe_for });
        visits.extend(all);
    }
    visits
}

/// Divides a cycle among the channels with associations: first what backups need, then by the policy.
fn divide(config: &Config, channels: &[Known], joined: &[usize], cycle: Duration) -> Vec<Visit> {
    let min = config.min_slot;
    let all_are = joined.iter().all(|&channel| channels[channel].backup);
    let (backups, primaries): (Vec<usize>, Vec<usize>) =
        joined.iter().partition(|&&channel| channels[channel].backup && !all_are);
    let longest = (cycle / 2) / backups.len().max(1) as u32;
    let slot = |channel: usize| draining(&channels[channel], min, longest);
    let visit = |channel: usize| Visit { channel, slot: slot(channel) };
    let mut visits: Vec<Visit> = backups.into_iter().map(visit).collect();
    let left = cycle.saturating_sub(visits.iter().map(|visit| visit.slot).sum());
    let known = bandwidths(channels, &primaries);
    let times = match config.policy {
        Policy::Equal | Policy::Wideband | Policy::Handover { .. } => slots(&known, 0.0, left, min),
        Policy::Adaptive { alpha } | Policy::PrimaryBackup { alpha } => {
            slots(&known, alpha, left, min)
        }
        Policy::FatVap => as_used(channels, &primaries, &known, left, min),
    };
    visits.extend(primaries.iter().zip(times).map(|(&channel, slot)| Visit { channel, slot }));
    visits
}

/// The slot of a backup: the least, but while it is full. What its AP had for the client before MPTCP
/// heard that it is a backup has to come, or all that was sent after it by other paths waits.
fn draining(backup: &Known, min: Duration, longest: Duration) -> Duration {
    if backup.load < LOADED { min } else { (2 * backup.slot).min(longest).max(min) }
}

/// Bandwidths; what is not known is taken to be as good as the best, so that it is tried.
fn bandwidths(channels: &[Known], which: &[usize]) -> Vec<f64> {
    let known = which.iter().filter_map(|&channel| channels[channel].bandwidth);
    let best = known.fold(0.0, f64::max);
    which.iter().map(|&channel| channels[channel].bandwidth.unwrap_or(best)).collect()
}

/// The fastest first, each what it used and some more, all of the rest to who used all.
fn as_used(
    channels: &[Known],
    joined: &[usize],
    bandwidths: &[f64],
    cycle: Duration,
    min: Duration,
) -> Vec<Duration> {
    let mut order: Vec<usize> = (0..joined.len()).collect();
    order.sort_by(|&a, &b| bandwidths[b].total_cmp(&bandwidths[a]));
    let min = min.min(cycle / joined.len() as u32);
    let mut left = cycle - min * joined.len() as u32;
    let mut times = vec![min; joined.len()];
    for &i in &order {
        let Known { utilisation, slot, bandwidth, .. } = channels[joined[i]];
        let wanted = match bandwidth {
            Some(_) if utilisation < FULL => slot.mul_f64(utilisation * HEADROOM),
            _ => cycle,
        };
        let more = wanted.saturating_sub(min).min(left);
        times[i] += more;
        left -= more;
    }
    times[order[0]] += left;
    times
}

/// Whether the paths of each channel are to be backups.
pub(crate) fn backups(channels: &[Known]) -> Vec<bool> {
    let joined: Vec<usize> = indices(channels, |known| known.joined);
    let known = joined.iter().filter_map(|&channel| channels[channel].bandwidth);
    let best = known.fold(0.0, f64::max);
    let is_backup = |known: &Known| {
        let limit = if known.backup { BACKUP_UNTIL } else { BACKUP_BELOW };
        known.joined && known.bandwidth.is_some_and(|bandwidth| bandwidth < limit * best)
    };
    channels.iter().map(is_backup).collect()
}

fn indices(channels: &[Known], which: impl Fn(&Known) -> bool) -> Vec<usize> {
    (0..channels.len()).filter(|&channel| which(&channels[channel])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use mac::{MacAddr, RateSelection, Role, Scan, StationConfig};
    use phy80211::OfdmRate;
    use proptest::prelude::*;

    fn config(policy: Policy) -> Config {
        let role = StationConfig {
            ssid: b"lab".to_vec(),
            bssid: None,
            scan: Scan::Passive { listen: Duration::ZERO },
            beacon_loss: 10,
        };
        let rate = RateSelection::Fixed(OfdmRate::Mbps54.into());
        let station = mac::Config::dot11a(MacAddr([2; 6]), Role::Station(role), rate);
        Config { policy, ..Config::new(station, vec![36, 149]) }
    }

    fn joined(mbps: f64) -> Known {
        let bandwidth = Some(mbps * 1e6 / 8.0);
        let slot = Duration::from_millis(100);
        Known { joined: true, bandwidth, utilisation: 1.0, load: 1.0, slot, ..Known::default() }
    }

    fn ms(visits: &[Visit]) -> Vec<(usize, u128)> {
        visits.iter().map(|visit| (visit.channel, visit.slot.as_millis())).collect()
    }

    #[test]
    fn a_backup_keeps_the_least_slot() {
        let policy = Policy::PrimaryBackup { alpha: 2.0 };
        let mut channels = [joined(20.0), joined(5.0)];
        assert_eq!(backups(&channels), [false, true]);
        channels[1].backup = true;
        channels[1].load = 0.3;
        assert_eq!(ms(&visits(&config(policy), &channels)), [(0, 190), (1, 10)]);
        let near = [joined(20.0), joined(17.0)];
        assert_eq!(backups(&near), [false, false]);
        assert_eq!(ms(&visits(&config(policy), &near)), [(0, 116), (1, 83)]);
    }

    #[test]
    fn a_backup_gets_more_than_the_least_slot_until_its_ap_has_sent_what_it_had() {
        let policy = Policy::PrimaryBackup { alpha: 2.0 };
        let mut channels = [joined(20.0), joined(5.0)];
        (channels[1].backup, channels[1].slot) = (true, Duration::from_millis(30));
        assert_eq!(ms(&visits(&config(policy), &channels)), [(0, 140), (1, 60)]);
        channels[1].slot = Duration::from_millis(60);
        assert_eq!(ms(&visits(&config(policy), &channels)), [(0, 100), (1, 100)]);
    }

    #[test]
    fn a_backup_has_to_become_clearly_better_to_be_one_no_longer() {
        let mut channels = [joined(20.0), joined(17.0)];
        assert_eq!(backups(&channels), [false, false]);
        channels[1].backup = true;
        assert_eq!(backups(&channels), [false, true]);
        channels[1].bandwidth = joined(18.5).bandwidth;
        assert_eq!(backups(&channels), [false, false]);
    }

    #[test]
    fn fatvap_gives_what_is_used_to_the_fastest_first() {
        let mut channels = [joined(20.0), joined(10.0)];
        assert_eq!(ms(&visits(&config(Policy::FatVap), &channels)), [(0, 190), (1, 10)]);
        channels[0].utilisation = 0.5;
        assert_eq!(ms(&visits(&config(Policy::FatVap), &channels)), [(0, 60), (1, 140)]);
    }

    #[test]
    fn a_channel_without_an_ap_is_visited_when_it_is_time_to_look() {
        let policy = Policy::Adaptive { alpha: 2.0 };
        let mut channels = [joined(20.0), Known::default()];
        assert_eq!(ms(&visits(&config(policy), &channels)), [(0, 200)]);
        channels[1].probe = true;
        assert_eq!(ms(&visits(&config(policy), &channels)), [(0, 175), (1, 25)]);
        let nothing = [Known::default(), Known::default()];
        assert_eq!(ms(&visits(&config(policy), &nothing)), [(0, 25), (1, 25)]);
    }

    proptest! {
        #[test]
        fn each_policy_divides_all_of_the_cycle(
            known in prop::collection::vec((0.0..50.0f64, 0.0..1.0f64, any::<bool>()), 1..8),
            policy in prop::sample::select(vec![
                Policy::Equal,
                Policy::FatVap,
                Policy::Adaptive { alpha: 2.0 },
                Policy::PrimaryBackup { alpha: 2.0 },
            ]),
        ) {
            let mut channels: Vec<Known> = known
                .into_iter()
                .map(|(mbps, utilisation, backup)| Known { utilisation, backup, ..joined(mbps) })
                .collect();
            channels[0].backup = false;
            let config = config(policy);
            let visits = visits(&config, &channels);
            prop_assert!(visits.iter().all(|visit| visit.slot >= config.min_slot));
            let sum: Duration = visits.iter().map(|visit| visit.slot).sum();
            prop_assert_eq!(sum, config.cycle);
        }
    }
}
