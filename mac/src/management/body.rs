//! Bodies of management frames by their subtype (9.3.3.2 to 9.3.3.14).

use super::{
    Action, AssociationRequest, AssociationResponse, Authentication, Beacon, ReasonCode,
    ReassociationRequest,
};
use crate::reader::Reader;
use crate::{Elements, FrameError, ManagementSubtype};

/// The body of a management frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManagementBody<'a> {
    /// Association Request.
    AssociationRequest(AssociationRequest<'a>),
    /// Association Response.
    AssociationResponse(AssociationResponse<'a>),
    /// Reassociation Request.
    ReassociationRequest(ReassociationRequest<'a>),
    /// Reassociation Response.
    ReassociationResponse(AssociationResponse<'a>),
    /// Probe Request, which has elements only.
    ProbeRequest(Elements<'a>),
    /// Probe Response.
    ProbeResponse(Beacon<'a>),
    /// Beacon.
    Beacon(Beacon<'a>),
    /// Disassociation.
    Disassociation(Leaving<'a>),
    /// Authentication.
    Authentication(Authentication<'a>),
    /// Deauthentication.
    Deauthentication(Leaving<'a>),
    /// Action.
    Action(Action<'a>),
    /// Action No Ack.
    ActionNoAck(Action<'a>),
    /// A body that is not read: protected, of a fragment, or of another subtype.
    Other(&'a [u8]),
}

/// The body of Disassociation and Deauthentication frames (9.3.3.4, 9.3.3.12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaving<'a> {
    /// Why.
    pub reason: ReasonCode,
    /// Elements that follow.
    pub elements: Elements<'a>,
}

impl<'a> ManagementBody<'a> {
    /// Reads the body of a frame of the subtype.
    pub fn parse(subtype: ManagementSubtype, body: &'a [u8]) -> Result<Self, FrameError> {
        let reader = &mut Reader::new(subtype.name(), body);
        Ok(match subtype {
            ManagementSubtype::AssociationRequest => {
                Self::AssociationRequest(AssociationRequest::read(reader)?)
            }
            ManagementSubtype::AssociationResponse => {
                Self::AssociationResponse(AssociationResponse::read(reader)?)
            }
            ManagementSubtype::ReassociationRequest => {
                Self::ReassociationRequest(ReassociationRequest::read(reader)?)
            }
            ManagementSubtype::ReassociationResponse => {
                Self::ReassociationResponse(AssociationResponse::read(reader)?)
            }
            ManagementSubtype::ProbeRequest => Self::ProbeRequest(Elements(body)),
            ManagementSubtype::ProbeResponse => Self::ProbeResponse(Beacon::read(reader)?),
            ManagementSubtype::Beacon => Self::Beacon(Beacon::read(reader)?),
            ManagementSubtype::Disassociation => Self::Disassociation(Leaving::read(reader)?),
            ManagementSubtype::Authentication => {
                Self::Authentication(Authentication::read(reader)?)
            }
            ManagementSubtype::Deauthentication => Self::Deauthentication(Leaving::read(reader)?),
            ManagementSubtype::Action => Self::Action(Action::read(reader)?),
            ManagementSubtype::ActionNoAck => Self::ActionNoAck(Action::read(reader)?),
            _ => Self::Other(body),
        })
    }

    /// Appends the body. Elements may be appended after it.
    pub fn emit(&self, out: &mut Vec<u8>) {
        match self {
            Self::AssociationRequest(body) => body.emit(out),
            Self::ReassociationRequest(body) => body.emit(out),
            Self::AssociationResponse(body) | Self::ReassociationResponse(body) => body.emit(out),
            Self::ProbeRequest(elements) => out.extend_from_slice(elements.0),
            Self::Beacon(body) | Self::ProbeResponse(body) => body.emit(out),
            Self::Disassociation(body) | Self::Deauthentication(body) => body.emit(out),
            Self::Authentication(body) => body.emit(out),
            Self::Action(body) | Self::ActionNoAck(body) => body.emit(out),
            Self::Other(body) => out.extend_from_slice(body),
        }
    }

    /// The elements at the body's end, if it has any that are read.
    pub fn elements(&self) -> Elements<'a> {
        match self {
            Self::AssociationRequest(body) => body.elements,
            Self::ReassociationRequest(body) => body.elements,
            Self::AssociationResponse(body) | Self::ReassociationResponse(body) => body.elements,
            Self::ProbeRequest(elements) => *elements,
            Self::Beacon(body) | Self::ProbeResponse(body) => body.elements,
            Self::Disassociation(body) | Self::Deauthentication(body) => body.elements,
            Self::Authentication(body) => body.elements,
            Self::Action(body) | Self::ActionNoAck(body) => body.elements(),
            Self::Other(_) => Elements::default(),
        }
    }
}

impl<'a> Leaving<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, FrameError> {
        let reason = ReasonCode(reader.u16()?);
        Ok(Self { reason, elements: Elements(reader.take_rest()) })
    }

    /// Appends the body.
    pub fn emit(&self, out: &mut Vec<u8>) {
        out.extend(self.reason.0.to_le_bytes());
        out.extend_from_slice(self.elements.0);
    }
}
