//! Lets MPTCP follow what becomes of a client's associations: who has joined an AP has a path by it,
//! an endpoint and a route; who has lost it has not.
//!
//! TCP itself notices a silent path only by timeouts that double, and comes back when the last of
//! them is over: seconds after the path. An endpoint that is deleted and added again carries data as
//! soon as its first packets are there and back.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use anyhow::{Context, Result};
use channel_switch::Notice;
use mac::{Instant, MacAddr};
use serde::Serialize;
use sim::network::Observer;

use super::machine::{Machine, Path};
use super::mptcp::{Endpoint, EndpointFlags, PathManager};
use super::namespace::run_ip;

/// Whoever asks us to stop waits no longer than this.
const LONGEST_WAIT: Duration = Duration::from_millis(20);
/// Routes of backups come after those of all others.
const BACKUP_METRIC: usize = 1000;
const METRIC: usize = 100;

/// Hears what happens to the clients of a network, for whoever waits at the other end.
pub struct Watch(pub Sender<News>);

/// Something has happened to a path.
#[derive(Debug, Clone, Copy)]
pub struct News {
    at: Instant,
    node: usize,
    ap: MacAddr,
    change: Change,
}

/// What.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    Joined,
    Lost,
    /// It is to be used only when there is no other.
    Backup,
    /// It no longer is.
    Primary,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Joined => "joined",
            Self::Lost => "lost",
            Self::Backup => "a backup",
            Self::Primary => "no backup",
        })
    }
}

/// A change, and what was made of it, for reports.
#[derive(Debug, Clone, Serialize)]
pub struct PathChange {
    pub time_s: f64,
    pub host: String,
    pub ap: String,
    pub address: IpAddr,
    pub change: Change,
    /// How long the kernel took for it.
    pub took_us: f64,
    /// What it would not do.
    pub trouble: Option<String>,
}

/// The kernel's view of the paths of all clients.
pub struct Associations {
    /// By the number of the client's node and the address of the AP.
    paths: HashMap<(usize, MacAddr), Kept>,
    managers: HashMap<usize, PathManager>,
}

/// A path that may be there.
struct Kept {
    machine: Arc<Machine>,
    /// Which of the machine's.
    number: usize,
    is_there: bool,
    backup: bool,
}

impl PathChange {
    /// There is a path that was not there.
    pub fn is_join(&self) -> bool {
        self.change == Change::Joined
    }
}

impl Observer for Watch {
    fn paths(&mut self, at: Instant, node: usize, notice: &Notice) {
        let (ap, change) = match *notice {
            Notice::Joined { ap, .. } => (ap, Change::Joined),
            Notice::Lost { ap, .. } => (ap, Change::Lost),
            Notice::Priority { ap, backup: true } => (ap, Change::Backup),
            Notice::Priority { ap, backup: false } => (ap, Change::Primary),
            _ => return,
        };
        // Whoever listened may be gone before the network is.
        let _ = self.0.send(News { at, node, ap, change });
    }
}

impl Associations {
    /// Of the machines that have several paths. None is there yet.
    pub fn new(machines: &[Arc<Machine>]) -> Result<Self> {
        let (mut paths, mut managers) = (HashMap::new(), HashMap::new());
        for machine in machines.iter().filter(|machine| machine.is_client_of_several()) {
            managers.insert(machine.node, machine.namespace.enter(PathManager::open)?);
            for (number, path) in machine.paths.iter().enumerate() {
                let ap = path.ap.as_ref().expect("it is a client's").address;
                let (node, machine) = (machine.node, Arc::clone(machine));
                let kept = Kept { machine, number, is_there: false, backup: false };
                paths.insert((node, ap), kept);
            }
        }
        Ok(Self { paths, managers })
    }

    /// Follows the news until nobody sends any more. What has changed.
    pub fn follow(mut self, news: &Receiver<News>) -> Vec<PathChange> {
        let mut changes = vec![];
        loop {
            match news.recv_timeout(LONGEST_WAIT) {
                Ok(news) => changes.extend(self.handle(news)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return changes,
            }
        }
    }

    fn handle(&mut self, news: News) -> Option<PathChange> {
        let kept = self.paths.get_mut(&(news.node, news.ap))?;
        let manager = self.managers.get_mut(&news.node)?;
        let began = std::time::Instant::now();
        let done = kept.change(manager, news.change);
        let Path { address, ap, .. } = kept.path();
        Some(PathChange {
            time_s: news.at.as_secs_f64(),
            host: kept.machine.name.clone(),
            ap: ap.as_ref()?.name.clone(),
            address: *address,
            change: news.change,
            took_us: 1e6 * began.elapsed().as_secs_f64(),
            trouble: done.err().map(|error| format!("{error:#}")),
        })
    }
}

impl Kept {
    fn path(&self) -> &Path {
        &self.machine.paths[self.number]
    }

    fn change(&mut self, manager: &mut PathManager, change: Change) -> Result<()> {
        let endpoint = Endpoint::new(self.path().address);
        let flags = EndpointFlags { backup: self.backup, ..EndpointFlags::subflow() };
        match change {
            Change::Joined if !self.is_there => {
                self.is_there = true;
                self.route("add")?;
                manager.add(endpoint.with_flags(flags))
            }
            Change::Lost if self.is_there => {
                self.is_there = false;
                // First what connections wait for.
                manager.delete(endpoint)?;
                self.route("del")
            }
            Change::Backup | Change::Primary => {
                let backup = change == Change::Backup;
                if !self.is_there || backup == self.backup {
                    self.backup = backup;
                    return Ok(());
                }
                manager.set_backup(endpoint, backup)?;
                self.route("del")?;
                self.backup = backup;
                self.route("add")
            }
            Change::Joined | Change::Lost => Ok(()),
        }
    }

    /// By which path connections begin that have not said which: the first that is no backup.
    fn route(&self, verb: &str) -> Result<()> {
        let Path { address, device, .. } = self.path();
        let metric = METRIC + self.number + if self.backup { BACKUP_METRIC } else { 0 };
        let (address, metric) = (address.to_string(), metric.to_string());
        let route = ["route", verb, "default", "dev", device, "src", &address, "metric", &metric];
        self.machine.namespace.enter(|| run_ip(route)).context("a route")
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;
    use std::sync::mpsc::channel;
    use std::thread;
    use std::time::Instant as Clock;

    use sim::ErrorTable;
    use sim::scenario::Scenario;

    use super::super::download::Download;
    use super::super::machine::Machines;
    use super::super::paced::Paced;
    use super::*;

    /// Two APs that a client hears at the same time.
    const SCENARIO: &str = r#"
        duration = "1 s"
        node = [
            { name = "ap1", role = "ap", channel = 40, standard = "802.11a", bandwidth_mhz = 20, rate = "48 Mbit/s" },
            { name = "ap2", role = "ap", channel = 44, standard = "802.11a", bandwidth_mhz = 20, rate = "48 Mbit/s" },
            { name = "client", role = "multi-station", position_m = [5, 0], standard = "802.11a", bandwidth_mhz = 20, rate = "48 Mbit/s", client = { policy = "wideband" } },
        ]
        wire = [
            { host = "server", node = "ap1", rate_mbps = 1000, delay = "1 ms", queue = 1000 },
            { host = "server", node = "ap2", rate_mbps = 1000, delay = "1 ms", queue = 1000 },
        ]
        udp = [{ from = "server", to = "client", rate_mbps = 1 }]
    "#;

    /// Bytes that a machine has got by its second device.
    fn received(machine: &Machine) -> u64 {
        let devices = || Ok(fs::read_to_string("/proc/thread-self/net/dev")?);
        let devices = machine.namespace.enter(devices).unwrap();
        let line = devices.lines().find_map(|line| line.trim().strip_prefix("wlan1:"));
        line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap()
    }

    #[test]
    fn a_path_that_is_back_carries_data_within_a_tenth_of_a_second() {
        let scenario = Scenario::parse(SCENARIO).unwrap();
        let (tell, heard) = channel();
        let built = scenario.build(ErrorTable::ideal(), 1, Watch(tell.clone()));
        let ready = Machines::new(&built).and_then(|machines| {
            let associations = Associations::new(&machines.machines)?;
            Ok((machines, associations))
        });
        let (Machines { machines, devices, .. }, associations) = match ready {
            Ok(ready) => ready,
            Err(error) => {
                let _ = writeln!(std::io::stderr(), "skipped: {error:#}");
                return;
            }
        };
        let following = thread::spawn(move || associations.follow(&heard));
        let network = Paced::start(built, devices).unwrap();
        thread::sleep(Duration::from_millis(500));
        let machine = |name| machines.iter().find(|machine| machine.name == name).unwrap();
        let (server, client) = (machine("server"), machine("client"));
        let download = Download::start(server, client).unwrap();
        let ap = client.paths[1].ap.as_ref().unwrap().address;
        let say = |change| tell.send(News { at: Instant::ZERO, node: client.node, ap, change });
        // The machine may be busy with something else.
        let mut times = vec![];
        for _ in 0..3 {
            thread::sleep(Duration::from_millis(700));
            say(Change::Lost).unwrap();
            thread::sleep(Duration::from_millis(300));
            let before = received(client);
            thread::sleep(Duration::from_millis(200));
            assert!(received(client) < before + 10_000, "it carries on");
            say(Change::Joined).unwrap();
            let began = Clock::now();
            while received(client) < before + 20_000 {
                assert!(began.elapsed() < Duration::from_secs(5), "it does not come back");
                thread::sleep(Duration::from_millis(1));
            }
            times.push(began.elapsed());
        }
        download.stop().unwrap();
        drop(tell);
        network.stop().unwrap();
        let changes = following.join().unwrap();
        let is_done = |change: &PathChange| change.trouble.is_none();
        assert!(changes.len() == 8 && changes.iter().all(is_done), "{changes:?}");
        let _ = writeln!(std::io::stderr(), "back after {times:.1?}");
        assert!(times.iter().any(|time| *time < Duration::from_millis(100)), "{times:?}");
    }
}
