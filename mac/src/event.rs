use bytes::Bytes;

use crate::{MacAddr, PhyIndication, ReasonCode, StatusCode, TxPpdu};

/// A packet of the host, from station to station (MA-UNITDATA, 5.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Msdu {
    /// Where it goes.
    pub destination: MacAddr,
    /// Where it comes from.
    pub source: MacAddr,
    /// User priority, 0 to 7: with QoS the TID.
    pub priority: u8,
    /// Protocol of the packet.
    pub ethertype: u16,
    /// The packet, without LLC/SNAP header.
    pub payload: Bytes,
}

/// What a MAC is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// By the PHY.
    Phy(PhyIndication),
    /// By the host: a packet to be sent.
    Msdu(Msdu),
    /// By the host: something to be done.
    Command(Command),
    /// By the owner of a radio that several MACs share: another of them transmits now, and the
    /// medium is busy until the PHY says otherwise. Whatever this one was about to transmit has
    /// collided with it inside the station (10.23.2.4).
    Preempted,
}

/// What a host asks its MAC to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// A station: sleep from now on, or stay awake. What waits is sent before; the AP has heard of
    /// it when [`Notice::PowerManagement`] says so.
    PowerSave(bool),
    /// A station: its radio is about to leave the channel, or is back. The same as
    /// [`PowerSave`](Self::PowerSave), but that nothing is fetched meanwhile: who asked for a frame
    /// would have to stay until it has come.
    Away(bool),
    /// A station: leave the BSS. An AP: have the station leave it.
    Leave {
        /// The AP, or the station.
        peer: MacAddr,
        /// Why.
        reason: ReasonCode,
    },
}

/// What a MAC wants done, or tells.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// By the PHY: transmit.
    Transmit(TxPpdu),
    /// By the host: a packet has come.
    Deliver(Msdu),
    /// By nobody: something has happened.
    Notify(Notice),
}

/// What happened to the station.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// A BSS was found while scanning.
    Found {
        /// Its AP.
        bssid: MacAddr,
        /// Its name.
        ssid: Vec<u8>,
        /// Power of what was heard, in dBm.
        rssi_dbm: i8,
    },
    /// A station and an AP are associated, an IBSS has met another station.
    Associated {
        /// The other one.
        peer: MacAddr,
        /// Its association identifier, or ours; 0 in an IBSS.
        aid: u16,
    },
    /// The AP does not want us.
    Refused {
        /// The AP.
        peer: MacAddr,
        /// What it said.
        status: StatusCode,
    },
    /// No longer associated.
    Left {
        /// The other one.
        peer: MacAddr,
        /// Why: told, or found by ourselves.
        reason: ReasonCode,
    },
    /// The AP has heard that we sleep, or that we are awake.
    PowerManagement {
        /// The AP.
        peer: MacAddr,
        /// Whether we sleep.
        sleeping: bool,
    },
    /// A packet was given up.
    Dropped {
        /// Whose.
        destination: MacAddr,
        /// Why.
        why: DropReason,
    },
}

/// Why a packet was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DropReason {
    /// The queue was full.
    QueueFull,
    /// It was sent as often as the retry limit allows.
    RetryLimit,
    /// It waited for longer than its lifetime.
    Lifetime,
    /// There is no way to its destination: no association with it, or with any AP.
    NoRoute,
    /// It is longer than an MSDU can be (9.2.3).
    TooLong,
}
