use std::collections::VecDeque;

use crate::MacAddr;

/// Stations that may be associated at once.
const MAX_MEMBERS: usize = 256;
/// Stations that have authenticated and not associated, of which the last ones are remembered.
const MAX_AUTHENTICATED: usize = 64;

/// Who is in which state of 11.3.1: authenticated, or associated as well; all others are in
/// neither. Both tables have a limit, since anybody can fill them.
#[derive(Debug, Default)]
pub(super) struct Members {
    authenticated: VecDeque<MacAddr>,
    associated: Vec<Member>,
}

/// A station that is associated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) address: MacAddr,
    /// Its association identifier.
    pub(super) aid: u16,
    pub(super) standing: Standing,
}

/// How sure the AP is that a station is associated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It has not acknowledged the answer to its request yet; it may send, but is sent nothing.
    Answered,
    /// It is.
    Associated,
    /// It was silent for so long that it has been asked.
    Asked,
}

impl Members {
    pub(super) fn authenticate(&mut self, address: MacAddr) {
        self.deauthenticate(address);
        if self.authenticated.len() >= MAX_AUTHENTICATED {
            self.authenticated.pop_front();
        }
        self.authenticated.push_back(address);
    }

    pub(super) fn deauthenticate(&mut self, address: MacAddr) {
        self.authenticated.retain(|authenticated| *authenticated != address);
    }

    pub(super) fn is_authenticated(&self, address: MacAddr) -> bool {
        self.authenticated.contains(&address) || self.get(address).is_some()
    }

    /// A station with an association identifier of its own, the one it has if it is associated
    /// already; `None` if there are too many.
    pub(super) fn associate(&mut self, address: MacAddr) -> Option<Member> {
        let known = self.remove(address).map(|member| member.aid);
        let free = || (1..=MAX_MEMBERS as u16).find(|aid| self.iter().all(|m| m.aid != *aid));
        let member = Member { address, aid: known.or_else(free)?, standing: Standing::Answered };
        self.associated.push(member);
        // It is remembered there for as long as it is associated, and after it.
        self.deauthenticate(address);
        Some(member)
    }

    /// Ends an association; the station stays authenticated.
    pub(super) fn remove(&mut self, address: MacAddr) -> Option<Member> {
        let index = self.associated.iter().position(|member| member.address == address)?;
        self.authenticate(address);
        Some(self.associated.swap_remove(index))
    }

    pub(super) fn get(&self, address: MacAddr) -> Option<&Member> {
        self.associated.iter().find(|member| member.address == address)
    }

    pub(super) fn get_mut(&mut self, address: MacAddr) -> Option<&mut Member> {
        self.associated.iter_mut().find(|member| member.address == address)
    }

    /// Whether a station may be sent data.
    pub(super) fn is_associated(&self, address: MacAddr) -> bool {
        self.get(address).is_some_and(|member| member.standing != Standing::Answered)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Member> {
        self.associated.iter_mut()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Member> {
        self.associated.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(number: u16) -> MacAddr {
        let [high, low] = number.to_be_bytes();
        MacAddr([2, 0, 0, 0, high, low])
    }

    #[test]
    fn identifiers_are_used_again_and_kept_by_who_has_one() {
        let mut members = Members::default();
        let aids = [5, 6, 7].map(|n| members.associate(address(n)).unwrap().aid);
        assert_eq!(aids, [1, 2, 3]);
        assert_eq!(members.associate(address(6)).unwrap().aid, 2);
        members.remove(address(5));
        assert_eq!(members.associate(address(8)).unwrap().aid, 1);
    }

    #[test]
    fn whoever_is_no_longer_associated_is_still_authenticated() {
        let mut members = Members::default();
        members.associate(address(1));
        members.remove(address(1));
        assert!(members.is_authenticated(address(1)) && !members.is_associated(address(1)));
    }

    #[test]
    fn both_tables_have_a_limit() {
        let mut members = Members::default();
        for number in 0..1000 {
            members.authenticate(address(number));
            let member = members.associate(address(number));
            assert_eq!(member.is_some(), usize::from(number) < MAX_MEMBERS);
        }
        assert_eq!(members.authenticated.len(), MAX_AUTHENTICATED);
        assert!(members.is_authenticated(address(999)) && !members.is_authenticated(address(900)));
    }
}
