//! What we change in a network namespace, and take back whatever happens.
//!
//! Each change remembers how it was before; dropped, all are undone in reverse order. Only SIGKILL
//! leaves them, which is why hosts of scenarios have namespaces of their own.

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::super::namespace::{Namespace, run_ip};
use super::address::Endpoint;
use super::message::Limits;
use super::path_manager::PathManager;

/// Changes in a namespace.
pub struct Changes<'a> {
    namespace: &'a Namespace,
    /// The last is to be undone first.
    undo: Vec<Undo>,
}

/// How a change is undone.
enum Undo {
    Parameter {
        key: String,
        value: String,
    },
    Limits(Limits),
    Endpoint(Endpoint),
    /// With `ip`.
    Ip(Vec<String>),
}

/// Where packets of an address go, other than those of all others.
#[derive(Debug, Clone)]
pub struct SourceRoute {
    pub from: IpAddr,
    pub device: String,
    /// None: all the world is at the other end of the device.
    pub gateway: Option<IpAddr>,
    /// Number of the routing table, for nothing else.
    pub table: u32,
}

impl<'a> Changes<'a> {
    pub fn new(namespace: &'a Namespace) -> Self {
        Self { namespace, undo: vec![] }
    }

    /// Leaves all as it is now: the namespace is ours, and takes it along.
    pub fn keep(mut self) {
        self.undo.clear();
    }

    /// Sets a kernel parameter, named as for sysctl.
    pub fn set(&mut self, key: &str, value: &str) -> Result<()> {
        let before = self.namespace.get(key)?;
        if before == value {
            return Ok(());
        }
        self.namespace.set(key, value)?;
        self.undo.push(Undo::Parameter { key: key.into(), value: before });
        Ok(())
    }

    pub fn set_limits(&mut self, limits: Limits) -> Result<()> {
        let before = self.namespace.enter(move || {
            let mut manager = PathManager::open()?;
            let before = manager.limits()?;
            manager.set_limits(limits)?;
            Ok(before)
        })?;
        self.undo.push(Undo::Limits(before));
        Ok(())
    }

    /// Adds an endpoint. One that is there already is an error: it is somebody else's.
    pub fn add_endpoint(&mut self, endpoint: Endpoint) -> Result<()> {
        self.namespace.enter(move || PathManager::open()?.add(endpoint))?;
        self.undo.push(Undo::Endpoint(endpoint));
        Ok(())
    }

    pub fn add_source_route(&mut self, route: &SourceRoute) -> Result<()> {
        let SourceRoute { from, device, gateway, table } = route;
        let table = table.to_string();
        let mut to = vec!["default".to_owned()];
        if let Some(gateway) = gateway {
            to.extend(["via".into(), gateway.to_string()]);
        }
        to.extend(["dev".into(), device.clone(), "table".into(), table.clone()]);
        self.ip("route", &to)?;
        self.ip("rule", &["from".into(), from.to_string(), "lookup".into(), table])
    }

    fn ip(&mut self, what: &str, arguments: &[String]) -> Result<()> {
        let command = |verb: &str| {
            let words = [what.to_owned(), verb.to_owned()].into_iter();
            words.chain(arguments.iter().cloned()).collect::<Vec<_>>()
        };
        let add = command("add");
        self.namespace.enter(move || run_ip(add))?;
        self.undo.push(Undo::Ip(command("del")));
        Ok(())
    }
}

impl Undo {
    fn run(self, namespace: &Namespace) -> Result<()> {
        match self {
            Self::Parameter { key, value } => namespace.set(&key, &value),
            Self::Limits(limits) => {
                namespace.enter(move || PathManager::open()?.set_limits(limits))
            }
            Self::Endpoint(endpoint) => {
                namespace.enter(move || PathManager::open()?.delete(endpoint))
            }
            Self::Ip(command) => namespace.enter(move || run_ip(command)),
        }
    }
}

impl Drop for Changes<'_> {
    fn drop(&mut self) {
        while let Some(undo) = self.undo.pop() {
            // One that fails is no reason to leave the others.
            if let Err(error) = undo.run(self.namespace) {
                eprintln!("ackride: a change could not be taken back: {error:#}");
            }
        }
    }
}

/// A congestion control algorithm that all network namespaces of the machine may use meanwhile.
///
/// The kernel keeps the list of those in the initial namespace alone, and lets root alone change it.
pub struct AllowedAlgorithm(Option<String>);

impl AllowedAlgorithm {
    pub fn new(algorithm: &str) -> Result<Self> {
        let path = allowed();
        if !path.exists() {
            // Another namespace than the initial one: whoever made it has allowed it, or has not.
            return Ok(Self(None));
        }
        let before = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let before = before.trim().to_owned();
        if before.split_whitespace().any(|allowed| allowed == algorithm) {
            return Ok(Self(None));
        }
        ensure!(
            algorithm.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-'),
            "'{algorithm}' is no name of a congestion control algorithm"
        );
        fs::write(&path, format!("{before} {algorithm}"))
            .with_context(|| format!("allowing {algorithm} in {}", path.display()))?;
        Ok(Self(Some(before)))
    }
}

impl Drop for AllowedAlgorithm {
    fn drop(&mut self) {
        if let Some(before) = &self.0
            && let Err(error) = fs::write(allowed(), before)
        {
            eprintln!("ackride: {}: {error}", allowed().display());
        }
    }
}

fn allowed() -> PathBuf {
    Path::new("/proc/sys/net/ipv4/tcp_allowed_congestion_control").into()
}
