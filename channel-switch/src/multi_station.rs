//! The conductor: events go to the stations that hear them, and what those want done comes out.

mod compare;
mod join;
mod switch;

use std::collections::VecDeque;

use mac::{Counters, Event, Instant, Mac, MacAddr, Msdu, PhyIndication, Rider};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::air::Air;
use crate::config::{Config, Policy};
use crate::estimate::Estimate;
use crate::event::{Channel, Notice, Output, Radio};
use crate::station::{State, Station};
use crate::tuner::{Phase, Tuner};

/// Makes the rider of each new virtual station.
pub type RiderFactory = Box<dyn FnMut() -> Box<dyn Rider> + Send>;

/// One client with a virtual station for each AP.
///
/// Its owner calls [`handle_phy`](Self::handle_phy), [`send`](Self::send) and, when
/// [`next_timeout`](Self::next_timeout) has come, [`handle_timeout`](Self::handle_timeout), and
/// takes all [`Output`]s from [`poll`](Self::poll) after each. Times never run backwards.
pub struct MultiStation {
    config: Config,
    stations: Vec<Station>,
    tuners: Vec<Tuner>,
    channels: Vec<ChannelState>,
    riders: RiderFactory,
    rng: ChaCha8Rng,
    outputs: VecDeque<Output>,
    /// What stations that are gone have counted.
    counted: Counters,
    /// With [`Policy::Handover`], the AP that it moves to.
    target: Option<(MacAddr, usize)>,
    /// APs that were lost soon after they had been joined.
    shunned: Vec<join::Shunned>,
}

/// What is known of a channel.
#[derive(Debug)]
struct ChannelState {
    estimate: Estimate,
    /// When it was last looked for APs there.
    probed: Option<Instant>,
    /// What it had in this cycle.
    slot: std::time::Duration,
    backup: bool,
    /// APs that have been heard there, with [`Policy::Handover`].
    heard: Vec<join::Heard>,
}

/// An association, for reports.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Association {
    /// The AP.
    pub ap: MacAddr,
    /// The virtual station's own address.
    pub station: MacAddr,
    /// Where.
    pub channel: Channel,
    /// How strong the AP is, in dBm.
    pub signal_dbm: f32,
    /// Packets that wait for the air.
    pub queued: usize,
    /// Whether its path is only for when there is no other.
    pub backup: bool,
}

impl MultiStation {
    /// A client that begins now, with its radio in the first of its channels. All that is random in
    /// it comes from `rng`.
    ///
    /// # Panics
    /// If there are no channels, or the station that its own are like is none.
    pub fn new(now: Instant, config: Config, riders: RiderFactory, rng: ChaCha8Rng) -> Self {
        assert!(!config.channels.is_empty(), "a client is in some channel");
        let many = config.channels.len() > 1;
        let state = |_: &Channel| ChannelState {
            estimate: Estimate::default(),
            probed: None,
            slot: config.cycle,
            backup: false,
            heard: vec![],
        };
        let channels: Vec<ChannelState> = config.channels.iter().map(state).collect();
        let tuners = match config.policy {
            Policy::Wideband => {
                let tuner = |channel| Tuner::new(channel, channel, Phase::Open { until: None });
                (0..channels.len()).map(tuner).collect()
            }
            _ => vec![Tuner::new(0, 0, Phase::Open { until: many.then_some(now) })],
        };
        let (stations, outputs) = (vec![], VecDeque::new());
        let mut client = Self {
            config,
            stations,
            tuners,
            channels,
            riders,
            rng,
            outputs,
            counted: Counters::default(),
            target: None,
            shunned: vec![],
        };
        client.channels.iter_mut().for_each(|channel| channel.estimate.opens(now));
        client
    }

    /// What it is.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The associations that it has now.
    pub fn associations(&self) -> impl Iterator<Item = Association> {
        self.stations.iter().filter(|station| station.is_joined()).map(|station| Association {
            ap: station.ap,
            station: station.address(),
            channel: self.config.channels[station.channel],
            signal_dbm: station.signal,
            queued: station.queued(),
            backup: station.backup,
        })
    }

    /// The MAC of an association, for its rider.
    pub fn mac(&self, ap: MacAddr) -> Option<&Mac> {
        self.stations.iter().find(|station| station.ap == ap).map(|station| &station.mac)
    }

    /// What all its stations have done so far.
    pub fn counters(&self) -> Counters {
        self.stations.iter().fold(self.counted, |sum, station| sum + *station.mac.counters())
    }

    /// Packets that wait to be sent.
    pub fn queued(&self) -> usize {
        self.stations.iter().map(Station::queued).sum()
    }

    /// A radio has heard something.
    pub fn handle_phy(&mut self, now: Instant, radio: Radio, indication: PhyIndication) {
        self.finish_own(now);
        let tuner = &mut self.tuners[radio];
        tuner.air.heard(&indication);
        if let Phase::Retuning { .. } = tuner.phase {
            return;
        }
        let channel = tuner.channel;
        let estimate = &mut self.channels[channel].estimate;
        match &indication {
            PhyIndication::CcaBusy => estimate.busy(now),
            PhyIndication::CcaIdle if tuner.air.own_end().is_none() => estimate.idle(now),
            PhyIndication::CcaIdle => {}
            PhyIndication::Rx(ppdu) => {
                self.listen(now, channel, ppdu);
                self.weigh(now, channel, ppdu);
            }
            PhyIndication::RxStart { .. } | PhyIndication::RxError => {}
        }
        for index in 0..self.stations.len() {
            let station = &mut self.stations[index];
            let air = &self.tuners[radio].air;
            let silent = indication == PhyIndication::CcaIdle && !air.is_idle_to(station.address());
            if station.channel == channel && !silent {
                station.mac.handle(now, Event::Phy(indication.clone()));
                self.collect(now, index);
            }
        }
        self.settle(now);
    }

    /// The host sends a packet by way of an AP. Whether there is room for it, and an association.
    pub fn send(&mut self, now: Instant, ap: MacAddr, msdu: Msdu) -> bool {
        let station = self.stations.iter_mut().find(|station| station.ap == ap);
        let taken = station.is_some_and(|station| station.push(msdu));
        self.finish_own(now);
        self.settle(now);
        taken
    }

    /// When [`handle_timeout`](Self::handle_timeout) is to be called.
    pub fn next_timeout(&self) -> Option<Instant> {
        let macs = self.stations.iter().filter_map(|station| station.mac.next_timeout());
        let tuners = self.tuners.iter().filter_map(|tuner| tuner.next_timeout());
        let lost = self.stations.iter().filter_map(|station| self.gone_at(station));
        macs.chain(tuners).chain(lost).min()
    }

    /// The time has come.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.finish_own(now);
        for index in 0..self.stations.len() {
            let mac = &mut self.stations[index].mac;
            if mac.next_timeout().is_some_and(|at| at <= now) {
                mac.handle_timeout(now);
                self.collect(now, index);
            }
        }
        self.settle(now);
    }

    /// What is to be done.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// All has been dealt with that happened: who is gone is removed, radios go where they are to
    /// be, and what waits goes out.
    fn settle(&mut self, now: Instant) {
        self.look_after(now);
        for tuner in 0..self.tuners.len() {
            while self.step(now, tuner) {}
        }
        for index in 0..self.stations.len() {
            let station = &mut self.stations[index];
            let channel = station.channel;
            let is_open = self.tuners.iter().any(|tuner| tuner.is_open_for(channel));
            if is_open && station.is_awake() {
                let bytes = station.feed(now);
                self.channels[channel].estimate.carried(bytes);
                self.collect(now, index);
            }
        }
    }

    /// What a station sent is over: the others behind the antenna have heard it.
    fn finish_own(&mut self, now: Instant) {
        for tuner in 0..self.tuners.len() {
            let Tuner { channel, air, .. } = &mut self.tuners[tuner];
            let channel = *channel;
            let Some((sender, heard)) = air.finish(now) else { continue };
            self.channels[channel].estimate.idle(now);
            for index in 0..self.stations.len() {
                let station = &mut self.stations[index];
                if station.channel != channel || station.address() == sender {
                    continue;
                }
                station.mac.handle(now, Event::Phy(heard.clone()));
                if self.tuners[tuner].air.is_idle_to(station.address()) {
                    station.mac.handle(now, Event::Phy(PhyIndication::CcaIdle));
                }
                self.collect(now, index);
            }
        }
    }

    /// Takes what a station's MAC wants done.
    fn collect(&mut self, now: Instant, index: usize) {
        while let Some(output) = self.stations[index].mac.poll() {
            match output {
                mac::Output::Transmit(ppdu) => {
                    let (before, rest) = self.stations.split_at_mut(index);
                    let (station, after) = rest.split_first_mut().expect("it is there");
                    let (channel, address) = (station.channel, station.address());
                    let find = |tuner: &&mut Tuner| tuner.is_in(channel);
                    let Tuner { radio, air, .. } =
                        self.tuners.iter_mut().find(find).expect("who is deaf sends nothing");
                    let others = before.iter_mut().chain(after);
                    let others = others.filter(|other| other.channel == channel);
                    Air::transmit(air, now, address, &ppdu, self.config.station.bandwidth, others);
                    self.channels[channel].estimate.busy(ppdu.start);
                    self.outputs.push_back(Output::Transmit { radio: *radio, ppdu });
                }
                mac::Output::Deliver(msdu) => self.deliver(now, index, msdu),
                mac::Output::Notify(notice) => self.notice(now, index, notice),
            }
        }
    }

    fn deliver(&mut self, now: Instant, index: usize, msdu: Msdu) {
        let linger = self.config.switching.linger;
        let Station { ap, channel, heard, .. } = &mut self.stations[index];
        *heard = now;
        let (ap, channel) = (*ap, *channel);
        self.channels[channel].estimate.carried(msdu.payload.len());
        let msdu = self.perhaps_marked(index, msdu);
        for tuner in &mut self.tuners {
            if let Phase::Lingering { until } = &mut tuner.phase
                && tuner.channel == channel
            {
                *until = now + linger;
            }
        }
        self.outputs.push_back(Output::Deliver { ap, msdu });
    }

    fn notice(&mut self, now: Instant, index: usize, notice: mac::Notice) {
        let station = &mut self.stations[index];
        let (ap, address) = (station.ap, station.address());
        match (&notice, station.state) {
            (mac::Notice::Associated { .. }, State::Joining) => {
                station.state = State::Joined { awake: true };
                (station.heard, station.joined) = (now, now);
                let channel = station.channel;
                station.backup = self.channels[channel].backup;
                let backup = station.backup;
                let number = self.config.channels[channel];
                self.tell(Notice::Joined { ap, station: address, channel: number });
                if backup {
                    self.tell(Notice::Priority { ap, backup });
                }
            }
            (mac::Notice::PowerManagement { sleeping, .. }, State::Joined { .. }) => {
                station.state = State::Joined { awake: !sleeping };
                station.heard = now;
            }
            (mac::Notice::Left { .. } | mac::Notice::Refused { .. }, State::Joined { .. }) => {
                self.dismissed(now, index);
            }
            _ => {}
        }
        self.tell(Notice::Mac { ap, notice });
    }

    fn tell(&mut self, notice: Notice) {
        self.outputs.push_back(Output::Notify(notice));
    }

    fn new_rng(&mut self) -> ChaCha8Rng {
        ChaCha8Rng::from_rng(&mut self.rng)
    }
}
