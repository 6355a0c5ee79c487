//! The path manager of a network namespace: its endpoints and limits, the subflows of its
//! connections, and what happens to them.

use std::os::fd::{AsFd, BorrowedFd};

use anyhow::{Context, Result, bail};
use netlink_packet_generic::GenlMessage;
use netlink_packet_generic::ctrl::nlas::{GenlCtrlAttrs, McastGrpAttrs};
use netlink_packet_generic::ctrl::{GenlCtrl, GenlCtrlCmd};
use netlink_sys::protocols::NETLINK_GENERIC;
use nix::errno::Errno;

use super::address::Endpoint;
use super::event::Event;
use super::message::{EVENTS, FAMILY, Limits, Message, Request};
use super::netlink::{Netlink, Refusal};

/// The path manager of a namespace.
pub struct PathManager {
    netlink: Netlink,
    family: Family,
}

/// Those who listen to it.
pub struct Events {
    netlink: Netlink,
    family: u16,
}

/// What the kernel has numbered when it started.
#[derive(Debug, Clone, Copy)]
struct Family {
    id: u16,
    events: u32,
}

impl PathManager {
    /// That of the network namespace of this thread.
    pub fn open() -> Result<Self> {
        let mut netlink = Netlink::open(NETLINK_GENERIC)?;
        let family = Family::resolve(&mut netlink)?;
        Ok(Self { netlink, family })
    }

    /// Listens from now on. For this, too, the thread must be in the namespace.
    pub fn events(&self) -> Result<Events> {
        let mut netlink = Netlink::open(NETLINK_GENERIC)?;
        netlink.join(self.family.events).with_context(|| format!("the group {EVENTS}"))?;
        Ok(Events { netlink, family: self.family.id })
    }

    pub fn endpoints(&mut self) -> Result<Vec<Endpoint>> {
        let answers = self.request(&Request::GetEndpoints).context("endpoints")?;
        let endpoints = answers.iter().map(Message::endpoint);
        endpoints.filter_map(Result::transpose).collect()
    }

    /// Adds an endpoint. Connections that there are join a subflow from it.
    pub fn add(&mut self, endpoint: Endpoint) -> Result<()> {
        let asked = self.request(&Request::AddEndpoint(endpoint));
        asked.with_context(|| format!("adding endpoint {endpoint}")).map(drop)
    }

    /// Deletes the endpoint of this address, and its subflows; none is as good.
    pub fn delete(&mut self, endpoint: Endpoint) -> Result<()> {
        let id = self.id_of(endpoint)?;
        let Some(id) = id else { return Ok(()) };
        match self.request(&Request::DeleteEndpoint(endpoint.with_id(id))) {
            Err(error) if is(&error, Errno::ENOENT) => Ok(()),
            asked => asked.with_context(|| format!("deleting endpoint {endpoint}")).map(drop),
        }
    }

    /// Makes the subflows from this address a backup, or no longer one; says so to the peers.
    pub fn set_backup(&mut self, endpoint: Endpoint, backup: bool) -> Result<()> {
        let Some(id) = self.id_of(endpoint)? else { bail!("there is no endpoint {endpoint}") };
        let mut endpoint = endpoint.with_id(id);
        endpoint.flags.backup = backup;
        let asked = self.request(&Request::SetFlags(endpoint));
        asked.with_context(|| format!("the priority of endpoint {endpoint}")).map(drop)
    }

    pub fn limits(&mut self) -> Result<Limits> {
        let answers = self.request(&Request::GetLimits).context("limits")?;
        Limits::parse(answers.first().context("there are no limits")?)
    }

    pub fn set_limits(&mut self, limits: Limits) -> Result<()> {
        self.request(&Request::SetLimits(limits)).context("setting limits").map(drop)
    }

    /// Asks for anything. What it cannot be asked for, the kernel says by a [`Refusal`].
    pub fn request(&mut self, request: &Request) -> Result<Vec<Message>> {
        let mut message = GenlMessage::from_payload(request.message());
        message.set_resolved_family_id(self.family.id);
        let answers = self.netlink.request(message, request.is_dump())?;
        Ok(answers.into_iter().map(|answer| answer.payload).collect())
    }

    /// The identifier of an endpoint, which the kernel may have chosen.
    fn id_of(&mut self, endpoint: Endpoint) -> Result<Option<u8>> {
        let endpoints = self.endpoints()?;
        let found = endpoints.iter().find(|it| it.ip == endpoint.ip && it.port == endpoint.port);
        Ok(found.map(|found| found.id))
    }
}

impl Events {
    /// What has happened since the last time. Of what is no event, why.
    pub fn heard(&mut self) -> Result<Vec<Result<Event>>> {
        let messages = self.netlink.heard::<GenlMessage<Message>>()?;
        let events = messages.into_iter().filter_map(|message| {
            let ours = |message: &GenlMessage<_>| message.resolved_family_id() == self.family;
            match message {
                Ok(message) if ours(&message) => Event::parse(&message.payload).transpose(),
                Ok(_) => None,
                Err(error) => Some(Err(error)),
            }
        });
        Ok(events.collect())
    }
}

impl AsFd for Events {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.netlink.as_fd()
    }
}

impl Family {
    fn resolve(netlink: &mut Netlink) -> Result<Self> {
        let nlas = vec![GenlCtrlAttrs::FamilyName(FAMILY.into())];
        let request = GenlMessage::from_payload(GenlCtrl { cmd: GenlCtrlCmd::GetFamily, nlas });
        let answers = match netlink.request(request, false) {
            Err(error) if is(&error, Errno::ENOENT) => {
                bail!("the kernel has no MPTCP (CONFIG_MPTCP, Linux 5.6 or later)")
            }
            answers => answers.with_context(|| format!("the netlink family {FAMILY}"))?,
        };
        let attributes = answers.into_iter().flat_map(|answer| answer.payload.nlas);
        let (mut id, mut events) = (None, None);
        for attribute in attributes {
            match attribute {
                GenlCtrlAttrs::FamilyId(it) => id = Some(it),
                GenlCtrlAttrs::McastGroups(groups) => {
                    events = groups.iter().find_map(|group| id_of_events(group)).or(events);
                }
                _ => {}
            }
        }
        let id = id.with_context(|| format!("the netlink family {FAMILY} has no number"))?;
        let events = events.with_context(|| format!("there is no group {EVENTS}"))?;
        Ok(Self { id, events })
    }
}

fn id_of_events(group: &[McastGrpAttrs]) -> Option<u32> {
    let is_it = |attribute: &McastGrpAttrs| matches!(attribute, McastGrpAttrs::Name(name) if name == EVENTS);
    group.iter().any(is_it).then_some(())?;
    group.iter().find_map(|attribute| match attribute {
        McastGrpAttrs::Id(id) => Some(*id),
        McastGrpAttrs::Name(_) => None,
    })
}

/// Whether the kernel has refused something for this reason.
pub fn is(error: &anyhow::Error, errno: Errno) -> bool {
    error.downcast_ref::<Refusal>().is_some_and(|refusal| refusal.errno() == errno)
}
