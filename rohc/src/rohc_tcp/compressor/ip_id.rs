//! Which `ip_id_behavior` the innermost IPv4 header gets (RFC 6846 section 6.1.2).

use crate::rohc_tcp::fields::IpIdBehavior;

/// The largest step of an IP-ID that counts as sequential.
const MAX_STEP: u16 = 20;
/// Steps of another kind, in a row, that change a sequential behavior.
const MISSES: u8 = 2;
/// Sequential steps in a row that end a random one.
const PROOF: u8 = 6;

/// Follows the IP-ID of a flow.
#[derive(Debug, Clone, Default)]
pub(super) struct IpId {
    behavior: IpIdBehavior,
    last: u16,
    /// What the last steps in a row looked like, where it was not the behavior in use.
    other: IpIdBehavior,
    others: u8,
}

impl IpId {
    /// Starts with a flow's first IP-ID: most hosts count.
    pub fn new(version: u8, first: u16) -> Self {
        let behavior = match (version, first) {
            (6, _) => IpIdBehavior::Random,
            (_, 0) => IpIdBehavior::Zero,
            _ => IpIdBehavior::Sequential,
        };
        Self { behavior, last: first, other: behavior, others: 0 }
    }

    /// The behavior to use for the next IP-ID of an IPv4 header.
    pub fn observe(&mut self, ip_id: u16) -> IpIdBehavior {
        let seen = kind_of_step(self.last, ip_id);
        self.last = ip_id;
        if seen == self.behavior {
            self.others = 0;
            return self.behavior;
        }
        self.others = if seen == self.other { self.others.saturating_add(1) } else { 1 };
        self.other = seen;
        let due = match self.behavior {
            IpIdBehavior::Zero => ip_id != 0,
            IpIdBehavior::Random => self.others >= PROOF,
            IpIdBehavior::Sequential | IpIdBehavior::SequentialSwapped => self.others >= MISSES,
        };
        if due {
            self.behavior = seen;
            self.others = 0;
        }
        self.behavior
    }
}

fn kind_of_step(last: u16, ip_id: u16) -> IpIdBehavior {
    let counts = |last: u16, ip_id: u16| (1..=MAX_STEP).contains(&ip_id.wrapping_sub(last));
    if ip_id == 0 && last == 0 {
        IpIdBehavior::Zero
    } else if counts(last, ip_id) {
        IpIdBehavior::Sequential
    } else if counts(last.swap_bytes(), ip_id.swap_bytes()) {
        IpIdBehavior::SequentialSwapped
    } else {
        IpIdBehavior::Random
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(first: u16, ip_ids: &[u16]) -> IpIdBehavior {
        let mut ip_id = IpId::new(4, first);
        ip_ids.iter().map(|next| ip_id.observe(*next)).last().unwrap()
    }

    #[test]
    fn each_behavior_is_recognised() {
        assert_eq!(after(7, &[8, 9, 11]), IpIdBehavior::Sequential);
        assert_eq!(after(0x0100, &[0x0200, 0x0300]), IpIdBehavior::SequentialSwapped);
        assert_eq!(after(7, &[9000, 123, 777]), IpIdBehavior::Random);
        assert_eq!(after(0, &[0, 0]), IpIdBehavior::Zero);
    }

    #[test]
    fn zero_ends_at_once_and_a_lost_stretch_is_forgiven() {
        assert_eq!(after(0, &[5000]), IpIdBehavior::Random);
        assert_eq!(after(7, &[8, 900, 901]), IpIdBehavior::Sequential);
    }
}
