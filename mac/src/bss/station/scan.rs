//! Scanning (11.1.4): what is heard within a time, and the strongest of it.

use super::candidate::Candidate;
use super::{State, Station, elements};
use crate::event::Notice;
use crate::lower::Lower;
use crate::{Beacon, Instant, MacAddr, ManagementSubtype, Scan};

/// What has been heard so far.
pub(super) struct Scanning {
    pub(super) until: Instant,
    strongest: Option<Candidate>,
    /// Those that the host has been told of.
    told: Vec<MacAddr>,
}

/// BSSs that the host is told of in one scan.
const MAX_TOLD: usize = 64;

impl Station {
    /// Begins to look for APs; when probing, asks them to show themselves.
    pub(super) fn scan(&mut self, now: Instant, lower: &mut Lower) {
        let listen = match self.config.scan {
            Scan::Passive { listen } => listen,
            Scan::Active { listen } => {
                let mut body = vec![];
                elements::emit_name(&self.config.ssid, &mut body);
                elements::emit_own_rates(lower, &mut body);
                elements::emit_own_capabilities(lower, &mut body);
                let all = MacAddr::BROADCAST;
                lower.send_management(now, all, all, ManagementSubtype::ProbeRequest, body);
                listen
            }
        };
        self.state = State::Scanning(Scanning {
            until: now + listen.max(elements::SHORTEST_WAIT),
            strongest: None,
            told: vec![],
        });
    }

    /// An AP shows itself.
    pub(super) fn found(
        &mut self,
        lower: &mut Lower,
        bssid: MacAddr,
        beacon: &Beacon<'_>,
        rssi_dbm: f32,
    ) {
        let State::Scanning(scanning) = &mut self.state else { return };
        let Some(candidate) = Candidate::new(bssid, beacon, rssi_dbm, &self.config) else { return };
        if scanning.told.len() < MAX_TOLD && !scanning.told.contains(&bssid) {
            scanning.told.push(bssid);
            let (ssid, rssi_dbm) = (candidate.ssid.clone(), rssi_dbm.round() as i8);
            lower.notify(Notice::Found { bssid, ssid, rssi_dbm });
        }
        let stronger = scanning.strongest.as_ref().is_none_or(|strongest| {
            strongest.bssid == bssid || candidate.rssi_dbm > strongest.rssi_dbm
        });
        if stronger && Candidate::is_open_to(beacon, &lower.config.capabilities) {
            scanning.strongest = Some(candidate);
        }
    }

    /// The time of listening is over: it asks the strongest AP, or listens again.
    pub(super) fn choose(&mut self, now: Instant, lower: &mut Lower) {
        let State::Scanning(scanning) = &mut self.state else { return };
        match scanning.strongest.take() {
            Some(candidate) => {
                lower.allow_for(candidate.response_delay);
                self.ask_for_authentication(now, lower, candidate, 1);
            }
            None => self.scan(now, lower),
        }
    }
}
