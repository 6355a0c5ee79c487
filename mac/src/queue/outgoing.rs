use std::time::Duration;

use crate::lower::reverse::RDG_MORE_PPDU;
use crate::{
    AckPolicy, Control, ControlBody, DataHeader, DurationId, Instant, MacAddr, ManagementHeader,
    ManagementSubtype, Msdu, QosControl, SequenceControl, SequenceNumber, Snap, fcs,
};

/// Bytes of a PS-Poll.
const PS_POLL_LEN: usize = 20;

/// Which way the frames of a station go (Table 9-30).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// From an AP to its stations.
    FromAp,
    /// From a station to its AP.
    ToAp,
    /// From station to station of an IBSS.
    Direct {
        /// The IBSS.
        bssid: MacAddr,
    },
}

/// What a frame carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Content {
    /// A packet.
    Msdu(Msdu),
    /// Nothing: the frame is there for its power management bit.
    Null,
    /// A PS-Poll (9.3.1.5), which is a control frame.
    PsPoll { aid: u16 },
    /// A management frame with its body.
    Management { subtype: ManagementSubtype, bssid: MacAddr, body: Vec<u8> },
}

/// A frame on its way out: queued, or sent and not yet acknowledged.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    pub(crate) content: Content,
    /// TID of a QoS frame.
    pub(crate) tid: Option<u8>,
    pub(crate) arrived: Instant,
    /// Counts all frames of the station as they come: first come, first served.
    pub(crate) order: u64,
    /// Assigned when the frame is first sent.
    pub(crate) sequence: Option<SequenceNumber>,
    /// How often it has been sent.
    pub(crate) attempts: u8,
    /// It is in the PPDU whose response is awaited, or asked for.
    pub(crate) in_flight: bool,
    /// It has an HT Control field.
    pub(crate) ht_control: bool,
}

/// The bits of a header that are known only when it is sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SentWith {
    pub(crate) transmitter: MacAddr,
    pub(crate) receiver: MacAddr,
    pub(crate) direction: Direction,
    pub(crate) duration: Duration,
    pub(crate) more_data: bool,
    pub(crate) power_management: bool,
    pub(crate) end_of_service_period: bool,
    /// The receiver may respond with data of its own.
    pub(crate) reverse_grant: bool,
}

impl Outgoing {
    /// Bytes of the MPDU, FCS included.
    pub(crate) fn mpdu_len(&self) -> usize {
        if matches!(self.content, Content::PsPoll { .. }) {
            return PS_POLL_LEN;
        }
        let qos = if self.tid.is_some() { 2 } else { 0 };
        let body = match &self.content {
            Content::Msdu(msdu) => Snap::HEADER_LEN + msdu.payload.len(),
            Content::Null | Content::PsPoll { .. } => 0,
            Content::Management { body, .. } => body.len(),
        };
        let ht_control = if self.ht_control { 4 } else { 0 };
        ManagementHeader::LEN + qos + ht_control + body + fcs::LEN
    }

    /// Whether it has been sent before.
    pub(crate) fn is_retry(&self) -> bool {
        self.attempts > 0
    }

    /// Appends the MPDU with its FCS.
    pub(crate) fn emit(&self, with: &SentWith, out: &mut Vec<u8>) {
        let start = out.len();
        match &self.content {
            Content::Msdu(msdu) => {
                self.data_header(with, Some(msdu)).emit(out);
                Snap::new(msdu.ethertype, &msdu.payload).emit(out);
            }
            Content::Null => self.data_header(with, None).without_data().emit(out),
            Content::PsPoll { aid } => {
                let body = ControlBody::PsPoll { transmitter: with.transmitter };
                let mut poll = Control::new(with.receiver, DurationId::from_aid(*aid), body);
                poll.frame_control = poll.frame_control.with_power_management(true);
                poll.emit(out);
            }
            Content::Management { subtype, bssid, body } => {
                let mut header =
                    ManagementHeader::new(*subtype, with.receiver, with.transmitter, *bssid);
                header.frame_control = header
                    .frame_control
                    .with_retry(self.is_retry())
                    .with_power_management(with.power_management);
                header.duration = DurationId::from_duration(with.duration);
                header.sequence_control = self.sequence_control();
                header.emit(out);
                out.extend_from_slice(body);
            }
        }
        fcs::append(out, start);
    }

    fn data_header(&self, with: &SentWith, msdu: Option<&Msdu>) -> DataHeader {
        let (mut ra, ta) = (with.receiver, with.transmitter);
        if let Some(msdu) = msdu.filter(|_| ra.is_group()) {
            // Which group it is only the packet knows: all of them share a stream.
            ra = msdu.destination;
        }
        let mut header = match with.direction {
            Direction::FromAp => DataHeader::from_ap(ra, ta, msdu.map_or(ta, |msdu| msdu.source)),
            Direction::ToAp => DataHeader::to_ap(ra, ta, msdu.map_or(ra, |msdu| msdu.destination)),
            Direction::Direct { bssid } => DataHeader::between_stations(ra, ta, bssid),
        };
        if let Some(tid) = self.tid {
            let qos = QosControl::default().with_tid(tid).with_eosp(with.end_of_service_period);
            let policy = if ra.is_group() { AckPolicy::NoAck } else { AckPolicy::Normal };
            header = header.with_qos(qos.with_ack_policy(policy));
        }
        if self.ht_control {
            header.ht_control = Some(if with.reverse_grant { RDG_MORE_PPDU } else { 0 });
        }
        header.frame_control = header
            .frame_control
            .with_order(self.ht_control)
            .with_retry(self.is_retry())
            .with_more_data(with.more_data)
            .with_power_management(with.power_management);
        header.duration = DurationId::from_duration(with.duration);
        header.sequence_control = self.sequence_control();
        header
    }

    fn sequence_control(&self) -> SequenceControl {
        let sequence = self.sequence.expect("a frame that is sent has its sequence number");
        SequenceControl::unfragmented(sequence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Frame;

    fn address(last: u8) -> MacAddr {
        MacAddr([2, 0, 0, 0, 0, last])
    }

    fn outgoing(tid: Option<u8>, content: Content) -> Outgoing {
        let sequence = Some(SequenceNumber::new(77));
        let (arrived, order) = (Instant::ZERO, 0);
        Outgoing {
            content,
            tid,
            arrived,
            order,
            sequence,
            attempts: 1,
            in_flight: false,
            ht_control: false,
        }
    }

    fn packet() -> Content {
        Content::Msdu(Msdu {
            destination: address(7),
            source: address(8),
            priority: 0,
            ethertype: 0x0800,
            payload: vec![0x45; 1500].into(),
        })
    }

    fn sent(direction: Direction, outgoing: &Outgoing) -> Vec<u8> {
        let with = SentWith {
            transmitter: address(1),
            receiver: address(2),
            direction,
            duration: Duration::from_micros(48),
            more_data: true,
            power_management: false,
            end_of_service_period: false,
            reverse_grant: false,
        };
        let mut mpdu = vec![];
        outgoing.emit(&with, &mut mpdu);
        assert_eq!(mpdu.len(), outgoing.mpdu_len());
        mpdu
    }

    #[test]
    fn an_ip_packet_of_1500_bytes_makes_mpdus_of_1538_and_1536() {
        assert_eq!(sent(Direction::FromAp, &outgoing(Some(0), packet())).len(), 1538);
        assert_eq!(sent(Direction::ToAp, &outgoing(None, packet())).len(), 1536);
    }

    #[test]
    fn addresses_go_where_the_direction_has_them() {
        let bssid = address(9);
        for direction in [Direction::FromAp, Direction::ToAp, Direction::Direct { bssid }] {
            let mpdu = sent(direction, &outgoing(Some(5), packet()));
            let frame = Frame::parse(fcs::strip(&mpdu).unwrap()).unwrap();
            let Frame::Data(data) = frame else { panic!("{frame:?}") };
            assert_eq!(data.header.receiver, address(2));
            assert_eq!(data.header.transmitter, address(1));
            let third = match direction {
                Direction::FromAp => address(8),
                Direction::ToAp => address(7),
                Direction::Direct { bssid } => bssid,
            };
            assert_eq!(data.header.address3, third);
            assert_eq!(data.header.qos.map(QosControl::tid), Some(5));
            let control = data.header.frame_control;
            assert!(control.retry() && control.more_data() && !control.power_management());
        }
    }

    #[test]
    fn a_null_frame_has_a_header_only() {
        assert_eq!(sent(Direction::ToAp, &outgoing(None, Content::Null)).len(), 28);
    }
}
